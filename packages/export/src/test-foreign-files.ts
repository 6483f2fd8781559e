import { isAlexNetError } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { expect } from 'vitest';
import { createOnnxBuilder, type OnnxBuilder } from './builder.ts';
import { type ImportOptions, importOnnx } from './import-onnx.ts';
import { encodeModel } from './proto/codec.ts';

export interface Foreign {
  /** Adds nodes behind the input `x`; what it gives back is the output. */
  readonly body: (builder: OnnxBuilder) => string;
  /** [C, H, W] of the input, or with its channels last. */
  readonly shape?: readonly (number | string)[];
  readonly classes?: number | string;
  readonly opset?: number;
}

function encode({ body, shape = [1, 2, 2], classes = 'classes', opset = 13 }: Foreign): Uint8Array {
  const builder = createOnnxBuilder('main_graph');
  builder.input('x', 'float32', ['N', ...shape]);
  builder.output(body(builder), 'float32', ['N', classes]);
  const { producerName: _, ...model } = builder.build({ opset });
  return encodeModel({ ...model, producerName: 'other' });
}

export function read(foreign: Foreign, options?: ImportOptions) {
  return importOnnx(encode(foreign), options);
}

export function refusal(foreign: Foreign, options?: ImportOptions): string {
  try {
    read(foreign, options);
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    expect(error.hint).toMatch(/\w{2}/);
    return `${error.code}: ${error.message}`;
  }
  throw new Error('The model was accepted.');
}

/** What it makes of one picture. */
export function run(foreign: Foreign, picture: readonly number[], options?: ImportOptions) {
  const { graph, weights } = read(foreign, options);
  const image = { shape: [1, ...graph.input.shape], data: Float32Array.from(picture) };
  return [...(interpret(graph, weights, image).get(graph.output)?.data ?? [])];
}

export function floats(builder: OnnxBuilder, shape: readonly number[], ...values: number[]) {
  return builder.constant(Float32Array.from(values), shape);
}

/** x → Flatten → Gemm with two classes. */
export function head(builder: OnnxBuilder, x: string, features = 4): string {
  const weight = builder.constant(new Float32Array(2 * features).fill(1), [2, features]);
  const bias = floats(builder, [2], 0, 1);
  return builder.op('Gemm', [builder.op('Flatten', [x]), weight, bias], { transB: { i: 1 } });
}

export function conv(
  builder: OnnxBuilder,
  x: string,
  [out, inputs, kernel]: readonly [number, number, number],
) {
  const weight = builder.constant(new Float32Array(out * inputs * kernel ** 2).fill(0.5), [
    out,
    inputs,
    kernel,
    kernel,
  ]);
  return builder.op('Conv', [x, weight]);
}

/** A layer whose weight this is. */
export function weigh(builder: OnnxBuilder, weight: string): string {
  return builder.op('Gemm', [builder.op('Flatten', ['x']), weight]);
}
