import {
  type StateArray,
  type StepPosition,
  type TrainingLoop,
  type TrainingStep,
  type UpdateRule,
  type UpdateStep,
  updateScalars,
} from '@alexnet/autodiff';
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
  /** The running statistics after the step, by parameter. */
  readonly statistics: ReadonlyMap<string, Float32Array>;
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
      statistics: new Map(
        step.state.map(({ parameter, output }) => [parameter, readFloats(results, output)]),
      ),
    };
  } finally {
    await session.release();
  }
}

/** What steps leave behind. */
export interface UpdateResult {
  /** Of every step. */
  readonly losses: readonly number[];
  /** Weights and the optimiser's arrays, by the input that reads them. */
  readonly state: ReadonlyMap<string, Float32Array>;
}

/**
 * Runs the `update` form step by step.
 *
 * @param weights - changed where new arrays are written over the old ones
 */
export async function runUpdates(
  step: TrainingStep,
  weights: ReadonlyMap<string, ArrayWithShape>,
  { rule, learningRates, feedsOf, inPlace }: UpdateRun,
): Promise<UpdateResult> {
  const session = await createSession(step.model);
  const state = startState(weights, step.state);
  const losses: number[] = [];
  try {
    for (const [index, learningRate] of learningRates.entries()) {
      const inputs = toInputs(step, feedsOf(index + 1));
      Object.assign(inputs, toScalars(step.scalars, rule, { step: index + 1, learningRate }));
      const fetches: Record<string, ort.Tensor | null> = { [step.loss]: null };
      for (const { input, output } of step.state) {
        fetches[output] = inPlace ? (state[input] ?? expectNever(input)) : null;
      }
      const results = await session.run({ ...inputs, ...state }, fetches);
      losses.push(readFloats(results, step.loss)[0] ?? Number.NaN);
      if (!inPlace) takeState(state, step.state, results);
    }
  } finally {
    await session.release();
  }
  return { losses, state: toArrays(state) };
}

export interface LoopRun extends Omit<UpdateRun, 'inPlace'> {
  /** The last call may be shorter. */
  readonly stepsPerCall: number;
}

/** Runs the `loop` form, several steps a call, each call with the state that the one before left. */
export async function runLoop(
  { model, step, state: arrays, losses: name }: TrainingLoop,
  weights: ReadonlyMap<string, ArrayWithShape>,
  { rule, learningRates, feedsOf, stepsPerCall }: LoopRun,
): Promise<UpdateResult> {
  const session = await createSession(model);
  const state = startState(weights, arrays);
  const losses: number[] = [];
  try {
    for (let done = 0; done < learningRates.length; done += stepsPerCall) {
      const each = learningRates.slice(done, done + stepsPerCall).map((learningRate, i) => ({
        ...toInputs(step, feedsOf(done + i + 1)),
        ...toScalars(step.scalars, rule, { step: done + i + 1, learningRate }),
      }));
      const results = await session.run({ ...stack(each), ...state });
      losses.push(...readFloats(results, name));
      takeState(state, arrays, results);
    }
  } finally {
    await session.release();
  }
  return { losses, state: toArrays(state) };
}

/** The tensors of several steps, one behind the other: [K, …]. */
function stack(each: readonly Readonly<Record<string, ort.Tensor>>[]): Record<string, ort.Tensor> {
  return Object.fromEntries(
    Object.entries(each[0] ?? {}).map(([name, { dims }]) => {
      const data = each.flatMap((inputs) => [...readFloats(inputs, name)]);
      return [name, toTensor(Float32Array.from(data), [each.length, ...dims])];
    }),
  );
}

/**
 * Runs the `gradient-sums` form on each part of a batch, then the update.
 *
 * @param run.feedsOf - of the whole batch
 */
export async function runSummedUpdates(
  { step, update }: { readonly step: TrainingStep; readonly update: UpdateStep },
  weights: ReadonlyMap<string, ArrayWithShape>,
  { rule, learningRates, feedsOf }: Omit<UpdateRun, 'inPlace'>,
): Promise<UpdateResult> {
  const forward = await createSession(step.model);
  const apply = await createSession(update.model);
  const state = startState(weights, update.state);
  const losses: number[] = [];
  try {
    for (const [index, learningRate] of learningRates.entries()) {
      const parts = splitFeeds(step, feedsOf(index + 1));
      const sums = startState(new Map(), step.state);
      let loss = 0;
      for (const part of parts) {
        const results = await forward.run({
          ...toInputs(step, part),
          ...sums,
          ...Object.fromEntries(
            [...weights.keys()].map((name) => [name, state[name] ?? expectNever(name)]),
          ),
        });
        loss += readFloats(results, step.loss)[0] ?? Number.NaN;
        takeState(sums, step.state, results);
      }
      losses.push(loss);
      const scalars = toScalars(update.scalars, rule, { step: index + 1, learningRate });
      takeState(state, update.state, await apply.run({ ...state, ...sums, ...scalars }));
    }
  } finally {
    await forward.release();
    await apply.release();
  }
  return { losses, state: toArrays(state) };
}

/** A batch in parts of the step's size; each part's loss is divided by all pictures. */
function splitFeeds(
  { batchSize, image, target, masks }: TrainingStep,
  feeds: StepFeeds,
): StepFeeds[] {
  const parts = feeds.image.length / sizeOf(image.shape);
  const part = (values: Float32Array, shape: Shape, i: number) =>
    values.subarray(i * sizeOf(shape), (i + 1) * sizeOf(shape));
  return Array.from({ length: parts }, (_part, i) => ({
    image: part(feeds.image, image.shape, i),
    target: part(feeds.target, target.shape, i),
    normalizer: parts * batchSize,
    masks: new Map(
      masks.map(({ node, shape }) => [
        node,
        part(feeds.masks.get(node) ?? expectNever(node), shape, i),
      ]),
    ),
  }));
}

function startState(
  weights: ReadonlyMap<string, ArrayWithShape>,
  arrays: readonly StateArray[],
): Record<string, ort.Tensor> {
  const state = toTensors(weights);
  for (const { slot, input, shape } of arrays) {
    if (slot !== null) state[input] = toTensor(new Float32Array(sizeOf(shape)), shape);
  }
  return state;
}

function takeState(
  state: Record<string, ort.Tensor>,
  arrays: readonly StateArray[],
  results: ort.InferenceSession.OnnxValueMapType,
): void {
  for (const { input, output } of arrays) state[input] = results[output] ?? expectNever(output);
}

function toScalars(
  names: readonly string[],
  rule: UpdateRule,
  at: StepPosition,
): Record<string, ort.Tensor> {
  const values = updateScalars(rule, at);
  return Object.fromEntries(
    names.map((name) => [name, toTensor(Float32Array.of(values[name] ?? Number.NaN), [1])]),
  );
}

function toArrays(state: Record<string, ort.Tensor>): ReadonlyMap<string, Float32Array> {
  return new Map(Object.keys(state).map((name) => [name, readFloats(state, name)]));
}

export interface UpdateRun {
  readonly rule: UpdateRule;
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
