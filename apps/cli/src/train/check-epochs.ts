import { AlexNetError } from '@alexnet/core';
import type { TrainingConfig } from '@alexnet/train';
import { formatNumberOf } from '../terminal/format.ts';

/**
 * Refuses what waits for an epoch that the training does not reach.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` with both numbers
 */
export function checkEpochs({ epochs, unfreezeAt, schedule }: TrainingConfig): void {
  const { warmupEpochs = 0 } = schedule;
  const length = formatNumberOf(epochs, 'epoch');
  if (unfreezeAt !== null && unfreezeAt > epochs) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `--unfreeze-at ${unfreezeAt} never comes: the training has ${length}.`,
      hint: 'Name an earlier epoch, train longer (--epochs), or leave it out: the layers then stay frozen.',
    });
  }
  if (warmupEpochs >= epochs) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `--warmup ${warmupEpochs} never ends: the training has ${length}.`,
      hint: 'Take fewer epochs, or part of one (0.5), or train longer (--epochs).',
    });
  }
  const last = schedule.kind === 'multistep' ? (schedule.epochs.at(-1) ?? 0) : 0;
  if (last + warmupEpochs >= epochs) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The milestone ${last} never comes: the training has ${length}${warmupEpochs > 0 ? `, ${warmupEpochs} of them warm-up` : ''}.`,
      hint: 'Leave it out of --milestones, or train longer (--epochs).',
    });
  }
}
