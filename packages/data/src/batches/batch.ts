import type { Preprocessing, Random } from '@alexnet/core';
import type { Augmentation } from '../augment/augmentation.ts';
import type { ColourComponents } from '../augment/colour-noise.ts';
import type { BadPictureLog } from '../dataset/bad-pictures.ts';
import type { PictureRenderer } from './picture-renderer.ts';

export interface BatchOptions {
  readonly preprocessing: Preprocessing;
  readonly batchSize: number;
  /** Of the epoch: order and augmentation come from it, by splitting, so that it stays as it is. */
  readonly random: Random;
  /** Whether the order is drawn; else the data set's own. */
  readonly shuffle: boolean;
  /** None unless given. */
  readonly augmentation?: Augmentation;
  /** Of the training set; what the augmentation's colour noise goes by. */
  readonly colourComponents?: ColourComponents;
  /**
   * Inputs of each picture; 1 unless given. 10 are the four corners and the middle, and their mirror images,
   * one after another in the picture's row: what a test-time average is taken over. Without augmentation.
   */
  readonly crops?: 1 | 10;
  /** The first batch wanted; 0 unless given. The batches from there on are the same either way. */
  readonly startBatch?: number;
  /** How many batches are made ready ahead of the one in use; 2 unless given, more for a renderer of many. */
  readonly prefetch?: number;
  /** How many pictures are decoded at the same time; 8 unless given, more for a renderer that takes more. */
  readonly parallel?: number;
  /** What turns decoded pictures into inputs; this thread unless given. It changes no bit of them. */
  readonly renderer?: PictureRenderer;
  /**
   * Whether a batch's `images` are good until the next batch is asked for, and no longer: its memory, which may be
   * shared between threads, is used again. Fresh memory costs more than what is written to it. Else `images` are the
   * receiver's to keep. Off unless given.
   */
  readonly reuse?: boolean;
  /** Where pictures that cannot be read are noted; a log of this call's own unless given. */
  readonly badPictures?: BadPictureLog;
  readonly signal?: AbortSignal;
}

/** Inputs of some pictures and their classes. The arrays are the receiver's to keep; see `reuse`. */
export interface Batch {
  /** [batchSize, C, H, W], or with ten crops [batchSize, 10, C, H, W]; rows from `count` on are zero. */
  readonly images: Float32Array;
  /** [count] */
  readonly labels: Int32Array;
  /** [count]: which pictures of the data set. */
  readonly indices: Uint32Array;
  /** How many rows hold a picture: fewer in the last batch, and where pictures could not be read. */
  readonly count: number;
}
