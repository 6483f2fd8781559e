import { sizeOf } from '@alexnet/core';
import type { AttributeReader } from '../attribute-reader.ts';
import type { Budget } from './budget.ts';
import { type Constant, makeFloats } from './constant.ts';
import type { OnnxGraphNode } from './graph-node.ts';
import { refuse } from './refusal.ts';

/**
 * Quantised weights as floats: (x − zero point) · scale, by one scale for all or by one for each length of an axis.
 *
 * @see ONNX DequantizeLinear-10, 13, 19, 21
 */
export function dequantize(
  node: OnnxGraphNode,
  [x, scale, zeroPoint]: readonly Constant[],
  { attributes, budget }: { readonly attributes: AttributeReader; readonly budget: Budget },
): Constant | undefined {
  if (x?.type !== 'integer' || scale?.type !== 'float' || x.batch) return undefined;
  attributes.expectInteger('block_size', 0);
  const { shape, data } = x;
  const rows = scale.data.length;
  const given = attributes.integer('axis', 1);
  const axis = given < 0 ? given + shape.length : given;
  if (rows !== 1 && rows !== shape[axis]) {
    throw refuse(node, `has ${rows} scales for [${shape.join(', ')}] along axis ${axis}`);
  }
  if (zeroPoint && zeroPoint.data.length !== rows) {
    throw refuse(node, `has ${rows} scales, but ${zeroPoint.data.length} zero points`);
  }
  budget.take(node.name, data.length);
  const inner = rows === 1 ? data.length : sizeOf(shape.slice(axis + 1));
  const floats = new Float32Array(data.length);
  for (let begin = 0, row = 0; begin < floats.length; begin += inner, row = (row + 1) % rows) {
    const factor = scale.data[row] ?? Number.NaN;
    const zero = zeroPoint?.data[row] ?? 0;
    const end = begin + inner;
    for (let i = begin; i < end; i++) floats[i] = ((data[i] as number) - zero) * factor;
  }
  return withName(node, makeFloats(shape, floats));
}

/** The node gives its constant, which stands in the file in smaller numbers, a name. */
export function withName({ outputs: [output] }: OnnxGraphNode, constant: Constant): Constant {
  return output ? { ...constant, source: output } : constant;
}
