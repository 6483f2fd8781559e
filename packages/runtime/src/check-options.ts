import { AlexNetError } from '@alexnet/core';
import type { Crops } from './classifier.ts';

/** Classes that `classify` gives unless told otherwise; all of them where there are fewer. */
const DEFAULT_TOP_K = 5;
/** Inputs per run unless told otherwise: 20 MB at 227 × 227, and near the best rate on CPUs. */
const DEFAULT_BATCH_SIZE = 32;

export function checkPictures(pictures: unknown): void {
  if (Array.isArray(pictures)) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `Pictures should be given as a list, not as ${pictures === null ? 'null' : typeof pictures}.`,
    hint: 'Use classify(picture) for one picture, or classifyBatch([picture]).',
    path: ['pictures'],
  });
}

export function checkTopK(topK: number | undefined, classes: number): number {
  if (topK === undefined) return Math.min(DEFAULT_TOP_K, classes);
  if (Number.isInteger(topK) && topK >= 1 && topK <= classes) return topK;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `topK is ${topK}, but the model has ${classes} classes.`,
    hint: `Give a whole number from 1 to ${classes}.`,
    path: ['topK'],
  });
}

export function checkBatchSize(batchSize: number = DEFAULT_BATCH_SIZE): number {
  if (Number.isSafeInteger(batchSize) && batchSize >= 1) return batchSize;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `batchSize is ${batchSize}.`,
    hint: 'Give a whole number of pictures, 1 or more.',
    path: ['batchSize'],
  });
}

export function checkCrops(crops: Crops = 1): Crops {
  if (crops === 1 || crops === 10) return crops;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `crops is ${String(crops satisfies never)}.`,
    hint: 'Give 1, or 10 for the average over corners, middle and their mirror images.',
    path: ['crops'],
  });
}
