import type { TrainingConfig } from '../config/training-config.ts';

const MS_PER_MINUTE = 60_000;

/** Says when a checkpoint is due. */
export interface CheckpointClock {
  /** Within an epoch, after this step of the training. */
  isDueAfterStep(step: number): boolean;
  isDueAfterEpoch(epoch: number): boolean;
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
    restart: () => {
      writtenMs = now();
    },
  };
}
