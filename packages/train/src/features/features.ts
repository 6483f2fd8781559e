/**
 * What the frozen layers of a network make of pictures, kept: the layers behind them then train without seeing
 * a picture again.
 */
export interface Features {
  /** The network's value that they are of: `flatten`. */
  readonly value: string;
  readonly training: FeatureSet;
  readonly validation?: FeatureSet;
}

/** The features of a data set's pictures, by the index of the picture. */
export interface FeatureSet {
  /** Pictures. */
  readonly length: number;
  /** How many there are of each picture, of as many augmentations. */
  readonly variants: number;
  labelOf(index: number): number;
  /**
   * Writes one picture's features.
   *
   * @param variant - from 0
   * @returns false, and nothing written, if the picture could not be read when features were made
   */
  read(index: number, variant: number, out: Float32Array): Promise<boolean>;
}
