import { AlexNetError } from '@alexnet/core';
import type { Crops, OutputKind } from './classifier.ts';

/** Classes that `classify` gives unless told otherwise. */
const DEFAULT_TOP_K = 5;
/** Inputs per run unless told otherwise: 20 MB at 227 × 227, and near the best rate on CPUs. */
const DEFAULT_BATCH_SIZE = 32;

export function checkPictures(pictures: unknown): void {
  if (Array.isArray(pictures)) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `Pictures should be given as a list, not as ${pictures === null ? 'null' : typeof pictures}.`,
    hint: 'Use classify(picture), or classifyBatch([picture]).',
    path: ['pictures'],
  });
}

/** @returns how many classes to give: all of them where there are fewer */
export function checkTopK(topK: number = DEFAULT_TOP_K, classes: number): number {
  if (Number.isInteger(topK) && topK >= 1) return Math.min(topK, classes);
  throw refuse('topK', topK, 'Give a whole number of classes, 1 or more.');
}

export function checkOutputKind(kind: OutputKind): OutputKind {
  if (kind === 'logits' || kind === 'probabilities') return kind;
  throw refuse('outputKind', kind, "Give 'logits' or 'probabilities'.");
}

export function checkBatchSize(batchSize: number = DEFAULT_BATCH_SIZE): number {
  if (Number.isSafeInteger(batchSize) && batchSize >= 1) return batchSize;
  throw refuse('batchSize', batchSize, 'Give a whole number of pictures, 1 or more.');
}

export function checkCrops(crops: Crops = 1): Crops {
  if (crops === 1 || crops === 10) return crops;
  throw refuse('crops', crops, 'Give 1, or 10 for the average over ten crops.');
}

function refuse(option: string, value: unknown, hint: string): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: `${option} is ${String(value)}.`,
    hint,
    path: [option],
  });
}
