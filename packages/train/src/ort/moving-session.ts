import { createTensor } from '@alexnet/core';
import { encodeModel } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import { pickField } from '../pick.ts';
import { readTensors } from './read-tensors.ts';
import { floats, toTensors } from './state-arrays.ts';
import type { StatefulSession, StatefulSessionOptions } from './stateful-session.ts';

/** The plain way, right on any release: a run's outputs are the next one's inputs, wherever they lie. */
export async function createMovingSession({
  ort,
  model: { model, state: arrays, results: wanted },
  state,
  createSession,
}: StatefulSessionOptions): Promise<StatefulSession> {
  const session = await createSession(encodeModel(model), arrays);
  const tensors = toTensors(ort, state);
  const replace = (input: string, next: Ort.Tensor) => {
    free(pickField(tensors, input));
    tensors[input] = next;
  };
  return {
    tensors,
    read: () => readTensors(tensors, createSession),
    clear: (inputs) => {
      for (const input of inputs) {
        const { data, shape } = createTensor(pickField(tensors, input).dims);
        replace(input, new ort.Tensor('float32', data, shape));
      }
    },
    run: async (feeds) => {
      const results = await session.run({ ...feeds, ...tensors });
      for (const { input, output } of arrays) {
        replace(input, pickField(results, output));
      }
      return Object.fromEntries(
        wanted.map((name) => [name, floats(pickField(results, name))] as const),
      );
    },
    release: async () => {
      Object.values(tensors).forEach(free);
      await session.release();
    },
  };
}

/** Frees a buffer of a device; arrays of the host are the garbage collector's. */
function free(tensor: Ort.Tensor): void {
  if (tensor.location !== 'cpu') tensor.dispose();
}
