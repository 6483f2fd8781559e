import type { Preprocessing, Resize } from '../model/preprocessing.ts';
import type { ResolvedOptions } from './preset.ts';

/**
 * The paper's: short side 256, the middle, RGB in 0–255 around a mean.
 *
 * It subtracts the mean picture of the training set; these are the means of that picture's channels on
 * ImageNet.
 *
 * @param crop - side of the crop out of 256: the published input size
 * @see Krizhevsky et al. 2012, §2
 */
export function paperPreprocessing(crop: number): (options: ResolvedOptions) => Preprocessing {
  return ({ inputSize, channels }) => ({
    resize: shortSideResize(inputSize, crop, 256),
    crop: { height: inputSize, width: inputSize },
    channels: channels === 1 ? 'grey' : 'RGB',
    scale: 1,
    mean: channels === 1 ? [117] : [122.679, 116.669, 104.007],
    std: ones(channels),
  });
}

/**
 * Caffe's: 256×256 whatever the aspect, the middle, BGR in 0–255 around the means of its mean picture's
 * channels.
 *
 * @see BVLC/caffe models/bvlc_alexnet/train_val.prototxt · python/caffe/imagenet/ilsvrc_2012_mean.npy
 */
export function caffePreprocessing({ inputSize, channels }: ResolvedOptions): Preprocessing {
  const side = Math.round((inputSize * 256) / 227);
  return {
    resize: { mode: 'exact', height: side, width: side, filter: 'bilinear', antialias: false },
    crop: { height: inputSize, width: inputSize },
    channels: channels === 1 ? 'grey' : 'BGR',
    scale: 1,
    mean: channels === 1 ? [117] : [104, 117, 123],
    std: ones(channels),
  };
}

/** The whole picture at the input's size, in 0–1. */
export function unitPreprocessing({ inputSize, channels }: ResolvedOptions): Preprocessing {
  return {
    resize: exactResize(inputSize),
    crop: null,
    channels: channels === 1 ? 'grey' : 'RGB',
    scale: 1 / 255,
    mean: channels === 1 ? [0] : [0, 0, 0],
    std: ones(channels),
  };
}

/** Resized so that the crop is `crop` / `full` of the short side: 224 of 256 as in the paper. */
export function shortSideResize(inputSize: number, crop: number, full: number): Resize {
  return {
    mode: 'short-side',
    size: Math.round((inputSize * full) / crop),
    filter: 'bilinear',
    antialias: true,
  };
}

/** The whole picture, its aspect ignored. */
export function exactResize(side: number): Resize {
  return { mode: 'exact', height: side, width: side, filter: 'bilinear', antialias: true };
}

/** Divides by nothing. */
export function ones(channels: number): readonly number[] {
  return Array.from({ length: channels }, () => 1);
}
