import { AlexNetError, createRandom } from '@alexnet/core';
import { AUGMENTATIONS, readBatches } from '@alexnet/data';
import { checkTrainingConfig } from '../config/training-config.ts';
import { smoothPoints } from '../report/smooth.ts';
import { toStepInput } from '../step/step-input.ts';
import type { TrainOptions } from '../trainer/train-options.ts';
import type { TrainingEngine } from '../training-engine.ts';

export type RateSearchOptions = Pick<
  TrainOptions,
  'graph' | 'metadata' | 'state' | 'config' | 'training' | 'renderer' | 'createEngine' | 'signal'
> & {
  /** The first rate tried; 1e-6 unless given. */
  readonly from?: number;
  /** The last one, if the loss has not run away before; 10 unless given. */
  readonly to?: number;
  /** Rates tried, one a step; 100 unless given. */
  readonly steps?: number;
  /** Called after each step, with the number of steps taken. */
  readonly onProgress?: (steps: number) => void;
};

export interface RateSearch {
  readonly points: readonly RatePoint[];
  /** Where the loss falls fastest, over about a factor of 30 of the rate; `null` if it never falls. */
  readonly suggestion: number | null;
}

export interface RatePoint {
  readonly learningRate: number;
  readonly loss: number;
  /** Mean of the last losses. */
  readonly smoothedLoss: number;
}

/** Points that the smoothed loss looks back on. */
const SPAN = 10;
/** The search ends when the smoothed loss is so many times the smallest. */
const RUNAWAY = 4;
/** The first points move for many reasons. */
const FIRST = 5;
/** Points to either side that a slope is fitted through: from one batch to the next, the loss moves more by itself. */
const REACH = 10;

/**
 * Tries learning rates: one step each, every rate a little larger than the last, from the same start. A good
 * peak for a schedule is where the loss falls fastest, well before it runs away.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`, `ABORTED` by the signal
 * @see Smith 2017, "Cyclical learning rates for training neural networks", §3.3
 */
export async function findLearningRate(options: RateSearchOptions): Promise<RateSearch> {
  const { graph, state, config, createEngine } = options;
  checkTrainingConfig(config);
  checkSearch(options);
  const engine = await createEngine({
    graph,
    state,
    batchSize: config.batchSize,
    microBatches: config.microBatches,
    rule: { optimizer: config.optimizer, clip: config.clip },
    factors: config.factors,
    frozen: config.frozen,
    seed: config.seed,
  });
  try {
    const losses = await tryRates(engine, options);
    const smoothed = smoothPoints(
      losses.map(({ learningRate, loss }) => ({ x: learningRate, y: loss })),
      SPAN,
    );
    const points = losses.map((point, i) => ({
      ...point,
      smoothedLoss: smoothed[i]?.y ?? point.loss,
    }));
    return { points, suggestion: findSteepest(points) };
  } finally {
    await engine.dispose();
  }
}

async function tryRates(
  engine: TrainingEngine,
  { graph, metadata, config, training, renderer, signal, onProgress, ...search }: RateSearchOptions,
): Promise<readonly Omit<RatePoint, 'smoothedLoss'>[]> {
  const { from = 1e-6, to = 10, steps = 100 } = search;
  const random = createRandom(config.seed).split('learning-rate');
  const losses: { learningRate: number; loss: number }[] = [];
  let smallest = Number.POSITIVE_INFINITY;
  for (let epoch = 1; losses.length < steps; epoch++) {
    const batches = readBatches(training, {
      preprocessing: metadata.preprocessing,
      batchSize: config.batchSize,
      shuffle: true,
      random: random.split('epoch', epoch),
      augmentation: AUGMENTATIONS[config.augmentation],
      ...(renderer ? { renderer } : {}),
    });
    for await (const batch of batches) {
      if (signal?.aborted)
        throw new AlexNetError('ABORTED', { message: 'The search was stopped.' });
      const step = losses.length + 1;
      const learningRate = from * (to / from) ** ((step - 1) / Math.max(1, steps - 1));
      const classes = metadata.labels.length;
      const input = toStepInput(batch, { step, learningRate }, { config, graph, classes, random });
      const { loss } = await engine.step(input);
      if (!Number.isFinite(loss)) return losses;
      losses.push({ learningRate, loss });
      onProgress?.(step);
      const recent = losses.slice(-SPAN).reduce((sum, point) => sum + point.loss, 0);
      const mean = recent / Math.min(SPAN, losses.length);
      if (step > FIRST) smallest = Math.min(smallest, mean);
      if (mean > RUNAWAY * smallest || losses.length >= steps) return losses;
    }
  }
  return losses;
}

/** The rate with the steepest fall of the loss, per factor of the rate. */
function findSteepest(points: readonly RatePoint[]): number | null {
  const reach = Math.max(1, Math.min(REACH, Math.floor(points.length / 5)));
  let best: { readonly rate: number; readonly slope: number } | null = null;
  for (let i = reach; i + reach < points.length; i++) {
    const slope = fitSlope(points.slice(i - reach, i + reach + 1));
    const rate = points[i]?.learningRate;
    if (rate !== undefined && slope < (best?.slope ?? 0)) best = { rate, slope };
  }
  return best?.rate ?? null;
}

/** Of the line through losses over the logarithm of the rate, by least squares. */
function fitSlope(points: readonly RatePoint[]): number {
  const xs = points.map(({ learningRate }) => Math.log(learningRate));
  const middle = meanOf(xs);
  const height = meanOf(points.map(({ loss }) => loss));
  const spread = xs.reduce((sum, x) => sum + (x - middle) ** 2, 0);
  const rise = points.reduce(
    (sum, { loss }, i) => sum + ((xs[i] ?? 0) - middle) * (loss - height),
    0,
  );
  return rise / spread;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function checkSearch({ from = 1e-6, to = 10, steps = 100 }: RateSearchOptions): void {
  const isLegal =
    from > 0 && to > from && Number.isFinite(to) && Number.isSafeInteger(steps) && steps >= 10;
  if (isLegal) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `A search of ${steps} steps from a learning rate of ${from} to ${to} cannot be made.`,
    hint: 'It goes upwards from a rate above 0, in at least 10 steps.',
  });
}
