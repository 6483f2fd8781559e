import { expect, test } from 'vitest';
import { createCheckpointClock } from './checkpoint-clock.ts';

const NONE = { checkpointEpochs: 1, checkpointSteps: null, checkpointMinutes: null };

test('epochs and steps are counted', () => {
  const clock = createCheckpointClock({ ...NONE, checkpointEpochs: 2, checkpointSteps: 3 });
  expect([1, 2, 3, 4].map((epoch) => clock.isDueAfterEpoch(epoch))).toEqual([
    false,
    true,
    false,
    true,
  ]);
  expect([1, 2, 3, 6].map((step) => clock.isDueAfterStep(step))).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test('says how far it is to the next that is counted in steps', () => {
  const clock = createCheckpointClock({ ...NONE, checkpointSteps: 3 });
  expect([0, 1, 2, 3].map((step) => clock.stepsToNext(step))).toEqual([3, 2, 1, 3]);
  expect(createCheckpointClock(NONE).stepsToNext(1)).toBe(Number.POSITIVE_INFINITY);
});

test('minutes are those since the last checkpoint', () => {
  let nowMs = 0;
  const clock = createCheckpointClock({ ...NONE, checkpointMinutes: 5 }, () => nowMs);
  nowMs = 4.9 * 60_000;
  expect(clock.isDueAfterStep(1)).toBe(false);
  nowMs = 5 * 60_000;
  expect(clock.isDueAfterStep(2)).toBe(true);
  clock.restart();
  expect(clock.isDueAfterStep(3)).toBe(false);
  nowMs = 10 * 60_000;
  expect(clock.isDueAfterStep(4)).toBe(true);
});
