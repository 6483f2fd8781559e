import {
  createGraphBuilder,
  createRandom,
  createTensor,
  initializeWeights,
  sizeOf,
  type Tensor,
} from '@alexnet/core';
import { type Float64Tensor, interpret } from '@alexnet/core/interpret';
import type { EngineOptions, TrainingEngine } from '@alexnet/train';

/** What one training step did to a small network. */
export interface StepOutcome {
  /** Mean cross-entropy before the step and after it. */
  readonly lossBefore: number;
  readonly lossAfter: number;
  /** Largest error of the convolution's gradient, as a share of its largest element. */
  readonly gradientError: number;
}

const BATCH = 4;
const CLASSES = 3;
const LEARNING_RATE = 1;
/** Of the central differences; their error is of the order of its square. */
const STEP = 1e-4;
const KERNEL = 'conv.weight';

/**
 * Takes a step of plain gradient descent on a convolution, tanh and a dense layer. What the convolution's weights
 * moved by is the engine's gradient; it is held against differences of the float64 interpreter's loss.
 *
 * @param start - makes the engine
 */
export async function takeTrainingStep(
  start: (options: EngineOptions) => Promise<TrainingEngine>,
): Promise<StepOutcome> {
  const init = {
    weight: { kind: 'normal', mean: 0, std: 0.3 },
    bias: { kind: 'constant', value: 0.1 },
  } as const;
  const graph = createGraphBuilder('conv-tanh-fc', [3, 6, 6])
    .conv('conv', { channels: 4, kernel: 3, init })
    .tanh('tanh')
    .flatten('flatten')
    .gemm('fc', { features: CLASSES, init })
    .build();
  const weights = initializeWeights(graph, { seed: 0 });
  const images = createTensor([BATCH, ...graph.input.shape]);
  createRandom(0).fillNormal(images.data);
  const lossOf = (state: ReadonlyMap<string, Tensor | Float64Tensor>) =>
    meanLoss(interpret(graph, state, images).get('logits'));
  const expected = differentiate(weights, lossOf);
  const engine = await start({
    graph,
    batchSize: BATCH,
    rule: { optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 } },
    state: weights,
    frozen: [],
    seed: 0,
  });
  try {
    const { loss } = await engine.step({
      images: images.data.slice(),
      targets: targetsOf(BATCH),
      normalizer: BATCH,
      learningRate: LEARNING_RATE,
      step: 1,
    });
    const state = await engine.readState();
    const found = gradientOf(weights.get(KERNEL), state.get(KERNEL));
    return {
      lossBefore: loss,
      lossAfter: lossOf(state),
      gradientError: largestError(found, expected),
    };
  } finally {
    await engine.dispose();
  }
}

/** Picture n is of class n mod 3. */
function targetsOf(batchSize: number): Float32Array {
  const rows = new Float32Array(batchSize * CLASSES);
  for (let n = 0; n < batchSize; n += 1) rows[n * CLASSES + (n % CLASSES)] = 1;
  return rows;
}

function meanLoss(logits: Float64Tensor | undefined): number {
  const scores = logits?.data ?? new Float64Array();
  let sum = 0;
  for (let n = 0; n < BATCH; n += 1) {
    const row = scores.subarray(n * CLASSES, (n + 1) * CLASSES);
    const total = row.reduce((all, score) => all + Math.exp(score), 0);
    sum += Math.log(total) - (row[n % CLASSES] ?? Number.NaN);
  }
  return sum / BATCH;
}

/** ∂loss/∂w ≈ (loss(w + h) − loss(w − h)) / 2h, for each weight of the convolution. */
function differentiate(
  weights: ReadonlyMap<string, Tensor>,
  lossOf: (state: ReadonlyMap<string, Tensor | Float64Tensor>) => number,
): Float64Array {
  const kernel = weights.get(KERNEL) ?? createTensor([0]);
  const lossAt = (index: number, change: number) => {
    const data = Float64Array.from(kernel.data);
    data[index] = (data[index] ?? 0) + change;
    const changed = new Map<string, Tensor | Float64Tensor>(weights);
    return lossOf(changed.set(KERNEL, { shape: kernel.shape, data }));
  };
  return Float64Array.from(
    { length: sizeOf(kernel.shape) },
    (_, index) => (lossAt(index, STEP) - lossAt(index, -STEP)) / (2 * STEP),
  );
}

function gradientOf(before: Tensor | undefined, after: Tensor | undefined): Float64Array {
  return Float64Array.from(
    before?.data ?? [],
    (value, index) => (value - (after?.data[index] ?? Number.NaN)) / LEARNING_RATE,
  );
}

function largestError(found: Float64Array, expected: Float64Array): number {
  const errors = expected.map((each, index) => Math.abs(each - (found[index] ?? Number.NaN)));
  return Math.max(...errors) / Math.max(...expected.map(Math.abs));
}
