import type { TrainingStep } from '@alexnet/autodiff';
import { AlexNetError, createTensor, sizeOf, type Tensor } from '@alexnet/core';
import { encodeModel, type ModelProto } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import type { StepOutput } from '../training-engine.ts';
import type { OrtModule } from './ort-module.ts';
import { runUncopied, withSequenceOutput } from './uncopied-outputs.ts';

/** The state's arrays, by the input of the step that reads each. */
export type StateArrays = ReadonlyMap<string, Tensor>;

/** Runs a step's model and carries the state from one run to the next. */
export interface StepRunner {
  run(feeds: Readonly<Record<string, Ort.Tensor>>): Promise<StepOutput>;
  /** What the next run reads. */
  readonly state: StateArrays;
  release(): Promise<void>;
}

export interface StepRunnerOptions {
  readonly ort: OrtModule;
  readonly plan: TrainingStep;
  readonly state: StateArrays;
  readonly createSession: (model: Uint8Array) => Promise<Ort.InferenceSession>;
}

/** The plain way, right on any release: a run's outputs are the next one's inputs. */
export async function createPlainRunner(options: StepRunnerOptions): Promise<StepRunner> {
  const { ort, plan, createSession } = options;
  const session = await createSession(encodeModel(plan.model));
  let state = options.state;
  return {
    get state() {
      return state;
    },
    run: async (feeds) => {
      const results = await session.run({ ...feeds, ...toFeeds(ort, state) });
      state = new Map(
        plan.state.map(({ input, output, shape }) => [
          input,
          { shape, data: floats(results[output]) },
        ]),
      );
      return {
        loss: floats(results[plan.loss])[0] ?? Number.NaN,
        logits: floats(results[plan.logits]),
      };
    },
    release: () => session.release(),
  };
}

/**
 * The quick way, where {@link probeUncopiedOutputs} allows it: the state stays in its arrays, each run
 * writes the new values over the old ones. The step is built so that every reader of an array runs before
 * its writer (`checkInPlaceUpdate`).
 */
export async function createInPlaceRunner({
  ort,
  plan,
  state,
  createSession,
}: StepRunnerOptions): Promise<StepRunner> {
  const model: ModelProto = withSequenceOutput(plan.model, plan.normalizer);
  const session = await createSession(encodeModel(model));
  const stateFeeds = toFeeds(ort, state);
  const loss = new Float32Array(1);
  const logits = createTensor(plan.target.shape).data;
  const outputs = {
    [plan.loss]: new ort.Tensor('float32', loss, []),
    [plan.logits]: new ort.Tensor('float32', logits, plan.target.shape),
    ...Object.fromEntries(
      plan.state.flatMap(({ input, output }) => {
        const tensor = stateFeeds[input];
        return tensor ? [[output, tensor] as const] : [];
      }),
    ),
  };
  return {
    state,
    run: async (feeds) => {
      await runUncopied(session, { ...feeds, ...stateFeeds }, outputs);
      return { loss: loss[0] ?? Number.NaN, logits: logits.slice() };
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
