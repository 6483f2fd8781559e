import {
  buildTrainingStep,
  buildUpdate,
  type ConvolutionRecipe,
  type MaskInput,
  type ParameterFactors,
  type StateArray,
  type TrainingStep,
  type UpdateRule,
} from '@alexnet/autodiff';
import {
  createTensor,
  type Graph,
  type Parameter,
  type Shape,
  sizeOf,
  type Tensor,
} from '@alexnet/core';
import type { ModelProto } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import { joinOutputs } from '../step/join-outputs.ts';
import type { StepOutput } from '../training-engine.ts';
import type { OrtModule } from './ort-module.ts';
import {
  createStatefulSession,
  type StateArrays,
  type StatefulModel,
  type StatefulSession,
} from './stateful-session.ts';

/** What a step is made of. */
export interface StepPlan extends UpdateRule {
  readonly graph: Graph;
  /** Pictures of a step. */
  readonly batchSize: number;
  /** Parts of the batch that are computed one after another. */
  readonly microBatches: number;
  readonly blockedChannels: number | null;
  readonly convolutions?: ConvolutionRecipe;
  readonly trainable: (parameter: string) => boolean;
  readonly factorsOf: (parameter: string) => ParameterFactors;
}

/** What one step is fed with, for the whole batch. */
export interface StepFeeds {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly normalizer: number;
  /** By Dropout node. */
  readonly masks: ReadonlyMap<string, Float32Array>;
  /** Of the update, by name. */
  readonly scalars: Readonly<Record<string, number>>;
}

/** Takes steps and carries the state from one to the next. */
export interface StepRunner {
  run(feeds: StepFeeds): Promise<StepOutput>;
  /** Of the whole batch. */
  readonly masks: readonly MaskInput[];
  /** What is in `state`: parameters that learn, the optimiser's arrays, running statistics. */
  readonly arrays: readonly StateArray[];
  readonly state: StateArrays;
  /** The parameters that are not in `state`. */
  readonly frozen: StateArrays;
  release(): Promise<void>;
}

export interface StepRunnerOptions {
  readonly ort: OrtModule;
  readonly plan: StepPlan;
  /** Gives the arrays of the state, which are the runner's own from here on. */
  readonly takeState: (arrays: readonly StateArray[]) => StateArrays;
  /** Gives parameters that no step changes. */
  readonly takeFrozen: (parameters: readonly Parameter[]) => StateArrays;
  readonly inPlace: boolean;
  readonly createSession: (model: Uint8Array) => Promise<Ort.InferenceSession>;
}

export function createStepRunner(options: StepRunnerOptions): Promise<StepRunner> {
  return options.plan.microBatches === 1 ? createWholeRunner(options) : createSumRunner(options);
}

/** A step as one model. */
async function createWholeRunner(options: StepRunnerOptions): Promise<StepRunner> {
  const { ort, plan, takeState, takeFrozen } = options;
  const { graph, ...rest } = plan;
  const step = buildTrainingStep(graph, { ...rest, form: 'update' });
  const frozen = takeFrozen(selectOthers(graph, step.state));
  const session = await createStatefulSession({
    ...options,
    model: toStatefulModel(step),
    state: takeState(step.state),
  });
  return {
    masks: step.masks,
    arrays: step.state,
    frozen,
    get state() {
      return session.state;
    },
    run: async (feeds) =>
      toOutput(
        await session.run({
          ...toTensors(ort, selectInputs(step.model, frozen)),
          ...toInputs(ort, step, feeds),
          ...toScalars(ort, feeds.scalars),
        }),
      ),
    release: () => session.release(),
  };
}

/** A step as two models: gradients, summed over the parts of the batch, and the update. */
async function createSumRunner(options: StepRunnerOptions): Promise<StepRunner> {
  const { ort, plan, takeState, takeFrozen } = options;
  const { graph, batchSize, microBatches, ...rest } = plan;
  const part = batchSize / microBatches;
  const step = buildTrainingStep(graph, { ...rest, batchSize: part, form: 'gradient-sums' });
  const update = buildUpdate(graph, rest);
  const summed = new Set(update.gradients.map(({ input }) => input));
  const statistics = step.state.filter(({ input }) => !summed.has(input));
  const sums = new Map(
    step.state
      .filter(({ input }) => summed.has(input))
      .map(({ input, shape }) => [input, createTensor(shape)] as const),
  );
  const arrays = [...update.state, ...statistics];
  const frozen = takeFrozen(selectOthers(graph, arrays));
  const gradients = await createStatefulSession({
    ...options,
    model: toStatefulModel(step),
    state: new Map([...sums, ...takeState(statistics)]),
  });
  const updates = await createStatefulSession({
    ...options,
    model: {
      model: update.model,
      state: update.state,
      results: {},
      scalar: update.scalars[0] ?? '',
    },
    state: takeState(update.state),
  });
  const clearSums = () => {
    for (const name of summed) gradients.state.get(name)?.data.fill(0);
  };
  return {
    masks: step.masks.map((mask) => ({ ...mask, shape: withBatch(mask.shape, batchSize) })),
    arrays,
    frozen,
    get state() {
      return new Map([
        ...updates.state,
        ...[...gradients.state].filter(([name]) => !summed.has(name)),
      ]);
    },
    run: async (feeds) => {
      clearSums();
      const outputs: StepOutput[] = [];
      for (let index = 0; index < microBatches; index++) {
        const results = await gradients.run({
          ...toTensors(ort, selectInputs(step.model, new Map([...frozen, ...updates.state]))),
          ...toInputs(ort, step, takePart(step, feeds, index)),
        });
        outputs.push(toOutput(results));
      }
      const totals = new Map([...gradients.state].filter(([name]) => summed.has(name)));
      await updates.run({ ...toTensors(ort, totals), ...toScalars(ort, feeds.scalars) });
      return joinOutputs(outputs);
    },
    release: () => releaseAll([gradients, updates]),
  };
}

function toStatefulModel(step: TrainingStep): StatefulModel {
  return {
    model: step.model,
    state: step.state,
    results: { [step.loss]: [], [step.logits]: step.target.shape },
    scalar: step.normalizer,
  };
}

function toOutput({ loss, logits }: Readonly<Record<string, Float32Array>>): StepOutput {
  return { loss: loss?.[0] ?? Number.NaN, logits: logits ?? new Float32Array() };
}

function takePart(step: TrainingStep, feeds: StepFeeds, index: number): StepFeeds {
  const part = (values: Float32Array, shape: Shape) =>
    values.subarray(index * sizeOf(shape), (index + 1) * sizeOf(shape));
  return {
    ...feeds,
    images: part(feeds.images, step.image.shape),
    targets: part(feeds.targets, step.target.shape),
    masks: new Map(
      step.masks.map(({ node, shape }) => [
        node,
        part(feeds.masks.get(node) ?? new Float32Array(), shape),
      ]),
    ),
  };
}

function toInputs(
  ort: OrtModule,
  { image, target, normalizer, masks }: TrainingStep,
  feeds: StepFeeds,
): Record<string, Ort.Tensor> {
  return {
    ...toTensors(
      ort,
      new Map<string, Tensor>([
        [image.name, { shape: image.shape, data: feeds.images }],
        [target.name, { shape: target.shape, data: feeds.targets }],
        ...masks.map(({ name, node, shape }): [string, Tensor] => [
          name,
          { shape, data: feeds.masks.get(node) ?? new Float32Array() },
        ]),
      ]),
    ),
    ...toScalars(ort, { [normalizer]: feeds.normalizer }),
  };
}

function toScalars(
  ort: OrtModule,
  values: Readonly<Record<string, number>>,
): Record<string, Ort.Tensor> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      new ort.Tensor('float32', Float32Array.of(value), [1]),
    ]),
  );
}

function toTensors(ort: OrtModule, arrays: StateArrays): Record<string, Ort.Tensor> {
  return Object.fromEntries(
    [...arrays].map(([name, { data, shape }]) => [name, new ort.Tensor('float32', data, shape)]),
  );
}

/** Those that a model reads: an unused parameter is no input of it. */
function selectInputs({ graph }: ModelProto, arrays: StateArrays): StateArrays {
  const inputs = new Set(graph.input.map(({ name }) => name));
  return new Map([...arrays].filter(([name]) => inputs.has(name)));
}

function selectOthers(graph: Graph, arrays: readonly StateArray[]): readonly Parameter[] {
  const changed = new Set(arrays.map(({ input }) => input));
  return graph.parameters.filter(({ name }) => !changed.has(name));
}

function withBatch([, ...rest]: Shape, batchSize: number): Shape {
  return [batchSize, ...rest];
}

async function releaseAll(sessions: readonly StatefulSession[]): Promise<void> {
  for (const session of sessions) await session.release();
}
