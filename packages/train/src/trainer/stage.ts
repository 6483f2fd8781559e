import { AlexNetError, createRandom, type Graph, sizeOf } from '@alexnet/core';
import { cutFrom } from '@alexnet/core/transforms';
import { AUGMENTATIONS, type Batch, readEpochs } from '@alexnet/data';
import { evaluate, evaluateBatches } from '../evaluation/evaluate.ts';
import type { Evaluation } from '../evaluation/metrics.ts';
import type { Features } from '../features/features.ts';
import { readFeatureBatches } from '../features/read-feature-batches.ts';
import { readFeatureEpochs } from '../features/read-feature-epochs.ts';
import type { EngineState, TrainingEngine } from '../training-engine.ts';
import { beginReading } from './begin-reading.ts';
import { createStepCalls, type StepCalls } from './step-calls.ts';
import type { CompleteTrainOptions } from './train-options.ts';

/**
 * What epochs in a row compute with: the whole network on pictures, or the layers behind its frozen ones on
 * their features.
 */
export interface Stage {
  readonly engine: TrainingEngine;
  readonly calls: StepCalls;
  /** What the engine trains. */
  readonly graph: Graph;
  /** The first epoch that is another stage's. */
  readonly endEpoch: number;
  /** The batch of the next step; at the end of an epoch, the first ones of the next are made ahead. */
  nextBatch(): Promise<Batch>;
  /** `null` without validation pictures. */
  validate(): Promise<Evaluation | null>;
  /** Of the whole network. */
  readState(): Promise<EngineState>;
  /** Ends the reading and the engine. */
  dispose(): Promise<void>;
}

export interface StageStart {
  /** The first epoch, from 1. */
  readonly epoch: number;
  /** The first one wanted of that epoch, from 0. */
  readonly startBatch: number;
  /** The first epoch of which no step is taken. */
  readonly endEpoch: number;
  /** Of the whole network, with the optimiser's arrays as far as there are any. */
  readonly state: EngineState;
}

/** @throws what making the engine throws */
export async function openStage(options: CompleteTrainOptions, start: StageStart): Promise<Stage> {
  const { unfreezeAt, frozen } = options.config;
  const isFrozen = unfreezeAt === null || start.epoch < unfreezeAt;
  const endEpoch = isFrozen && unfreezeAt !== null ? unfreezeAt : Number.POSITIVE_INFINITY;
  const part = { ...start, endEpoch: Math.min(endEpoch, start.endEpoch) };
  const { batches, open } =
    isFrozen && options.features
      ? planHead(options, part, options.features)
      : planWhole(options, part, isFrozen ? frozen : []);
  // While the engine is made, the first pictures are read.
  const reading = beginReading(batches);
  const opened = await open().catch(async (error: unknown) => {
    await reading.end();
    throw error;
  });
  return {
    ...opened,
    calls: createStepCalls(opened.engine),
    endEpoch,
    nextBatch: () => reading.next(),
    dispose: async () => {
      await reading.end();
      await opened.engine.dispose();
    },
  };
}

interface StagePlan {
  readonly batches: AsyncIterable<Batch>;
  open(): Promise<Omit<Stage, 'calls' | 'endEpoch' | 'nextBatch' | 'dispose'>>;
}

function planWhole(
  options: CompleteTrainOptions,
  { state, epoch, startBatch, endEpoch }: StageStart,
  frozen: readonly string[],
): StagePlan {
  const { graph, metadata, config, training, validation } = options;
  const { preprocessing } = metadata;
  const { batchSize } = config;
  const { badPictures, renderer } = options;
  const { colours } = metadata.provenance;
  return {
    batches: readEpochs(training, {
      preprocessing,
      batchSize,
      shuffle: true,
      random: createRandom(config.seed),
      firstEpoch: epoch,
      startBatch,
      endEpoch,
      augmentation: AUGMENTATIONS[config.augmentation],
      ...(colours ? { colourComponents: colours } : {}),
      ...(renderer ? { renderer } : {}),
      badPictures,
    }),
    open: async () => {
      const engine = await createEngine(options, { graph, state, frozen });
      return {
        engine,
        graph,
        validate: async () =>
          validation
            ? evaluate({
                dataset: validation,
                preprocessing,
                batchSize,
                badPictures,
                ...(renderer ? { renderer } : {}),
                forward: (images) => engine.forward(images),
              })
            : null,
        readState: () => engine.readState(),
      };
    },
  };
}

function planHead(options: CompleteTrainOptions, start: StageStart, features: Features): StagePlan {
  const { graph: whole, metadata, config } = options;
  const { state } = start;
  const { value, training, validation } = features;
  checkNothingIsMixed(options);
  const { graph } = cutFrom({ graph: whole, weights: new Map() }, value);
  const learning = new Set(graph.parameters.map(({ name }) => name));
  const isOfHead = (name: string) => learning.has(name.split('/')[0] ?? name);
  const own = new Map([...state].filter(([name]) => isOfHead(name)));
  const frozen = config.frozen.filter((name) => learning.has(name));
  const { batchSize } = config;
  const size = sizeOf(graph.input.shape);
  return {
    batches: readFeatureEpochs(training, {
      batchSize,
      size,
      seed: config.seed,
      firstEpoch: start.epoch,
      startBatch: start.startBatch,
      endEpoch: start.endEpoch,
    }),
    open: async () => {
      const engine = await createEngine(options, { graph, state: own, frozen });
      return {
        engine,
        graph,
        validate: async () =>
          validation
            ? evaluateBatches(
                readFeatureBatches(validation, {
                  batchSize,
                  size,
                  shuffle: false,
                  random: createRandom(0),
                }),
                { labels: metadata.labels, forward: (images) => engine.forward(images) },
              )
            : null,
        readState: async () => {
          const before = [...state].filter(([name]) => !isOfHead(name));
          return new Map([...before, ...(await engine.readState())]);
        },
      };
    },
  };
}

function createEngine(
  { config, createEngine: create }: CompleteTrainOptions,
  part: {
    readonly graph: Graph;
    readonly state: EngineState;
    readonly frozen: readonly string[];
  },
): Promise<TrainingEngine> {
  return create({
    ...part,
    batchSize: config.batchSize,
    microBatches: config.microBatches,
    rule: { optimizer: config.optimizer, clip: config.clip, averageDecay: config.averageDecay },
    factors: config.factors,
    seed: config.seed,
  });
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` */
function checkNothingIsMixed({ config }: CompleteTrainOptions): void {
  if (!config.mixing) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${config.mixing.kind} mixes pictures, but the frozen layers' features are taken from a cache.`,
    hint: 'Leave mixing out, or the cache.',
  });
}
