import { describe, expect, test } from 'vitest';
import { type UpdateRule, updateScalars, updateSlots } from './update-rule.ts';

const sgd = { kind: 'sgd', momentum: 0.9, weightDecay: 0.0005 } as const;
const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
const rmsprop = {
  kind: 'rmsprop',
  smoothing: 0.99,
  epsilon: 1e-8,
  momentum: 0,
  weightDecay: 0,
} as const;
const lars = { kind: 'lars', momentum: 0.9, weightDecay: 0.0005, trustCoefficient: 0.001 } as const;

describe('slots', () => {
  test.each<[UpdateRule, readonly string[]]>([
    [{ optimizer: sgd }, ['momentum']],
    [{ optimizer: { ...sgd, momentum: 0 } }, []],
    [{ optimizer: sgd, averageDecay: 0.999 }, ['momentum', 'average']],
    [{ optimizer: adam }, ['m', 'v']],
    [{ optimizer: { ...adam, kind: 'adamw' } }, ['m', 'v']],
    [{ optimizer: rmsprop }, ['square']],
    [{ optimizer: { ...rmsprop, momentum: 0.9 } }, ['square', 'momentum']],
    [{ optimizer: lars }, ['momentum']],
  ])('%o keeps %o', (rule, slots) => {
    expect(updateSlots(rule)).toEqual(slots);
  });
});

describe('scalars', () => {
  test('sgd reads the rate, negative', () => {
    const rule = { optimizer: sgd };
    expect(updateScalars(rule, { step: 7, learningRate: 0.01 })).toEqual({
      negative_learning_rate: -0.01,
    });
  });

  test('adam corrects the bias of both means', () => {
    const rule = { optimizer: adam };
    const first = updateScalars(rule, { step: 1, learningRate: 0.001 });
    expect(first.step_size).toBeCloseTo((-0.001 * Math.sqrt(0.001)) / 0.1, 15);
    expect(first.epsilon_hat).toBeCloseTo(1e-8 * Math.sqrt(0.001), 20);
    const late = updateScalars(rule, { step: 1_000_000, learningRate: 0.001 });
    expect(late).toEqual({ step_size: -0.001, epsilon_hat: 1e-8 });
  });

  test('adamw reads the rate beside its step, for the decay', () => {
    const optimizer = { ...adam, kind: 'adamw', weightDecay: 0.01 } as const;
    expect(
      updateScalars({ optimizer }, { step: 1_000_000, learningRate: 0.001 }).negative_learning_rate,
    ).toBe(-0.001);
  });

  test('an average starts as the first weights', () => {
    const rule = { optimizer: sgd, averageDecay: 0.75 };
    expect(updateScalars(rule, { step: 1, learningRate: 1 })).toMatchObject({
      average_decay: 0,
      average_share: 1,
    });
    expect(updateScalars(rule, { step: 2, learningRate: 1 })).toMatchObject({
      average_decay: 0.75,
      average_share: 0.25,
    });
  });
});

describe('settings out of range', () => {
  test.each<[UpdateRule['optimizer'], string, string]>([
    [{ ...sgd, momentum: 1 }, 'momentum is 1.', '0 ≤ momentum < 1'],
    [{ ...sgd, momentum: -0.1 }, 'momentum is -0.1.', '0 ≤ momentum < 1'],
    [{ ...sgd, weightDecay: -1 }, 'weightDecay is -1.', '0 ≤ weightDecay'],
    [{ ...sgd, weightDecay: Number.NaN }, 'weightDecay is NaN.', '0 ≤ weightDecay'],
    [
      { ...sgd, momentum: 0, nesterov: true },
      'Nesterov looks ahead along the momentum, but momentum is 0.',
      'momentum above 0',
    ],
    [JSON.parse('{"kind":"sgd","momentum":0,"weightDecay":0,"rule":"mine"}'), '"mine"', 'pytorch'],
    [{ ...adam, beta1: 1 }, 'beta1 is 1.', '0 ≤ beta1 < 1'],
    [{ ...adam, beta2: -0.5 }, 'beta2 is -0.5.', '0 ≤ beta2 < 1'],
    [{ ...adam, epsilon: 0 }, 'epsilon is 0.', '0 < epsilon'],
    [{ ...adam, epsilon: Number.POSITIVE_INFINITY }, 'epsilon is Infinity.', '0 < epsilon'],
    [{ ...adam, weightDecay: -1 }, 'weightDecay is -1.', '0 ≤ weightDecay'],
    [{ ...rmsprop, smoothing: 1 }, 'smoothing is 1.', '0 ≤ smoothing < 1'],
    [{ ...lars, trustCoefficient: 0 }, 'trustCoefficient is 0.', '0 < trustCoefficient'],
  ])('%o', (optimizer, message, range) => {
    expect(() => updateSlots({ optimizer })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(message),
        hint: expect.stringContaining(range),
      }),
    );
  });

  test.each<[Partial<UpdateRule>, string]>([
    [{ averageDecay: 1 }, 'averageDecay is 1.'],
    [{ clip: { by: 'norm', limit: 0 } }, 'Gradients cannot be clipped by norm to 0.'],
    [{ clip: { by: 'value', limit: Number.NaN } }, 'Gradients cannot be clipped by value to NaN.'],
  ])('%o', (rule, message) => {
    expect(() => updateSlots({ optimizer: sgd, ...rule })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });

  test('an unknown kind: the known ones are listed', () => {
    const optimizer = JSON.parse('{ "kind": "lion" }');
    expect(() => updateSlots({ optimizer })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'Unknown optimizer "lion".',
        hint: 'Use one of sgd, adam, adamw, rmsprop, lars.',
      }),
    );
  });

  test.each([
    [{ step: 0, learningRate: 0.1 }, 'The step is 0.'],
    [{ step: 1.5, learningRate: 0.1 }, 'The step is 1.5.'],
    [{ step: 3, learningRate: Number.NaN }, 'The learning rate of step 3 is NaN.'],
  ])('a position of %o', (at, message) => {
    expect(() => updateScalars({ optimizer: adam }, at)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });
});
