import { describe, expect, test } from 'vitest';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { estimateTrainingMemory } from './training-memory.ts';

const INIT = {
  weight: { kind: 'constant', value: 0 },
  bias: { kind: 'constant', value: 0 },
} as const;

describe('estimateTrainingMemory', () => {
  const graph = createGraphBuilder('small', [1, 4, 4])
    .conv('conv', { channels: 2, kernel: 3, pads: 1, init: INIT }) // [N, 2, 4, 4]
    .batchNormalization('batch', { epsilon: 1e-3, momentum: 0.9 })
    .relu('relu')
    .maxPool('pool', { kernel: 2, stride: 2 }) // [N, 2, 2, 2]
    .lrn('norm', { size: 3, alpha: 1, beta: 1, k: 1 })
    .flatten('flatten') // [N, 8]
    .dropout('drop', 0.5)
    .gemm('fc', { features: 3, init: INIT }) // [N, 3]
    .build();

  test('by hand', () => {
    // conv 2·1·3·3 + 2, batch 4·2, fc 3·8 + 3
    const parameters = 20 + 8 + 27;
    const learned = parameters - 4;
    // Values: relu 32 (its sign), pool 8 (LRN's input), norm 8 (LRN's output), drop 8 (Gemm's input).
    // Beside them: batch 32 centred, pool 8 places of 8 bytes, norm 2 · 8 divisors, drop 8 of mask.
    const kept = 4 * (32 + 8 + 8 + 8) + 4 * 32 + 8 * 8 + 4 * 16 + 4 * 8;
    const expected = {
      weightBytes: 4 * parameters,
      gradientBytes: 4 * learned,
      optimizerBytes: 4 * learned,
      activationBytes: 5 * kept,
      // 16 pixels and 3 targets
      inputBytes: 5 * 4 * 19,
    };
    const totalBytes = Object.values(expected).reduce((a, b) => a + b, 0);
    expect(estimateTrainingMemory(graph, { batchSize: 5 })).toEqual({ ...expected, totalBytes });
  });

  test('Adam keeps two arrays, plain descent none', () => {
    const { gradientBytes } = estimateTrainingMemory(graph, { batchSize: 1 });
    const slots = (optimizerSlots: number) =>
      estimateTrainingMemory(graph, { batchSize: 1, optimizerSlots }).optimizerBytes;
    expect([slots(0), slots(2)]).toEqual([0, 2 * gradientBytes]);
  });

  test('dropout that drops nothing keeps no mask', () => {
    const build = (ratio: number) =>
      createGraphBuilder('d', [8])
        .dropout('d', ratio)
        .gemm('g', { features: 2, init: INIT })
        .build();
    const [none, half] = [0, 0.5].map(
      (ratio) => estimateTrainingMemory(build(ratio), { batchSize: 1 }).activationBytes,
    );
    expect([none, half]).toEqual([4 * 8, 4 * 8 + 4 * 8]);
  });

  test.each([0, 1.5, Number.NaN])('a batch of %s is refused', (batchSize) => {
    expect(() => estimateTrainingMemory(graph, { batchSize })).toThrowError(/batchSize is/);
  });
});
