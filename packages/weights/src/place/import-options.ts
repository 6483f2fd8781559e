import type { InitScheme, Preprocessing, PresetId } from '@alexnet/core';
import type { WeightFile } from '../weight-file.ts';
import type { MeanOptions } from './mean-file.ts';
import type { PixelRange } from './pixel-ranges.ts';

export interface ImportWeightsOptions {
  /** Name of the file, for messages and for where the weights come from. */
  readonly source?: string;
  /** The only preset to try; recognised unless given. */
  readonly preset?: PresetId;
  /** Order in which the file flattens the last feature maps; as its layout usually goes unless given. */
  readonly fc6Order?: 'CHW' | 'HWC';
  /** Order of the channels that the weights expect; as the format's users agree unless given. */
  readonly channelOrder?: 'RGB' | 'BGR';
  /** Range of the pixels that the weights expect; as the format's users agree unless given. */
  readonly pixels?: PixelRange;
  /** The mean that is subtracted, out of a file; stronger than that of `pixels`. */
  readonly mean?: MeanOptions & { readonly file: WeightFile };
  /** Of every LRN, **per element**: 2e-5 is what Caffe and PyTorch write as 1e-4 with a window of 5. */
  readonly lrnAlpha?: number;
  /**
   * Layers that are not taken from the file, by their names in the network or in the file: `fc8`, `classifier.6`,
   * `fc*`. They start anew.
   */
  readonly skip?: readonly string[];
  /** Classes of the network, where its head is skipped. */
  readonly classes?: number;
  /** Height and width of the input, which shapes tell only roughly. */
  readonly inputSize?: number;
  /** Names of the classes. */
  readonly labels?: readonly string[];
  /** All of it; stronger than `channelOrder`, `pixels` and `mean`. */
  readonly preprocessing?: Preprocessing;
  /** Of layers that start anew; 0 unless given. */
  readonly seed?: number;
  /** Of layers that start anew; `he` unless given. */
  readonly init?: InitScheme;
}
