import { createOnnxBuilder, encodeModel } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import { type StateArrays, type StateTensors, toArrays } from './state-arrays.ts';

const COPY = 'copy/';

/**
 * Arrays on the host, of tensors that may lie on a device. They come as the outputs of a model that does nothing:
 * `Tensor.getData` of onnxruntime-node 1.30 ends the process where it is to read a buffer of WebGPU ("terminate called
 * after throwing an instance of 'char const*'").
 */
export async function readTensors(
  tensors: StateTensors,
  createSession: (model: Uint8Array) => Promise<Ort.InferenceSession>,
): Promise<StateArrays> {
  const away = Object.entries(tensors).filter(([, { location }]) => location !== 'cpu');
  if (away.length === 0) return toArrays(tensors);
  const builder = createOnnxBuilder('copy');
  for (const [name, { dims }] of away) {
    const copy = builder.op(
      'Identity',
      [builder.input(name, 'float32', dims)],
      {},
      { output: COPY + name },
    );
    builder.output(copy, 'float32', dims);
  }
  const session = await createSession(encodeModel(builder.build()));
  try {
    const copies = await session.run(Object.fromEntries(away));
    const read = Object.entries(copies).map(([name, copy]) => [name.slice(COPY.length), copy]);
    return toArrays({ ...tensors, ...Object.fromEntries(read) });
  } finally {
    await session.release();
  }
}
