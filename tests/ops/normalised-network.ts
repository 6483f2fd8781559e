import type { UpdateRule } from '@alexnet/autodiff';
import {
  createGraphBuilder,
  createRandom,
  createTensor,
  initializeWeights,
  sizeOf,
  type Tensor,
} from '@alexnet/core';
import type { Float64Tensor } from '@alexnet/core/interpret';
import { withBatchStatistics } from './batch-statistics.ts';

export const BATCH = 6;
export const CLASSES = 3;
export const MOMENTUM = 0.75;
export const RULE: UpdateRule = { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } };
export const STATISTICS = ['norm1.mean', 'norm1.variance', 'norm2.mean', 'norm2.variance'];
const init = {
  weight: { kind: 'normal', mean: 0, std: 0.3 },
  bias: { kind: 'constant', value: 0.1 },
} as const;

/** Maps and features are normalised, and a dropout lies behind. */
export const graph = createGraphBuilder('normalised', [2, 8, 8])
  .conv('conv1', { channels: 8, kernel: 3, pads: 1, init })
  .relu('relu1')
  .maxPool('pool1', { kernel: 3, stride: 2, ceilMode: true })
  .batchNormalization('norm1', { epsilon: 1e-3, momentum: MOMENTUM })
  .averagePool('pool2', { kernel: 3, stride: 2, ceilMode: true })
  .flatten('flatten')
  .gemm('fc2', { features: 12, init })
  .tanh('tanh2')
  .batchNormalization('norm2', { epsilon: 1e-3, momentum: MOMENTUM })
  .dropout('drop2', 0.25)
  .gemm('fc3', { features: CLASSES, init })
  .build();
export const weights = initializeWeights(graph, { seed: 3, init: 'published' });

/** Pictures whose class shows: even, brighter towards the end, or darker. */
export function picturesOf(step: number, rows: number): Float32Array {
  const { shape } = graph.input;
  const { data } = createTensor([rows, ...shape]);
  createRandom(step).fillNormal(data);
  const size = sizeOf(shape);
  return data.map((value, i) => {
    const label = Math.floor(i / size) % CLASSES;
    const place = (i % size) / size;
    return value + (label === 0 ? 1 : label === 1 ? 2 * place : -2 * place);
  });
}

/** One-hot rows; those behind the labels are padding. */
export function targetsOf(labels: readonly number[], rows: number): Float32Array {
  const targets = new Float32Array(rows * CLASSES);
  for (const [row, label] of labels.entries()) targets[row * CLASSES + label] = 1;
  return targets;
}

/** The classes in turn. */
export const labelsOf = (pictures: number) =>
  Array.from({ length: pictures }, (_, n) => n % CLASSES);

export function dataOf(
  state: ReadonlyMap<string, Pick<Tensor, 'data'>>,
  name: string,
): Float32Array {
  const found = state.get(name)?.data;
  if (!found) throw new Error(`no ${name}`);
  return found;
}

function toFloat64({ shape, data }: Tensor): Float64Tensor {
  return { shape, data: Float64Array.from(data) };
}

/** Mean and variance of the batch, layer by layer, in float64. */
export function batchStatistics(
  image: Tensor,
  isPicture: readonly boolean[],
): Map<string, Float64Array> {
  const arrays = new Map([...weights].map(([name, tensor]) => [name, toFloat64(tensor)]));
  const options = { image: toFloat64(image), isPicture, frozen: [], masks: new Map() };
  const found = withBatchStatistics(graph, arrays, options).arrays;
  return new Map(
    STATISTICS.map((name) => {
      const [layer, role] = name.split('.');
      return [name, found.get(`${layer}/${role} of the batch`)?.data ?? new Float64Array()];
    }),
  );
}
