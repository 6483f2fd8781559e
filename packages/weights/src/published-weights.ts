import type { PresetId, PublishedAccuracy } from '@alexnet/core';
import type { WeightFormat } from './weight-file.ts';

/** Something that is known about a file, and from where. */
export interface Sourced<Value> {
  readonly value: Value;
  /** Repository with the file in it, a page, or an issue. */
  readonly source: string;
}

export interface Checksum {
  readonly algorithm: 'sha1' | 'sha256';
  /** Hexadecimal, lower case; the first digits alone, where no more are published. */
  readonly value: string;
  /** `publisher`: who offers the file says so. `others`: people who fetched it say so. */
  readonly by: 'publisher' | 'others';
  readonly source: string;
}

/** How pictures become the input of published weights, by the names that `docs/weights.md` explains. */
export type PublishedPreprocessing = 'torchvision' | 'caffe' | 'bvlc-npy' | 'onnx-zoo';

/** A weight file that someone offers for download. */
export interface PublishedWeights {
  readonly id: string;
  /** Other names for the same file; its file name is one without being named here. */
  readonly aliases: readonly string[];
  readonly title: string;
  /** Under which it is offered, mirrored and kept; no folders. */
  readonly fileName: string;
  /** Tried in this order. */
  readonly addresses: readonly Sourced<string>[];
  readonly sizeBytes: Sourced<number>;
  /** All of them hold. */
  readonly checksums: readonly Checksum[];
  /** What the publisher says, in short, and where. */
  readonly licence: Sourced<string>;
  readonly format: WeightFormat;
  readonly preset: PresetId;
  readonly preprocessing: PublishedPreprocessing;
  /** What was measured with this very file; empty if nobody published it. */
  readonly accuracy: readonly PublishedAccuracy[];
  readonly notes: readonly string[];
  /** What is said above and could not be confirmed from a second place. */
  readonly unconfirmed: readonly string[];
}
