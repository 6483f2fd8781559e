import type { Tensor } from '@alexnet/core';
import type { OnnxBuilder } from './builder.ts';
import { toHalves } from './half.ts';
import type { WeightType } from './precision.ts';
import { DataType } from './proto/messages.ts';
import { quantizeRows } from './quantize/quantize-rows.ts';

/**
 * Adds a weight under its name. Where it is kept small, a node of its name widens it: DequantizeLinear of
 * `conv1.weight/int8` with a scale for each output channel, or Cast of `conv1.weight/float16`. Biases and what a batch
 * normalisation has, of one axis, stay as they are: they are few, and errors in them do not average out.
 *
 * @throws AlexNetError `NUMERIC` for numbers that the type cannot hold
 */
export function addWeight(
  builder: OnnxBuilder,
  name: string,
  { weight, type }: { readonly weight: Tensor; readonly type: WeightType },
): void {
  const { shape, data } = weight;
  if (type === 'float32' || shape.length < 2) {
    builder.initializer(name, { dtype: 'float32', shape, data });
    return;
  }
  if (type === 'float16') {
    const halves = { dtype: 'float16', shape, data: toHalves(name, data) } as const;
    const kept = builder.initializer(`${name}/float16`, halves);
    builder.op('Cast', [kept], { to: { i: DataType.float } }, { name, output: name });
    return;
  }
  const { values, scales } = quantizeRows(name, weight);
  const kept = builder.initializer(`${name}/int8`, { dtype: 'int8', shape, data: values });
  const rows = [scales.length];
  const scale = builder.initializer(`${name}/scale`, {
    dtype: 'float32',
    shape: rows,
    data: scales,
  });
  builder.op('DequantizeLinear', [kept, scale], { axis: { i: 0 } }, { name, output: name });
}
