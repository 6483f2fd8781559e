import type { NodeOf, Tensor } from '@alexnet/core';
import type { OnnxNode } from '../onnx-node.ts';
import type { OpTranslation } from './op-translation.ts';

/**
 * alpha · x · wᵀ + beta · b. The weight is [out, in], as in the IR: ONNX transposes it. What a file scales, transposes
 * or leaves out, the IR's weights have done already.
 *
 * @see ONNX Gemm-1, 6, 7, 11, 13
 */
export const gemm: OpTranslation<NodeOf<'Gemm'>> = {
  toOnnx({ op, name, inputs, output }, { builder }) {
    builder.op(op, inputs, { transB: { i: 1 } }, { name, output });
  },
  fromOnnx(node) {
    const { name, operands, output, attributes } = node;
    const alpha = attributes.float('alpha', 1);
    const beta = attributes.float('beta', 1);
    attributes.expectInteger('transA', 0);
    const isTransposed = attributes.flag('transB');
    // Of operator sets 1 to 6, which did not repeat a bias unless asked.
    attributes.ignore('broadcast');
    const [x] = operands('x', 'weight');
    const weight = node.weight(1, 'weight');
    if (weight?.shape.length !== 2)
      throw node.refuse(`has a weight of ${weight?.shape.length} axes`);
    const outIn = isTransposed ? weight : transpose(weight);
    const given = node.weight(2, 'bias');
    const bias = given && beta !== 0 ? widen(node, given, outIn.shape[0] ?? 0) : undefined;
    const isWeight = isTransposed && alpha === 1;
    const isBias = bias !== undefined && bias === given && beta === 1;
    return {
      op: 'Gemm',
      name,
      inputs: [
        x,
        isWeight ? operands('x', 'weight')[1] : node.define('weight', multiply(outIn, alpha)),
        isBias
          ? operands('x', 'weight', 'bias')[2]
          : node.define('bias', bias ? multiply(bias, beta) : zeros(outIn.shape[0] ?? 0)),
      ],
      output,
      attributes: {},
    };
  },
};

function zeros(length: number): Tensor {
  return { shape: [length], data: new Float32Array(length) };
}

function multiply(tensor: Tensor, factor: number): Tensor {
  const { shape, data } = tensor;
  return factor === 1 ? tensor : { shape, data: data.map((value) => value * factor) };
}

/** [in, out] → [out, in] */
function transpose({ shape: [rows = 0, columns = 0], data }: Tensor): Tensor {
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      turned[column * rows + row] = data[row * columns + column] ?? 0;
    }
  }
  return { shape: [columns, rows], data: turned };
}

/** The bias as one number for each output: [out] as it is, [1, out] and a single number repeated. */
function widen(node: OnnxNode, bias: Tensor, outputs: number): Tensor {
  const { shape, data } = bias;
  if (shape.length === 1 && data.length > 1) return bias;
  const isRow = shape.length === 2 && shape[0] === 1 && shape[1] === outputs;
  if (isRow) return { shape: [outputs], data };
  const [single] = data;
  if (data.length !== 1 || single === undefined) {
    throw node.refuse(
      `has a bias of [${shape.join(', ')}], not one number for each of ${outputs} outputs`,
    );
  }
  return { shape: [outputs], data: new Float32Array(outputs).fill(single) };
}
