import type { AlexNetError, Graph, Preprocessing, Weights } from '@alexnet/core';
import type { AugmentationName, BadPictureLog, Dataset, PictureRenderer } from '@alexnet/data';
import type { RemovedCache } from './make-room.ts';

export interface FeatureCacheOptions {
  readonly graph: Graph;
  readonly weights: Weights;
  readonly preprocessing: Preprocessing;
  /** The value to keep, as `findFrozenValue` finds it. */
  readonly value: string;
  readonly training: Dataset;
  readonly validation?: Dataset;
  /** Of the training pictures. */
  readonly augmentation: AugmentationName;
  /** How many augmentations of each training picture. Epoch e trains on the ((e − 1) mod variants)-th. */
  readonly variants: number;
  /** Of the augmentations: that of the training. */
  readonly seed: number;
  /** Where caches are kept, each in a folder named by what it is of. */
  readonly folder: string;
  /**
   * Bytes that all caches of the folder may take, this one included; 10 GiB unless given. Beyond that, those that
   * were not used for longest are removed, but none that a process has.
   */
  readonly limitBytes?: number;
  /** What turns decoded pictures into inputs; this thread unless given. */
  readonly renderer?: PictureRenderer;
  /** Collects pictures that cannot be read; more than a tenth of a set stops the making unless given. */
  readonly badPictures?: BadPictureLog;
  /** Threads of onnxruntime; it decides unless given. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Called with the pictures read, of all there are: what the cache is of is known by their bytes. */
  readonly onRead?: (done: number, total: number) => void;
  /** Called after each batch with the pictures done, of all there are. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Told what is wrong with a cache that is there and damaged, before it is made anew. */
  readonly onDamaged?: (error: AlexNetError) => void;
  /** Told of each older cache that goes because the disk is full. */
  readonly onRemoved?: (cache: RemovedCache) => void;
}
