import type { Tensor } from '@alexnet/core';
import { DataType, encodeModel, type ModelProto } from '@alexnet/export';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';

/**
 * One forward pass in onnxruntime on the CPU.
 *
 * @param taps - values to return, by name
 */
export async function runForward(
  model: ModelProto,
  image: Tensor,
  taps: readonly string[],
): Promise<ReadonlyMap<string, Float32Array>> {
  const type = { tensorType: { elemType: DataType.float } };
  const known = new Set(model.graph.output.map(({ name }) => name));
  const added = taps.filter((name) => !known.has(name)).map((name) => ({ name, type }));
  const output = [...model.graph.output, ...added];
  const session = await InferenceSession.create(
    encodeModel({ ...model, graph: { ...model.graph, output } }),
    { executionProviders: ['cpu'] },
  );
  const results = await session.run({
    [model.graph.input[0]?.name ?? '']: new OrtTensor('float32', image.data, image.shape),
  });
  await session.release();
  return new Map(
    taps.map((name) => {
      const value = results[name]?.data;
      if (!(value instanceof Float32Array))
        throw new Error(`onnxruntime gave no floats as ${name}`);
      return [name, value];
    }),
  );
}
