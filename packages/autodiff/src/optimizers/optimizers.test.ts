import { describe, expect, test } from 'vitest';
import { type OptimizerConfig, optimizerScalars, optimizerSlots } from './index.ts';

const sgd = { kind: 'sgd', momentum: 0.9, weightDecay: 0.0005 } as const;
const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

describe('sgd', () => {
  test('keeps a momentum, unless there is none', () => {
    expect(optimizerSlots(sgd)).toEqual(['momentum']);
    expect(optimizerSlots({ ...sgd, momentum: 0 })).toEqual([]);
  });

  test('reads the rate and the decay, both negative', () => {
    expect(optimizerScalars(sgd, { step: 1, learningRate: 0.01 })).toEqual({
      negative_learning_rate: -0.01,
      negative_decay: -0.01 * 0.0005,
    });
    expect(optimizerScalars({ ...sgd, weightDecay: 0 }, { step: 7, learningRate: 0.01 })).toEqual({
      negative_learning_rate: -0.01,
    });
  });
});

describe('adam', () => {
  test('keeps two means', () => {
    expect(optimizerSlots(adam)).toEqual(['m', 'v']);
  });

  test('corrects the bias of both means in the scalars', () => {
    const first = optimizerScalars(adam, { step: 1, learningRate: 0.001 });
    expect(first.step_size).toBeCloseTo((-0.001 * Math.sqrt(0.001)) / 0.1, 15);
    expect(first.epsilon_hat).toBeCloseTo(1e-8 * Math.sqrt(0.001), 20);
    const late = optimizerScalars(adam, { step: 1_000_000, learningRate: 0.001 });
    expect(late).toEqual({ step_size: -0.001, epsilon_hat: 1e-8 });
  });
});

describe('settings out of range', () => {
  test.each<[OptimizerConfig, string, string]>([
    [{ ...sgd, momentum: 1 }, 'momentum is 1.', '0 ≤ momentum < 1'],
    [{ ...sgd, momentum: -0.1 }, 'momentum is -0.1.', '0 ≤ momentum < 1'],
    [{ ...sgd, weightDecay: -1 }, 'weightDecay is -1.', '0 ≤ weightDecay'],
    [{ ...sgd, weightDecay: Number.NaN }, 'weightDecay is NaN.', '0 ≤ weightDecay'],
    [{ ...adam, beta1: 1 }, 'beta1 is 1.', '0 ≤ beta1 < 1'],
    [{ ...adam, beta2: -0.5 }, 'beta2 is -0.5.', '0 ≤ beta2 < 1'],
    [{ ...adam, epsilon: 0 }, 'epsilon is 0.', '0 < epsilon'],
    [{ ...adam, epsilon: Number.POSITIVE_INFINITY }, 'epsilon is Infinity.', '0 < epsilon'],
    [{ ...adam, weightDecay: -1 }, 'weightDecay is -1.', '0 ≤ weightDecay'],
  ])('%o', (config, message, range) => {
    expect(() => optimizerSlots(config)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message,
        hint: expect.stringContaining(range),
      }),
    );
  });

  test('an unknown kind: the known ones are listed', () => {
    const config = JSON.parse('{ "kind": "lion" }');
    expect(() => optimizerSlots(config)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'Unknown optimizer "lion".',
        hint: 'Use one of sgd, adam.',
      }),
    );
  });

  test.each([
    [{ step: 0, learningRate: 0.1 }, 'The step is 0.'],
    [{ step: 1.5, learningRate: 0.1 }, 'The step is 1.5.'],
    [{ step: 3, learningRate: Number.NaN }, 'The learning rate of step 3 is NaN.'],
  ])('a position of %o', (at, message) => {
    expect(() => optimizerScalars(adam, at)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });
});
