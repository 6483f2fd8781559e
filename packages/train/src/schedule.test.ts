import { describe, expect, test } from 'vitest';
import {
  defaultSchedule,
  SCHEDULE_KINDS,
  type ScheduleConfig,
  scheduleFactor,
} from './schedule.ts';

/** The factors of a training of 100 steps, 10 an epoch. */
function factors(schedule: ScheduleConfig): number[] {
  return Array.from({ length: 100 }, (_, i) =>
    scheduleFactor(schedule, { step: i + 1, totalSteps: 100, stepsPerEpoch: 10 }),
  );
}

describe('scheduleFactor', () => {
  test('constant stays', () => {
    expect(new Set(factors({ kind: 'constant' }))).toEqual(new Set([1]));
  });

  test('step divides after each three epochs', () => {
    const values = factors({ kind: 'step', epochs: 3, factor: 0.1 });
    expect(values[29]).toBe(1);
    expect(values[30]).toBeCloseTo(0.1, 12);
    expect(values[60]).toBeCloseTo(0.01, 12);
    expect(values[99]).toBeCloseTo(0.001, 12);
  });

  test('cosine falls from 1 through a half towards 0', () => {
    const values = factors({ kind: 'cosine' });
    expect(values[0]).toBe(1);
    expect(values[50]).toBeCloseTo(0.5, 12);
    expect(values[99]).toBeCloseTo((1 + Math.cos(0.99 * Math.PI)) / 2, 12);
  });

  test('one-cycle rises from a tenth to the peak, then falls to almost nothing', () => {
    const values = factors({ kind: 'one-cycle', warmup: 0.25 });
    expect(values[0]).toBeCloseTo(0.1, 12);
    expect(values[10]).toBeCloseTo(0.1 + 0.9 * 0.4, 12);
    expect(values[25]).toBe(1);
    expect(values.indexOf(Math.max(...values))).toBe(25);
    expect(values[99]).toBeLessThan(0.002);
    expect(values[99]).toBeGreaterThanOrEqual(0.001);
  });

  test.each(SCHEDULE_KINDS)('%s never leaves 0 … 1', (kind) => {
    for (const value of factors(defaultSchedule(kind, 10))) {
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThanOrEqual(1);
    }
  });
});
