import { AlexNetError } from '@alexnet/core';

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` unless a batch can be cut into so many equal parts */
export function checkMicroBatches(batchSize: number, microBatches: number): void {
  if (Number.isSafeInteger(microBatches) && microBatches >= 1 && batchSize % microBatches === 0) {
    return;
  }
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `A batch of ${batchSize} cannot be cut into ${microBatches} equal parts.`,
    hint: 'Choose a batch size that the number of micro-batches divides.',
  });
}
