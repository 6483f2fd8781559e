import type { TrainingConfig } from '../config/training-config.ts';

const MS_PER_MINUTE = 60_000;

/** Says when a checkpoint is due. */
export interface CheckpointClock {
  /** Within an epoch, after this step of the training. */
  isDueAfterStep(step: number): boolean;
  isDueAfterEpoch(epoch: number): boolean;
  /** Steps from this one to the next that wants a checkpoint by its number; infinite if none does. */
  stepsToNext(step: number): number;
  /** A checkpoint was written. */
  restart(): void;
}

/** @param now - milliseconds of a clock that only goes forward */
export function createCheckpointClock(
  {
    checkpointEpochs,
    checkpointSteps,
    checkpointMinutes,
  }: Pick<TrainingConfig, 'checkpointEpochs' | 'checkpointSteps' | 'checkpointMinutes'>,
  now: () => number = () => performance.now(),
): CheckpointClock {
  let writtenMs = now();
  const isTime = () =>
    checkpointMinutes !== null && now() - writtenMs >= checkpointMinutes * MS_PER_MINUTE;
  return {
    isDueAfterStep: (step) =>
      (checkpointSteps !== null && step % checkpointSteps === 0) || isTime(),
    isDueAfterEpoch: (epoch) => epoch % checkpointEpochs === 0 || isTime(),
    stepsToNext: (step) =>
      checkpointSteps === null
        ? Number.POSITIVE_INFINITY
        : checkpointSteps - (step % checkpointSteps),
    restart: () => {
      writtenMs = now();
    },
  };
}
