import { createModel, createRandom } from '@alexnet/core';
import type { Dataset } from '@alexnet/data';
import { describe, expect, test } from 'vitest';
import { completeTrainingConfig } from '../config/training-config.ts';
import type { EngineFactory } from '../training-engine.ts';
import { findLearningRate, type RateSearchOptions } from './find-learning-rate.ts';

const model = createModel('mnist', { widthMultiplier: 0.02, labels: ['a', 'b'] });
const training: Dataset = {
  name: 'six',
  length: 6,
  labels: ['a', 'b'],
  channels: 1,
  pictureSize: { width: 28, height: 28 },
  labelOf: (index) => index % 2,
  nameOf: (index) => `picture ${index}`,
  keyOf: (index) => `${index}`,
  readPicture: async () => ({ width: 28, height: 28, channels: 1, pixels: new Uint8Array(784) }),
};

/** An engine whose loss is a function of the learning rate alone. */
function engineOf(lossAt: (rate: number) => number, rates: number[] = []): EngineFactory {
  return async () => ({
    info: { engine: 'onnxruntime', device: 'cpu', version: 'fake', threads: 1 },
    step: async ({ learningRate }) => {
      rates.push(learningRate);
      return { loss: lossAt(learningRate), logits: new Float32Array(8) };
    },
    forward: async () => new Float32Array(8),
    readState: async () => new Map(),
    dispose: async () => {},
  });
}

function search(lossAt: (rate: number) => number, more: Partial<RateSearchOptions> = {}) {
  return findLearningRate({
    graph: model.graph,
    metadata: model.metadata,
    state: model.weights,
    config: completeTrainingConfig({ batchSize: 4 }),
    training,
    createEngine: engineOf(lossAt),
    ...more,
  });
}

/** Falls from 2 to 1 around a rate of 0.01, and runs away above 1. */
function typicalLoss(rate: number): number {
  const fall = 1 / (1 + (rate / 0.01) ** 2);
  return 1 + fall + (rate > 1 ? (rate - 1) ** 2 * 10 : 0);
}

describe('findLearningRate', () => {
  test('rates grow by the same factor, over as many epochs as it takes', async () => {
    const rates: number[] = [];
    const options = { from: 1e-4, to: 1, steps: 41, createEngine: engineOf(() => 1, rates) };
    const { points, suggestion } = await search(() => 1, options);
    expect(rates).toHaveLength(41);
    expect(rates[0]).toBe(1e-4);
    expect(rates[10]).toBeCloseTo(1e-3, 12);
    expect(rates[40]).toBeCloseTo(1, 12);
    expect(points.map(({ learningRate }) => learningRate)).toEqual(rates);
    expect(suggestion).toBeNull();
  });

  test('suggests where the loss falls fastest', async () => {
    const { suggestion } = await search(typicalLoss);
    // The derivative of the fall by the logarithm of the rate is largest at 0.01.
    expect(suggestion).toBeGreaterThan(0.008);
    expect(suggestion).toBeLessThan(0.0125);
  });

  test.each([1, 2, 3, 4, 5])(
    'is not misled by what batches do to the loss: noise %i',
    async (seed) => {
      const random = createRandom(seed);
      const { suggestion } = await search((rate) => typicalLoss(rate) + 0.3 * random.normal());
      expect(suggestion).toBeGreaterThan(0.001);
      expect(suggestion).toBeLessThan(0.1);
    },
  );

  test('ends when the loss runs away, or is no number any more', async () => {
    const { points } = await search(typicalLoss);
    expect(points.length).toBeLessThan(100);
    const broken = await search((rate) => (rate > 0.1 ? Number.NaN : 1));
    expect(broken.points.at(-1)?.learningRate).toBeLessThanOrEqual(0.1);
  });

  test.each([
    [{ from: 0 }, 'from a learning rate of 0 to 10'],
    [{ from: 1, to: 0.1 }, 'from a learning rate of 1 to 0.1'],
    [{ steps: 3 }, 'A search of 3 steps'],
  ])('%o is refused', async (options, message) => {
    await expect(search(() => 1, options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message),
    });
  });

  test('a signal ends it', async () => {
    await expect(search(() => 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});
