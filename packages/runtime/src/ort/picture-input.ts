import { AlexNetError, formatShape, type Preprocessing } from '@alexnet/core';
import { type Box, frameCentre, type Size } from '@alexnet/data';
import { toHalves } from '@alexnet/export';
import { inferPictureShape } from '../metadata.ts';
import type { ValueInfo } from '../session.ts';
import type { OrtTensor, OrtTensors, OrtValueInfo } from './ort.ts';

/** A model's input, and how a batch of pictures [N, C, H, W] gets into it. */
export interface PictureInput {
  /** [N, C, H, W], also where the model itself takes bytes with the channels last. */
  readonly info: ValueInfo;
  /** Shape: pictures [batchSize, C, H, W] → a tensor of the model's own type and layout */
  toTensor(ort: OrtTensors, pictures: Float32Array, batchSize: number): OrtTensor;
}

export interface PictureInputOptions {
  /** The file's name, for messages. */
  readonly model: string;
  /** All of the preprocessing, of a file that does a part of it itself. */
  readonly embedded: Preprocessing | null;
}

/**
 * Floats or halves [N, C, H, W], or bytes [N, H, W, 3] of a model that prepares its pictures itself: those are the
 * levels 0 to 255 of pictures that are neither scaled nor centred, red first.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` for another type or shape, `UNSUPPORTED` for bytes of any size in a file
 *   that does not say what it makes of them
 */
export function describePictureInput(
  value: OrtValueInfo,
  { model, embedded }: PictureInputOptions,
): PictureInput {
  const { name, type, shape } = value;
  if (!shape) throw wrongType(value, model);
  const info = { name, shape };
  switch (type) {
    case 'uint8':
      return describeBytes(info, { model, embedded });
    case 'float32':
      return describeNumbers(info, model, (ort, pictures, dims) => {
        return new ort.Tensor('float32', pictures, dims);
      });
    case 'float16':
      return describeNumbers(info, model, (ort, pictures, dims) => {
        return new ort.Tensor('float16', toHalves(name, pictures), dims);
      });
    default:
      throw wrongType(value, model);
  }
}

/** @throws {@link AlexNetError} `INVALID_MODEL` */
export function wrongType({ name, type }: OrtValueInfo, model: string): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `"${name}" of ${model} is of type ${type ?? 'sequence or map'}, but float32 or float16 is needed.`,
    hint: 'Export the model with float32 inputs and outputs; its weights may be of any type.',
    path: [name],
  });
}

function describeNumbers(
  info: ValueInfo,
  model: string,
  makeTensor: (ort: OrtTensors, pictures: Float32Array, dims: readonly number[]) => OrtTensor,
): PictureInput {
  const sides = inferPictureShape(info, model);
  return {
    info,
    toTensor: (ort, pictures, batchSize) => makeTensor(ort, pictures, [batchSize, ...sides]),
  };
}

function describeBytes(
  { name, shape }: ValueInfo,
  { model, embedded }: PictureInputOptions,
): PictureInput {
  const [batch = 'N', height = 'H', width = 'W', channels] = shape;
  if (shape.length !== 4 || channels !== 3) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `The input "${name}" of ${model} is uint8 ${formatShape(shape)}, but bytes of pictures are [N, height, width, 3].`,
      hint: 'Give a model whose input is a batch of pictures, red, green and blue last.',
      path: [name],
    });
  }
  const fixed = typeof height === 'number' && typeof width === 'number' ? { height, width } : null;
  const sheet = fixed ? fillSheet(fixed) : embedded && findSheet(embedded);
  if (!sheet) throw anySize(name, model);
  const { window, size } = sheet;
  return {
    info: { name, shape: [batch, channels, window.height, window.width] },
    toTensor(ort, pictures, batchSize) {
      const dims = [batchSize, size.height, size.width, channels];
      return new ort.Tensor('uint8', toBytes(pictures, sheet), dims);
    },
  };
}

/** What a file is given for each picture: the picture lies in the window, which may reach beyond. */
interface Sheet {
  readonly size: Size;
  readonly window: Box;
}

function fillSheet(size: Size): Sheet {
  return { size, window: { left: 0, top: 0, ...size } };
}

/**
 * Of a file that resizes and crops: of the size that its resizing leaves as it is, the picture where it crops. So
 * pictures are framed here to the bit as for any other file, and several make a batch.
 */
function findSheet({ resize, crop }: Preprocessing): Sheet {
  const size = sizeThatStays({ resize, crop });
  return { size, window: frameCentre({ resize, crop }, size).window };
}

function sizeThatStays({ resize, crop }: Pick<Preprocessing, 'resize' | 'crop'>): Size {
  switch (resize.mode) {
    case 'exact':
      return { height: resize.height, width: resize.width };
    case 'short-side':
      return { height: resize.size, width: resize.size };
    default:
      return crop ?? { height: 0, width: 0 };
  }
}

function anySize(name: string, model: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `${model} takes pictures of any size, and does not say what it makes of them: there is no "alexnet.embedded" in its metadata.`,
    hint: 'Export it again with --embed resize, or give a model of a fixed height and width.',
    path: [name],
  });
}

/** Levels [N, 3, H, W] → bytes [N, height, width, 3] of the sheet, 0 around the picture. */
function toBytes(levels: Float32Array, { size, window }: Sheet): Uint8Array {
  const plane = window.height * window.width;
  const count = levels.length / (3 * plane);
  const bytes = new Uint8Array(count * size.height * size.width * 3);
  const rows = overlap(window.top, window.height, size.height);
  const columns = overlap(window.left, window.width, size.width);
  for (let index = 0; index < count * 3; index++) {
    const picture = Math.floor(index / 3);
    const channel = index % 3;
    for (let y = rows.first; y < rows.end; y++) {
      const from = index * plane + y * window.width;
      const row = (picture * size.height + window.top + y) * size.width + window.left;
      for (let x = columns.first; x < columns.end; x++) {
        bytes[(row + x) * 3 + channel] = levels[from + x] as number;
      }
    }
  }
  return bytes;
}

/** Which part of a window of this length lies within the sheet. */
function overlap(
  start: number,
  length: number,
  whole: number,
): { readonly first: number; readonly end: number } {
  return { first: Math.max(0, -start), end: Math.min(length, whole - start) };
}
