import { describe, expect, test } from 'vitest';
import {
  defaultSchedule,
  observeEpoch,
  PLATEAU_START,
  SCHEDULE_KINDS,
  type ScheduleConfig,
  scheduleFactor,
} from './schedule.ts';

/** The factors of a training of 100 steps, 10 an epoch. */
function factors(schedule: ScheduleConfig, drops = 0): number[] {
  return Array.from({ length: 100 }, (_, i) =>
    scheduleFactor(schedule, { step: i + 1, totalSteps: 100, stepsPerEpoch: 10, drops }),
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

  test('multistep divides after the epochs that it names', () => {
    const values = factors({ kind: 'multistep', epochs: [2, 7], factor: 0.5 });
    expect([values[19], values[20], values[69], values[70], values[99]]).toEqual([
      1, 0.5, 0.5, 0.25, 0.25,
    ]);
  });

  test('exponential is .99^(epoch / 10) with its usual numbers', () => {
    const values = factors({ kind: 'exponential', epochs: 10, factor: 0.99 });
    expect(values[0]).toBe(1);
    expect(values[10]).toBeCloseTo(0.99 ** 0.1, 12);
    expect(values[95]).toBeCloseTo(0.99 ** 0.95, 12);
  });

  test('polynomial falls as (1 − progress)^power', () => {
    const values = factors({ kind: 'polynomial', power: 2 });
    expect(values[0]).toBe(1);
    expect(values[50]).toBeCloseTo(0.25, 12);
    expect(values[90]).toBeCloseTo(0.01, 12);
  });

  test('cosine falls from 1 through a half towards 0', () => {
    const values = factors({ kind: 'cosine' });
    expect(values[0]).toBe(1);
    expect(values[50]).toBeCloseTo(0.5, 12);
    expect(values[99]).toBeCloseTo((1 + Math.cos(0.99 * Math.PI)) / 2, 12);
  });

  test('one-cycle rises from a tenth to the peak, then falls to almost nothing', () => {
    const values = factors({ kind: 'one-cycle', rise: 0.25 });
    expect(values[0]).toBeCloseTo(0.1, 12);
    expect(values[10]).toBeCloseTo(0.1 + 0.9 * 0.4, 12);
    expect(values[25]).toBe(1);
    expect(values.indexOf(Math.max(...values))).toBe(25);
    expect(values[99]).toBeLessThan(0.002);
    expect(values[99]).toBeGreaterThanOrEqual(0.001);
  });

  test('plateau divides as often as it has been told to', () => {
    const schedule = { kind: 'plateau', patience: 2, factor: 0.1, drops: 3 } as const;
    expect(new Set(factors(schedule))).toEqual(new Set([1]));
    expect(factors(schedule, 2)[0]).toBeCloseTo(0.01, 12);
  });

  test('a warm-up rises in equal steps, then the schedule begins', () => {
    const values = factors({ kind: 'step', epochs: 3, factor: 0.1, warmupEpochs: 0.5 });
    expect(values.slice(0, 6)).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1]);
    expect(values[34]).toBe(1);
    expect(values[35]).toBeCloseTo(0.1, 12);
  });

  test('a warm-up shortens what comes after: the end is the end', () => {
    const values = factors({ kind: 'cosine', warmupEpochs: 2 });
    expect(values[19]).toBe(1);
    expect(values[20]).toBe(1);
    expect(values[60]).toBeCloseTo(0.5, 12);
  });

  test.each(SCHEDULE_KINDS)('%s never leaves 0 … 1', (kind) => {
    for (const warmupEpochs of [0, 1.5]) {
      for (const value of factors({ ...defaultSchedule(kind, 10), warmupEpochs })) {
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('observeEpoch', () => {
  const plateau = { kind: 'plateau', patience: 2, factor: 0.1, drops: 3 } as const;
  const drops = (errors: readonly number[]) => {
    let state = PLATEAU_START;
    return errors.map((error) => {
      state = observeEpoch(state, error, plateau);
      return state.drops;
    });
  };

  test('drops after two epochs without an improvement', () => {
    expect(drops([0.9, 0.8, 0.8, 0.85, 0.7])).toEqual([0, 0, 0, 1, 1]);
  });

  test('an improvement starts the count again', () => {
    expect(drops([0.9, 0.9, 0.8, 0.8, 0.7, 0.7])).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('drops three times and no more', () => {
    expect(drops(Array.from({ length: 12 }, () => 0.5))).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3,
    ]);
  });
});
