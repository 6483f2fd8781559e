import { AlexNetError } from '@alexnet/core';

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` unless it is a whole number from 1 up. */
export function checkBatchSize(batchSize: number): void {
  if (Number.isSafeInteger(batchSize) && batchSize >= 1) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `The batch size is ${batchSize}.`,
    hint: 'Use a whole number, 1 or more.',
    path: ['batchSize'],
  });
}
