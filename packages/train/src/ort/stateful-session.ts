import type { StateArray } from '@alexnet/autodiff';
import { AlexNetError, createTensor, type Shape, sizeOf, type Tensor } from '@alexnet/core';
import { encodeModel, type ModelProto } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import type { OrtModule } from './ort-module.ts';
import { runUncopied, withSequenceOutput } from './uncopied-outputs.ts';

/** Arrays of a state, by the input of the model that reads each. */
export type StateArrays = ReadonlyMap<string, Tensor>;

/** A model that carries a state from one run to the next. */
export interface StatefulModel {
  readonly model: ModelProto;
  readonly state: readonly StateArray[];
  /** Shapes of the outputs that are wanted beside the state. */
  readonly results: Readonly<Record<string, Shape>>;
  /** Name of an input of one number. */
  readonly scalar: string;
}

export interface StatefulSession {
  /** @returns the results, by name; theirs to keep */
  run(feeds: Readonly<Record<string, Ort.Tensor>>): Promise<Readonly<Record<string, Float32Array>>>;
  /** What the next run reads. */
  readonly state: StateArrays;
  release(): Promise<void>;
}

export interface StatefulSessionOptions {
  readonly ort: OrtModule;
  readonly model: StatefulModel;
  /** The session's own from here on. */
  readonly state: StateArrays;
  /**
   * Whether a run writes the new state over the old one, where `probeUncopiedOutputs` allows it. The models
   * are built so that every reader of an array runs before its writer (`checkInPlaceUpdate`).
   */
  readonly inPlace: boolean;
  readonly createSession: (model: Uint8Array) => Promise<Ort.InferenceSession>;
}

export function createStatefulSession(options: StatefulSessionOptions): Promise<StatefulSession> {
  return options.inPlace ? createInPlaceSession(options) : createPlainSession(options);
}

/** The plain way, right on any release: a run's outputs are the next one's inputs. */
async function createPlainSession({
  ort,
  model: { model, state: arrays, results: wanted },
  createSession,
  ...options
}: StatefulSessionOptions): Promise<StatefulSession> {
  const session = await createSession(encodeModel(model));
  let state = options.state;
  return {
    get state() {
      return state;
    },
    run: async (feeds) => {
      const results = await session.run({ ...feeds, ...toFeeds(ort, state) });
      const moved = arrays.map(
        ({ input, output, shape }) => [input, { shape, data: floats(results[output]) }] as const,
      );
      state = new Map([...state, ...moved]);
      return Object.fromEntries(
        Object.keys(wanted).map((name) => [name, floats(results[name])] as const),
      );
    },
    release: () => session.release(),
  };
}

/** The quick way: the state stays in its arrays, each run writes the new values over the old ones. */
async function createInPlaceSession({
  ort,
  model: { model, state: arrays, results: wanted, scalar },
  state,
  createSession,
}: StatefulSessionOptions): Promise<StatefulSession> {
  const session = await createSession(encodeModel(withSequenceOutput(model, scalar)));
  const stateFeeds = toFeeds(ort, state);
  const buffers = Object.entries(wanted).map(
    ([name, shape]) => [name, createTensor(shape)] as const,
  );
  const outputs = {
    ...toFeeds(ort, new Map(buffers)),
    ...Object.fromEntries(
      arrays.flatMap(({ input, output }) => {
        const tensor = stateFeeds[input];
        return tensor ? [[output, tensor] as const] : [];
      }),
    ),
  };
  return {
    state,
    run: async (feeds) => {
      await runUncopied(session, { ...feeds, ...stateFeeds }, outputs);
      return Object.fromEntries(buffers.map(([name, { data }]) => [name, data.slice()] as const));
    },
    release: () => session.release(),
  };
}

function toFeeds(ort: OrtModule, state: StateArrays): Record<string, Ort.Tensor> {
  return Object.fromEntries(
    [...state].map(([input, { data, shape }]) => [input, new ort.Tensor('float32', data, shape)]),
  );
}

/** @throws {@link AlexNetError} `INTERNAL` if it is no float32 tensor */
export function floats(tensor: Ort.Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array) || tensor.data.length !== sizeOf(tensor.dims)) {
    throw new AlexNetError('INTERNAL', {
      message: `onnxruntime returned ${tensor ? tensor.type : 'nothing'} where float32 was expected.`,
      hint: 'Please report it with the command or the code that led here.',
    });
  }
  return tensor.data;
}
