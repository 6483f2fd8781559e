import { isMeanImage, type Preprocessing, type PresetId, reverseMean } from '@alexnet/core';
import type { WeightFormat } from '../weight-file.ts';
import type { Layout } from './layout.ts';

/** A way to prepare pictures that goes with weights, and why. */
export interface PreprocessingChoice {
  readonly preprocessing: Preprocessing;
  /** Whose way it is: "as the preset's authors", "as the scripts for such files". */
  readonly because: string;
}

/** The networks of 2012 and its copies, whose weights others carry from framework to framework. */
const FAMILY_2012: readonly string[] = [
  'paper',
  'paper-code',
  'caffe-alexnet',
  'caffenet',
  'onnx-zoo',
  'ungrouped',
  'extra-conv',
  'mini',
];

export interface PreprocessingQuestion {
  readonly format: WeightFormat;
  readonly layout: Layout;
  readonly preset: PresetId;
  /** As the preset was published, for this size and these channels. */
  readonly published: Preprocessing;
  /** [C, H, W] */
  readonly inputShape: readonly number[];
}

/**
 * How pictures are prepared for weights of a format that says nothing of it.
 *
 * @see spec of the variants: weights of caffe-tensorflow and what was trained from them take one mean for each channel
 *   and the whole picture at the input's size; Caffe's take 256×256 and its middle
 */
export function choosePreprocessing(question: PreprocessingQuestion): PreprocessingChoice {
  const { format, layout, preset, published, inputShape } = question;
  const [channels = 3] = inputShape;
  const isTensorFlow =
    layout.conv !== 'OIHW' && ['numpy-dict', 'npz', 'npy', 'tf-checkpoint'].includes(format);
  const isFamily = FAMILY_2012.includes(preset);
  if (
    channels === 3 &&
    (format === 'numpy-dict' || (isTensorFlow && isFamily)) &&
    preset !== 'guerzhoy'
  ) {
    return {
      preprocessing: bvlcNpy(inputShape),
      because: 'as the scripts that use such files with TensorFlow do it',
    };
  }
  if (channels === 3 && format === 'caffemodel' && published.channels !== 'BGR') {
    return { preprocessing: caffeLike(inputShape), because: 'as Caffe does it' };
  }
  return { preprocessing: published, because: `as "${preset}" was published with` };
}

/** kratzert/finetune_alexnet_with_tensorflow: cv2.resize, VGG's means, BGR */
function bvlcNpy([, height = 227, width = 227]: readonly number[]): Preprocessing {
  return {
    resize: { mode: 'exact', height, width, filter: 'bilinear', antialias: false },
    crop: null,
    channels: 'BGR',
    scale: 1,
    mean: [103.939, 116.779, 123.68],
    std: [1, 1, 1],
  };
}

/** BVLC/caffe: 256×256 whatever the aspect, the middle, BGR */
export function caffeLike([, height = 227, width = 227]: readonly number[]): Preprocessing {
  const [tall, wide] = [height, width].map((side) => Math.round((side * 256) / 227));
  return {
    resize: {
      mode: 'exact',
      height: tall ?? 256,
      width: wide ?? 256,
      filter: 'bilinear',
      antialias: false,
    },
    crop: { height, width },
    channels: 'BGR',
    scale: 1,
    mean: [104, 117, 123],
    std: [1, 1, 1],
  };
}

/** pytorch/vision: short side resized, the middle, ImageNet's mean and deviation */
export function torchvisionLike([
  channels = 3,
  height = 224,
  width = 224,
]: readonly number[]): Preprocessing {
  const isGrey = channels === 1;
  return {
    resize: {
      mode: 'short-side',
      size: Math.round((Math.max(height, width) * 256) / 224),
      filter: 'bilinear',
      antialias: true,
    },
    crop: { height, width },
    channels: isGrey ? 'grey' : 'RGB',
    scale: 1 / 255,
    mean: isGrey ? [0.449] : [0.485, 0.456, 0.406],
    std: isGrey ? [0.226] : [0.229, 0.224, 0.225],
  };
}

/** The same for pictures whose channels come in the other order; the weights stay as they are. */
export function withChannelOrder(
  preprocessing: Preprocessing,
  order: 'RGB' | 'BGR',
): Preprocessing {
  const { channels, std } = preprocessing;
  if (channels === order || channels === 'grey') return preprocessing;
  return {
    ...preprocessing,
    channels: order,
    mean: reverseMean(preprocessing),
    std: std.toReversed(),
  };
}

/** `227×227 whatever the aspect; BGR in 0–255, less 104, 117, 123` */
export function describePreprocessing(preprocessing: Preprocessing): string {
  const { resize, crop, channels, scale, mean, std } = preprocessing;
  const size =
    resize.mode === 'none'
      ? 'as large as they are'
      : resize.mode === 'short-side'
        ? `short side ${resize.size}`
        : `${resize.height}×${resize.width} whatever the aspect`;
  const middle = crop ? `, the middle ${crop.height}×${crop.width}` : '';
  const range =
    scale === 1 ? '0–255' : Math.abs(scale * 255 - 1) < 1e-6 ? '0–1' : `0–${255 * scale}`;
  const by = std.some((value) => value !== 1) ? `, divided by ${std.join(', ')}` : '';
  return `${size}${middle}; ${channels} in ${range}${describeMean(mean)}${by}`;
}

function describeMean(mean: Preprocessing['mean']): string {
  if (mean === 'picture') return ', less the mean of the picture';
  if (isMeanImage(mean)) return `, less a mean image of ${mean.height}×${mean.width}`;
  return mean.some((value) => value !== 0) ? `, less ${mean.join(', ')}` : '';
}
