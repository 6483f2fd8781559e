import { AlexNetError, formatShape } from '@alexnet/core';
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

/**
 * Float32 [N, C, H, W], or bytes [N, H, W, 3] of a model that prepares its pictures itself: those are the levels 0 to 255
 * of pictures that are neither scaled nor centred, red first.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` for another type or shape, `UNSUPPORTED` for bytes of any size
 */
export function describePictureInput(value: OrtValueInfo, model: string): PictureInput {
  const { name, type, shape } = value;
  if (type === 'uint8' && shape) return describeBytes({ name, shape }, model);
  if (type !== 'float32' || !shape) throw wrongType(value, model);
  const info = { name, shape };
  const sides = inferPictureShape(info, model);
  return {
    info,
    toTensor: (ort, pictures, batchSize) =>
      new ort.Tensor('float32', pictures, [batchSize, ...sides]),
  };
}

/** @throws {@link AlexNetError} `INVALID_MODEL` */
export function wrongType({ name, type }: OrtValueInfo, model: string): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `"${name}" of ${model} is of type ${type ?? 'sequence or map'}, but float32 is needed.`,
    hint: 'Export the model with float32 inputs and outputs; its weights may be of any type.',
    path: [name],
  });
}

function describeBytes({ name, shape }: ValueInfo, model: string): PictureInput {
  const [batch = 'N', height = 'H', width = 'W', channels] = shape;
  if (shape.length !== 4 || channels !== 3) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `The input "${name}" of ${model} is uint8 ${formatShape(shape)}, but bytes of pictures are [N, height, width, 3].`,
      hint: 'Give a model whose input is a batch of pictures, red, green and blue last.',
      path: [name],
    });
  }
  if (typeof height !== 'number' || typeof width !== 'number') {
    throw new AlexNetError('UNSUPPORTED', {
      message: `${model} takes pictures of any size and resizes them itself, so that pictures do not fit into a batch.`,
      hint: 'That form is for programs that prepare no pictures. Here, use the export without it, or with --embed preprocessing.',
      path: [name],
    });
  }
  const size = { height, width };
  return {
    info: { name, shape: [batch, channels, height, width] },
    toTensor: (ort, pictures, batchSize) =>
      new ort.Tensor('uint8', toBytes(pictures, size), [batchSize, height, width, channels]),
  };
}

/** Levels [N, 3, H, W] → bytes [N, H, W, 3] */
function toBytes(
  levels: Float32Array,
  { height, width }: { readonly height: number; readonly width: number },
): Uint8Array {
  const plane = height * width;
  const bytes = new Uint8Array(levels.length);
  for (let start = 0; start < levels.length; start += 3 * plane) {
    for (let channel = 0; channel < 3; channel++) {
      const from = start + channel * plane;
      for (let i = 0; i < plane; i++) {
        bytes[start + i * 3 + channel] = levels[from + i] as number;
      }
    }
  }
  return bytes;
}
