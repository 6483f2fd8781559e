import { createTensor, invariant } from '@alexnet/core';
import { encodeModel } from '@alexnet/export';
import { floats, toArrays, toTensors } from './state-arrays.ts';
import type { StatefulSession, StatefulSessionOptions } from './stateful-session.ts';

/** The plain way, right on any release: a run's outputs are the next one's inputs. */
export async function createMovingSession({
  ort,
  model: { model, state: arrays, results: wanted },
  state,
  createSession,
}: StatefulSessionOptions): Promise<StatefulSession> {
  const session = await createSession(encodeModel(model));
  const tensors = toTensors(ort, state);
  return {
    tensors,
    read: async () => toArrays(tensors),
    clear: (inputs) => {
      for (const input of inputs) {
        const { data, shape } = createTensor(tensors[input]?.dims ?? []);
        tensors[input] = new ort.Tensor('float32', data, shape);
      }
    },
    run: async (feeds) => {
      const results = await session.run({ ...feeds, ...tensors });
      for (const { input, output } of arrays) {
        const next = results[output];
        invariant(next, `onnxruntime returned no ${output}`);
        tensors[input] = next;
      }
      return Object.fromEntries(wanted.map((name) => [name, floats(results[name])] as const));
    },
    release: () => session.release(),
  };
}
