import { AlexNetError, createRandom, type Graph, type Random, sizeOf } from '@alexnet/core';
import { cutFrom } from '@alexnet/core/transforms';
import { AUGMENTATIONS, type Batch, readBatches } from '@alexnet/data';
import { evaluate, evaluateBatches } from '../evaluation/evaluate.ts';
import type { Evaluation } from '../evaluation/metrics.ts';
import type { Features } from '../features/features.ts';
import { readFeatureBatches } from '../features/read-feature-batches.ts';
import type { EngineState, TrainingEngine } from '../training-engine.ts';
import type { CompleteTrainOptions } from './train-options.ts';

/**
 * What epochs in a row compute with: the whole network on pictures, or the layers behind its frozen ones on
 * their features.
 */
export interface Stage {
  readonly engine: TrainingEngine;
  /** What the engine trains. */
  readonly graph: Graph;
  /** The first epoch that is another stage's. */
  readonly endEpoch: number;
  /** @param startBatch - the first one wanted, from 0 */
  readTraining(epoch: number, startBatch: number): AsyncIterable<Batch>;
  /** `null` without validation pictures. */
  validate(): Promise<Evaluation | null>;
  /** Of the whole network. */
  readState(): Promise<EngineState>;
}

export interface StageStart {
  /** The first epoch, from 1. */
  readonly epoch: number;
  /** Of the whole network, with the optimiser's arrays as far as there are any. */
  readonly state: EngineState;
}

/** @throws what making the engine throws */
export async function openStage(
  options: CompleteTrainOptions,
  { epoch, state }: StageStart,
): Promise<Stage> {
  const { unfreezeAt, frozen } = options.config;
  const isFrozen = unfreezeAt === null || epoch < unfreezeAt;
  const opened =
    isFrozen && options.features
      ? await openHead(options, state, options.features)
      : await openWhole(options, state, isFrozen ? frozen : []);
  return {
    ...opened,
    endEpoch: isFrozen && unfreezeAt !== null ? unfreezeAt : Number.POSITIVE_INFINITY,
  };
}

async function openWhole(
  options: CompleteTrainOptions,
  state: EngineState,
  frozen: readonly string[],
): Promise<Omit<Stage, 'endEpoch'>> {
  const { graph, metadata, config, training, validation } = options;
  const { preprocessing } = metadata;
  const { batchSize } = config;
  const { badPictures, renderer } = options;
  const { colours } = metadata.provenance;
  const engine = await createEngine(options, { graph, state, frozen });
  return {
    engine,
    graph,
    readTraining: (epoch, startBatch) =>
      readBatches(training, {
        preprocessing,
        batchSize,
        shuffle: true,
        random: randomOfEpoch(options, epoch),
        augmentation: AUGMENTATIONS[config.augmentation],
        ...(colours ? { colourComponents: colours } : {}),
        ...(renderer ? { renderer } : {}),
        startBatch,
        badPictures,
      }),
    validate: async () =>
      validation
        ? evaluate({
            dataset: validation,
            preprocessing,
            batchSize,
            ...(renderer ? { renderer } : {}),
            forward: (images) => engine.forward(images),
          })
        : null,
    readState: () => engine.readState(),
  };
}

async function openHead(
  options: CompleteTrainOptions,
  state: EngineState,
  { value, training, validation }: Features,
): Promise<Omit<Stage, 'endEpoch'>> {
  const { graph: whole, metadata, config } = options;
  checkNothingIsMixed(options);
  const { graph } = cutFrom({ graph: whole, weights: new Map() }, value);
  const learning = new Set(graph.parameters.map(({ name }) => name));
  const isOfHead = (name: string) => learning.has(name.split('/')[0] ?? name);
  const own = new Map([...state].filter(([name]) => isOfHead(name)));
  const frozen = config.frozen.filter((name) => learning.has(name));
  const engine = await createEngine(options, { graph, state: own, frozen });
  const { batchSize } = config;
  const size = sizeOf(graph.input.shape);
  return {
    engine,
    graph,
    readTraining: (epoch, startBatch) =>
      readFeatureBatches(training, {
        batchSize,
        size,
        shuffle: true,
        random: randomOfEpoch(options, epoch),
        variant: epoch - 1,
        startBatch,
      }),
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
}

/** Everything random about an epoch's order and pictures. */
function randomOfEpoch({ config }: CompleteTrainOptions, epoch: number): Random {
  return createRandom(config.seed).split('epoch', epoch);
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
