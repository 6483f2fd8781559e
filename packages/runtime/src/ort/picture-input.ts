import { AlexNetError, formatShape, type Preprocessing, resizedSides } from '@alexnet/core';
import { type Box, frameCentre, type Size } from '@alexnet/data';
import { castToHalves } from '@alexnet/export';
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
 * @throws {@link AlexNetError} `INVALID_MODEL` for another type or shape, and for bytes of any size in a file that does
 *   not say what it makes of them
 */
export function describePictureInput(
  value: OrtValueInfo,
  { model, embedded }: PictureInputOptions,
): PictureInput {
  const { name, type, shape } = value;
  if (!shape) throw wrongType(value, model);
  const info = { name, shape };
  if (type === 'uint8') return describeBytes(info, { model, embedded });
  if (type !== 'float32' && type !== 'float16') throw wrongType(value, model);
  const sides = inferPictureShape(info, model);
  return {
    info,
    toTensor(ort, pictures, batchSize) {
      const dims = [batchSize, ...sides];
      if (type === 'float32') return new ort.Tensor(type, pictures, dims);
      return new ort.Tensor(type, castToHalves(pictures), dims);
    },
  };
}

/** @throws {@link AlexNetError} `INVALID_MODEL` */
export function wrongType({ name, type }: OrtValueInfo, model: string): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `"${name}" of ${model} is of type ${type ?? 'sequence or map'}, but float32 or float16 is needed.`,
    hint: 'Export the model with float32 inputs and outputs.',
    path: [name],
  });
}

function describeBytes(
  { name, shape }: ValueInfo,
  { model, embedded }: PictureInputOptions,
): PictureInput {
  const [batch = 'N', height, width, channels] = shape;
  if (shape.length !== 4 || channels !== 3) throw wrongBytes({ name, shape }, model);
  const sheet = findSheet({ height, width }, embedded);
  if (!sheet) throw wrongBytes({ name, shape }, model);
  const { window, size } = sheet;
  return {
    info: { name, shape: [batch, channels, window.height, window.width] },
    toTensor(ort, pictures, batchSize) {
      const dims = [batchSize, size.height, size.width, channels];
      return new ort.Tensor('uint8', toBytes(pictures, sheet), dims);
    },
  };
}

function wrongBytes({ name, shape }: ValueInfo, model: string): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `The input "${name}" of ${model} is uint8 ${formatShape(shape)}, but bytes of pictures are [N, height, width, 3].`,
    hint: 'Export the model with --embed.',
    path: [name],
  });
}

/** What a file is given for each picture: the picture lies in the window, which may reach beyond. */
interface Sheet {
  readonly size: Size;
  readonly window: Box;
}

/**
 * A file of a fixed size is given pictures as they are. One that resizes and crops: what its resizing leaves as it is,
 * with the picture where it crops. So pictures are framed here to the bit as for any other file, and several make a
 * batch.
 */
function findSheet(
  { height, width }: Readonly<Record<keyof Size, number | string | undefined>>,
  embedded: Preprocessing | null,
): Sheet | null {
  if (typeof height === 'number' && typeof width === 'number') {
    return { size: { height, width }, window: { left: 0, top: 0, height, width } };
  }
  const size = embedded && (resizedSides(embedded.resize) ?? embedded.crop);
  return size && { size, window: frameCentre(embedded, size).window };
}

/** Levels [N, 3, H, W] of the window → bytes [N, height, width, 3] of the sheet, 0 around it. */
function toBytes(levels: Float32Array, { size: { height, width }, window }: Sheet): Uint8Array {
  const plane = window.height * window.width;
  const planes = levels.length / plane;
  const bytes = new Uint8Array(planes * height * width);
  for (let index = 0; index < planes; index++) {
    const first = (index - (index % 3)) * height * width + (index % 3);
    for (let y = 0; y < window.height; y++) {
      const row = y + window.top;
      if (row < 0 || row >= height) continue;
      for (let x = 0; x < window.width; x++) {
        const column = x + window.left;
        if (column < 0 || column >= width) continue;
        const level = levels[index * plane + y * window.width + x] as number;
        bytes[first + (row * width + column) * 3] = level;
      }
    }
  }
  return bytes;
}
