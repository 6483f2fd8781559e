import type { Blob } from './blob.ts';
import type { Fields } from './fields.ts';

/** A layer as V2 of Caffe's format has it. */
export interface CaffeLayer {
  readonly name: string;
  /** As V2 calls it: `Convolution`. */
  readonly type: string;
  /** Whether it exists when a trained network is used, and not in training alone. */
  readonly isForTest: boolean;
  /** Names of the values that it reads and makes; the same name on both sides is a layer in place. */
  readonly bottoms: readonly string[];
  readonly tops: readonly string[];
  /** Under V2's names: `convolution_param`. */
  readonly fields: Fields;
  /** None in a text file. */
  readonly blobs: readonly Blob[];
}
