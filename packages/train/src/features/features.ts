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
  /** Whether there are any of a picture: of one that could not be read there are none. */
  has(index: number): boolean;
  /**
   * Writes features of a picture that has some. Several are asked for at once.
   *
   * @param variant - from 0
   */
  read(index: number, variant: number, out: Float32Array): Promise<void>;
}
