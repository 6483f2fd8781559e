import { type OptimizerConfig, optimizerScalars, type TrainingStep } from '@alexnet/autodiff';
import type { Shape } from '@alexnet/core';
import { encodeModel, type ModelProto } from '@alexnet/export';
import ort from 'onnxruntime-node';

export interface StepFeeds {
  readonly image: Float32Array;
  readonly target: Float32Array;
  readonly normalizer: number;
  /** By Dropout node. */
  readonly masks: ReadonlyMap<string, Float32Array>;
}

export interface StepResults {
  readonly loss: number;
  readonly logits: Float32Array;
  /** By parameter; empty with `update`. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

export interface ArrayWithShape {
  readonly shape: Shape;
  readonly data: Float32Array;
}

export async function createSession(
  model: ModelProto,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(encodeModel(model), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 2,
    enableMemPattern: false,
    logSeverityLevel: 3,
    ...options,
  });
}

/** Runs the `gradients` form once. */
export async function runGradients(
  step: TrainingStep,
  parameters: ReadonlyMap<string, ArrayWithShape>,
  feeds: StepFeeds,
): Promise<StepResults> {
  const session = await createSession(step.model);
  try {
    const results = await session.run({ ...toInputs(step, feeds), ...toTensors(parameters) });
    return {
      loss: readFloats(results, step.loss)[0] ?? Number.NaN,
      logits: readFloats(results, step.logits),
      gradients: new Map(
        step.gradients.map(({ parameter, output }) => [parameter, readFloats(results, output)]),
      ),
    };
  } finally {
    await session.release();
  }
}

/**
 * Runs the `update` form step by step.
 *
 * @param weights - changed
 * @returns the loss of every step
 */
export async function runUpdates(
  step: TrainingStep,
  weights: ReadonlyMap<string, ArrayWithShape>,
  { config, learningRates, feedsOf, inPlace }: UpdateRun,
): Promise<readonly number[]> {
  const session = await createSession(step.model);
  const state = toTensors(weights);
  for (const { slot, input, shape } of step.state) {
    if (slot !== null) state[input] = toTensor(new Float32Array(sizeOf(shape)), shape);
  }
  const losses: number[] = [];
  try {
    for (const [index, learningRate] of learningRates.entries()) {
      const scalars = optimizerScalars(config, { step: index + 1, learningRate });
      const inputs = toInputs(step, feedsOf(index + 1));
      for (const name of step.scalars) {
        inputs[name] = toTensor(Float32Array.of(scalars[name] ?? Number.NaN), [1]);
      }
      const fetches: Record<string, ort.Tensor | null> = { [step.loss]: null };
      for (const { input, output } of step.state) {
        fetches[output] = inPlace ? (state[input] ?? expectNever(input)) : null;
      }
      const results = await session.run({ ...inputs, ...state }, fetches);
      losses.push(readFloats(results, step.loss)[0] ?? Number.NaN);
      if (inPlace) continue;
      for (const { input, output } of step.state) {
        state[input] = results[output] ?? expectNever(output);
      }
    }
  } finally {
    await session.release();
  }
  for (const [name, { data }] of weights) data.set(readFloats(state, name));
  return losses;
}

export interface UpdateRun {
  readonly config: OptimizerConfig;
  /** One a step. */
  readonly learningRates: readonly number[];
  /** @param step - from 1 */
  feedsOf(step: number): StepFeeds;
  /** Whether new arrays are written over the old ones. */
  readonly inPlace: boolean;
}

function toInputs(step: TrainingStep, feeds: StepFeeds): Record<string, ort.Tensor> {
  const inputs: Record<string, ort.Tensor> = {
    [step.image.name]: toTensor(feeds.image, step.image.shape),
    [step.target.name]: toTensor(feeds.target, step.target.shape),
    [step.normalizer]: toTensor(Float32Array.of(feeds.normalizer), [1]),
  };
  for (const { name, node, shape } of step.masks) {
    inputs[name] = toTensor(feeds.masks.get(node) ?? expectNever(node), shape);
  }
  return inputs;
}

export function toTensors(arrays: ReadonlyMap<string, ArrayWithShape>): Record<string, ort.Tensor> {
  return Object.fromEntries(
    [...arrays].map(([name, { data, shape }]) => [name, toTensor(data, shape)]),
  );
}

function toTensor(data: Float32Array, shape: Shape): ort.Tensor {
  return new ort.Tensor('float32', data, shape);
}

export function readFloats(
  results: ort.InferenceSession.OnnxValueMapType,
  name: string,
): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`${name} is no float32 tensor`);
  return data;
}

function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

function expectNever(name: string): never {
  throw new Error(`the test gives no "${name}"`);
}
