import { AlexNetError, formatShape, type Shape } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import type { CaffeLayer } from './caffe-layer.ts';
import type { CaffeNet } from './caffe-net.ts';
import { type FieldReader, readFields } from './fields.ts';

/** The picture that a network reads. */
export interface CaffeInput {
  /** Of the value. */
  readonly name: string;
  /** [C, H, W] */
  readonly shape: Shape;
  readonly transform: CaffeTransform | null;
}

/** How a data layer of Caffe prepares pictures: (picture − mean) · scale, BGR in 0–255. */
export interface CaffeTransform {
  /** Height and width of the crop; 0 for none. */
  readonly cropSize: number;
  /** Of each channel, or one for all; none where there is a file or no mean. */
  readonly meanValues: readonly number[];
  /** Name of a .binaryproto, as the author's machine had it; empty for none. Nothing opens it. */
  readonly meanFile: string;
  readonly scale: number;
  readonly isGrey: boolean;
}

/** Layers that read files, or stand for what is read. */
export const DATA_LAYERS: ReadonlySet<string> = new Set([
  'Input',
  'Data',
  'ImageData',
  'MemoryData',
  'DummyData',
  'HDF5Data',
  'WindowData',
]);

/**
 * Finds what a network reads, and its size.
 *
 * @param inputShape - [C, H, W], stronger than what the network says
 * @throws AlexNetError `UNSUPPORTED` if nothing says the size, `INVALID_MODEL` if there is no input at all
 */
export function findInput(net: CaffeNet, inputShape?: Shape): CaffeInput {
  checkShape(inputShape);
  const [declared] = net.inputs;
  if (declared) {
    const shape = inputShape ?? pictureOf(declared.shape) ?? freeSize(declared.name);
    return { name: declared.name, shape, transform: null };
  }
  const layers = net.layers.filter(({ type, tops }) => DATA_LAYERS.has(type) && tops.length > 0);
  // What a solver leaves has the layers of its training alone.
  const picture = layers.find(({ isForTest }) => isForTest) ?? layers[0];
  if (!picture) {
    throw new AlexNetError('INVALID_MODEL', {
      message: 'The Caffe network has no input.',
      hint: 'A deploy.prototxt has a layer of type "Input", or "input" and "input_dim" in its first lines.',
      path: ['input'],
    });
  }
  const transform = readTransform(picture);
  const shape = inputShape ?? shapeOf(picture, transform) ?? freeSize(picture.name);
  const [name = ''] = picture.tops;
  return { name, shape, transform };
}

function checkShape(shape: Shape | undefined): void {
  if (shape === undefined) return;
  const isLength = (length: number) => Number.isSafeInteger(length) && length > 0;
  if (shape.length === 3 && shape.every(isLength)) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `inputShape is ${formatShape(shape)}; it should be channels, height and width.`,
    hint: 'For example [3, 227, 227].',
  });
}

/** [N, C, H, W] or [C, H, W] without the batch. */
function pictureOf(shape: Shape): Shape | undefined {
  const picture = shape.slice(-3);
  const isKnown = shape.length >= 3 && shape.length <= 4 && picture.every((length) => length > 0);
  return isKnown ? picture : undefined;
}

function shapeOf(layer: CaffeLayer, transform: CaffeTransform | null): Shape | undefined {
  const fields = readFields(layer.fields, quoteName(layer.name));
  switch (layer.type) {
    case 'Input':
      return firstShape(fields.message('input_param'));
    case 'DummyData': {
      const settings = fields.message('dummy_data_param');
      return firstShape(settings) ?? separateShape(settings);
    }
    case 'MemoryData':
      return separateShape(fields.message('memory_data_param'));
    default: {
      const size = transform?.cropSize ?? 0;
      return size > 0 ? [transform?.isGrey ? 1 : 3, size, size] : undefined;
    }
  }
}

function firstShape(settings: FieldReader): Shape | undefined {
  return pictureOf(settings.messages('shape')[0]?.integers('dim', 0) ?? []);
}

function separateShape(settings: FieldReader): Shape | undefined {
  const lengths = ['channels', 'height', 'width'].map((axis) => settings.integers(axis, 0)[0] ?? 0);
  return pictureOf(lengths);
}

function readTransform({ name, fields }: CaffeLayer): CaffeTransform | null {
  if (!fields.has('transform_param')) return null;
  const transform = readFields(fields, quoteName(name)).message('transform_param');
  return {
    cropSize: transform.integer('crop_size', 0, 0),
    meanValues: transform.numbers('mean_value'),
    meanFile: transform.text('mean_file'),
    scale: transform.number('scale', 1),
    isGrey: transform.boolean('force_gray', false),
  };
}

function freeSize(name: string): never {
  throw new AlexNetError('UNSUPPORTED', {
    message: `The Caffe network does not say how large its input ${quoteName(name)} is.`,
    hint: 'Say it: prototxtToGraph(text, { inputShape: [3, 227, 227] }), channels, height, width.',
    path: [name],
  });
}
