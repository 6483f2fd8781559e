import {
  AlexNetError,
  decodeMeanImage,
  encodeMeanImage,
  formatShape,
  type Preprocessing,
  reverseMean,
  type Shape,
  type Tensor,
} from '@alexnet/core';
import { channelMeans } from '../caffe/blob.ts';
import type { WeightFile } from '../weight-file.ts';

export interface MeanOptions {
  /** Name of the file, for messages. */
  readonly source?: string;
  /** Of the mean: RGB unless given. */
  readonly channelOrder?: 'RGB' | 'BGR';
  /** Takes one mean for each channel: that of the image's pixels. */
  readonly average?: boolean;
}

/**
 * A preprocessing with another mean: an image, or one number for each channel where there are no more. A grey one is
 * the same for all channels, as grey pictures are.
 *
 * Shape: mean [C, H, W], [H, W, C], [H, W] or [C] in 0–255, with any number of ones in front
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for another number of channels or another size than the pictures
 *   have, with both, and for numbers that are not finite
 */
export function withMean(
  preprocessing: Preprocessing,
  mean: Tensor,
  { source = 'The mean', channelOrder = 'RGB', average = false }: MeanOptions = {},
): Preprocessing {
  const planes = fillChannels(toPlanes(mean, source), preprocessing);
  checkMean(planes, { source, channels: preprocessing.channels });
  const inOrder = { ...preprocessing, mean: toMean(planes, preprocessing, { source, average }) };
  const isOrdered = preprocessing.channels === channelOrder || preprocessing.channels === 'grey';
  return isOrdered ? inOrder : { ...inOrder, mean: reverseMean(inOrder) };
}

/**
 * {@link withMean} of a file with one array: a `.binaryproto`, whose channels are in Caffe's order BGR unless the
 * options say otherwise, or a `.npy`.
 *
 * @throws {@link AlexNetError} as there, and `INVALID_ARGUMENT` for a file of several arrays
 * @example
 * const file = await readWeights(await openWeightSource('imagenet_mean.binaryproto'));
 * withMeanFile(preprocessing, file).mean // { height: 256, width: 256, float32: '…' }
 */
export function withMeanFile(
  preprocessing: Preprocessing,
  { format, tensors }: WeightFile,
  options: MeanOptions = {},
): Preprocessing {
  const [tensor, ...others] = tensors.values();
  const { source = 'The file' } = options;
  if (tensor && others.length === 0) {
    const mean = { shape: tensor.shape, data: tensor.toFloat32() };
    const usual = format === 'binaryproto' ? 'BGR' : 'RGB';
    return withMean(preprocessing, mean, { channelOrder: usual, ...options });
  }
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${source} holds ${tensors.size} arrays, but a mean is one.`,
    hint: "Give a .binaryproto of Caffe's, or a .npy as alexnet data stats --mean-image writes it.",
    path: [source],
  });
}

/** Shape: [C, H, W] in 0–255 → the same after `scale`, or C numbers */
function toMean(
  mean: Tensor,
  { scale, ...framed }: Preprocessing,
  { source, average }: Required<Pick<MeanOptions, 'source' | 'average'>>,
): Preprocessing['mean'] {
  const [, height = 1, width = 1] = mean.shape;
  if (average || height * width === 1) return channelMeans(mean).map((value) => value * scale);
  const values = mean.data.map((value) => value * scale);
  const image = encodeMeanImage(values, { height, width });
  decodeMeanImage(image, framed, { code: 'INVALID_ARGUMENT', name: source });
  return image;
}

/** Shape: any of those that are read → [C, H, W] */
function toPlanes({ shape, data }: Tensor, source: string): Tensor {
  const axes = dropLeadingOnes(shape);
  const [first = 1, second = 1, third = 1] = axes;
  if (axes.length <= 1) return { shape: [first, 1, 1], data };
  if (axes.length === 2) return { shape: [1, first, second], data };
  if (axes.length === 3 && isChannels(first)) return { shape: axes, data };
  if (axes.length === 3 && isChannels(third)) {
    const pixels = first * second;
    const planes = new Float32Array(data.length);
    for (const [i, value] of data.entries()) {
      planes[(i % third) * pixels + Math.floor(i / third)] = value;
    }
    return { shape: [third, first, second], data: planes };
  }
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${source} has the shape ${formatShape(shape)}, but a mean is [C, H, W], [H, W, C], [H, W] or [C], with 1 or 3 channels.`,
    hint: 'Save the mean alone, as alexnet data stats --mean-image does.',
    path: [source],
  });
}

/** Shape: [1, H, W] → [3, H, W] for a network that sees colours */
function fillChannels(planes: Tensor, { channels }: Pick<Preprocessing, 'channels'>): Tensor {
  const [count, ...sides] = planes.shape;
  if (count !== 1 || channels === 'grey') return planes;
  const { length } = planes.data;
  const data = new Float32Array(3 * length);
  for (let from = 0; from < data.length; from += length) data.set(planes.data, from);
  return { shape: [3, ...sides], data };
}

function dropLeadingOnes(shape: Shape): Shape {
  const start = shape.findIndex((length) => length !== 1);
  // Of what is one number all axes are ones; [1, H, W] is grey, as [H, W] is.
  return start < 0 ? [] : shape.slice(start);
}

function isChannels(length: number): boolean {
  return length === 1 || length === 3;
}

function checkMean(
  { shape, data }: Tensor,
  { source, channels }: { readonly source: string } & Pick<Preprocessing, 'channels'>,
): void {
  const [found] = shape;
  const expected = channels === 'grey' ? 1 : 3;
  if (found !== expected) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${source} has ${found} channels, but the network takes ${expected} (${channels}).`,
      hint: 'Give the mean of such pictures as the network takes.',
      path: [source],
    });
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${source} holds ${data[bad]} at index ${bad} of ${data.length}: a mean is of finite numbers.`,
    hint: 'Make the file again.',
    path: [source],
  });
}
