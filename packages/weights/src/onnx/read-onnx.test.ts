import { createModel, isAlexNetError } from '@alexnet/core';
import { encodeModel, type ModelProto, type NodeProto, toOnnx } from '@alexnet/export';
import { describe, expect, test } from 'vitest';
import { readOnnx } from './read-onnx.ts';

async function refusal(model: ModelProto): Promise<{ message: string; hint: string | undefined }> {
  const source = { name: 'x.onnx', bytes: encodeModel(model), sibling: async () => null };
  try {
    await readOnnx(source);
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    const { message, hint } = error;
    return { message: `${error.code}: ${message}`, hint };
  }
  throw new Error('Nothing was refused.');
}

/** The picture goes through an operator that nobody knows. */
function addMystery(model: ModelProto): ModelProto {
  const [first, ...others] = model.graph.node;
  if (!first) throw new Error('There is no node.');
  const [image = '', ...weights] = first.input;
  const mystery: NodeProto = { opType: 'Mystery', input: [image], output: ['x'], attribute: [] };
  const node = [mystery, { ...first, input: ['x', ...weights] }, ...others];
  return { ...model, graph: { ...model.graph, node } };
}

describe('a graph that is not read', () => {
  const alexnet = toOnnx(createModel('mini'));

  test('of an AlexNet is refused by what is not read', async () => {
    const { message } = await refusal(addMystery(alexnet));
    expect(message).toMatch(/^UNSUPPORTED: x\.onnx: .*Mystery/);
    expect(message).not.toContain('expected');
  });

  test('of another network is refused by the first layer that does not fit, with a table', async () => {
    const [kernel] = alexnet.graph.initializer;
    if (!kernel) throw new Error('There is no kernel.');
    // 64 kernels of 3×3, as other networks begin, in place of the 11×11 of conv1.
    const dims = [64, 3, 3, 3];
    const bytes = new Uint8Array(4 * 64 * 3 * 3 * 3);
    const initializer = [
      { ...kernel, dims, rawData: bytes },
      ...alexnet.graph.initializer.slice(1),
    ];
    const other = { ...alexnet, graph: { ...alexnet.graph, initializer } };
    const { message } = await refusal(addMystery(other));
    expect(message).toMatch(/^UNSUPPORTED: x\.onnx is of no AlexNet .* the nearest preset, "/);
    expect(message).toMatch(/Its graph is not read either: .*Mystery/);
    expect(message).toMatch(/conv1 +\[6, 3, 11, 11\] +conv1 +\[64, 3, 3, 3\] +differs/);
  });
});
