import { createTensor, type Shape } from '@alexnet/core';
import { encodeModel } from '@alexnet/export';
import { pick, pickField } from '../pick.ts';
import { toTensors } from './state-arrays.ts';
import type { StatefulModel, StatefulSession, StatefulSessionOptions } from './stateful-session.ts';
import { runUncopied, withSequenceOutput } from './uncopied-outputs.ts';

export interface InPlaceModel extends StatefulModel {
  /** Shapes of the results. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Name of an input of one number. */
  readonly scalar: string;
}

/**
 * The quick way, where `probeUncopiedOutputs` allows it: the state stays in its arrays, each run writes the new values
 * over the old ones. The models are built so that every reader of an array runs before its writer
 * (`checkInPlaceUpdate`).
 */
export async function createInPlaceSession({
  ort,
  model: { model, state: arrays, results, shapes, scalar },
  state,
  createSession,
}: StatefulSessionOptions<InPlaceModel>): Promise<StatefulSession> {
  const session = await createSession(encodeModel(withSequenceOutput(model, scalar)));
  const tensors = toTensors(ort, state);
  const buffers = results.map((name) => [name, createTensor(pickField(shapes, name))] as const);
  const places = arrays.flatMap(({ input, output, shape, stages = [] }) => {
    const { data } = pick(state, input);
    return [...stages, { output, shape }].map((at) => [at.output, { ...at, data }] as const);
  });
  const outputs = toTensors(ort, new Map([...buffers, ...places]));
  return {
    tensors,
    read: async () => state,
    clear: (inputs) => {
      for (const input of inputs) pick(state, input).data.fill(0);
    },
    run: async (feeds) => {
      await runUncopied(session, { ...feeds, ...tensors }, outputs);
      return Object.fromEntries(buffers.map(([name, { data }]) => [name, data.slice()] as const));
    },
    release: () => session.release(),
  };
}
