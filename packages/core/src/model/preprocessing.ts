/**
 * How a picture becomes the network's input, as data. It belongs to the weights: the same network fed
 * with another preprocessing gives other answers.
 *
 * Applied in the order of the fields: resize, crop, channels, `value · scale`, `(value − mean) / std`.
 */
export interface Preprocessing {
  readonly resize: Resize;
  /** Cut from the middle; smaller pictures are padded with zeros. `null` keeps the resized picture. */
  readonly crop: Sides | null;
  /** Order of the channels in the tensor. */
  readonly channels: 'RGB' | 'BGR' | 'grey';
  /** What a uint8 value is multiplied with: 1 for 0–255, 1/255 for 0–1. */
  readonly scale: number;
  /**
   * Subtracted per channel, in the tensor's channel order, after `scale`; `picture` is one number for all
   * channels: the mean of everything in this picture's input. A mean image has a number for every pixel.
   */
  readonly mean: readonly number[] | 'picture' | MeanImage;
  /** Divides per channel, in the tensor's channel order, after `mean`. */
  readonly std: readonly number[];
}

export interface Sides {
  readonly height: number;
  readonly width: number;
}

/**
 * A mean for every single value, as Caffe's `imagenet_mean.binaryproto` and the paper have it.
 *
 * It is as large as the resized picture or the square in its middle, and lies there; or as large as the input, and goes
 * with it.
 *
 * @see BVLC/caffe src/caffe/data_transformer.cpp, `DataTransformer::Transform` · Krizhevsky et al. 2012, §2
 */
export interface MeanImage extends Sides {
  /** [C, height, width] in the tensor's channel order and after `scale`: little-endian float32 in base64. */
  readonly float32: string;
}

export type Resize =
  /** Leaves the picture as it is. */
  | { readonly mode: 'none' }
  /** The short side becomes `size`, the long side follows (truncated), as torchvision's `Resize(size)`. */
  | ({ readonly mode: 'short-side'; readonly size: number } & Interpolation)
  /** Both sides are given; the aspect is ignored. */
  | ({ readonly mode: 'exact' } & Sides & Interpolation);

export interface Interpolation {
  readonly filter: 'bilinear' | 'bicubic';
  /** Widens the filter when it shrinks, as Pillow does; Caffe and TensorFlow's older code do not. */
  readonly antialias: boolean;
}

/** What a square picture is resized to; `null` where it stays as it is. */
export function resizedSides(resize: Resize): Sides | null {
  switch (resize.mode) {
    case 'none':
      return null;
    case 'exact':
      return resize;
    default:
      return { height: resize.size, width: resize.size };
  }
}
