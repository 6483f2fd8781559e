import { createTensor, type Shape, sizeOf, type Tensor } from '@alexnet/core';
import { type ReadFloats, readingFrom } from '../elements/read-floats.ts';
import { transposeInto, turnRows } from '../elements/transpose.ts';
import type { FileTensor, LayoutConvention } from '../weight-file.ts';
import { matrixShape } from './file-layers.ts';

/** How arrays of a file lie; MLX and TensorFlow Lite have OHWI. */
export interface Layout {
  readonly conv: 'OIHW' | 'HWIO' | 'OHWI';
  readonly linear: LayoutConvention['linear'];
}

/** The layouts that a file may have: what its format usually has first. */
export function layoutsToTry({ conv, linear }: LayoutConvention): readonly Layout[] {
  const usual: Layout = { conv, linear };
  const others: readonly Layout[] = [
    { conv: 'OIHW', linear: 'out-in' },
    { conv: 'HWIO', linear: 'in-out' },
    { conv: 'OHWI', linear: 'out-in' },
    { conv: 'OIHW', linear: 'in-out' },
    { conv: 'HWIO', linear: 'out-in' },
  ];
  return [usual, ...others.filter((other) => other.conv !== conv || other.linear !== linear)];
}

/** The axes of a convolution's weight as core has them: [O, I, kH, kW]. */
export function convShape(shape: Shape, { conv }: Layout): Shape {
  const [a = 0, b = 0, c = 0, d = 0] = shape;
  switch (conv) {
    case 'OIHW':
      return [a, b, c, d];
    case 'HWIO':
      return [d, c, a, b];
    case 'OHWI':
      return [a, d, b, c];
    default:
      return conv satisfies never;
  }
}

/** The axes of a dense layer's weight as core has them: [out, in]. */
export function linearShape(shape: Shape, { linear }: Layout): Shape {
  const [a, b] = matrixShape(shape);
  return linear === 'out-in' ? [a, b] : [b, a];
}

/** A convolution's weight [O, I, kH, kW]; a view where the file's layout is core's. */
export function toConvWeight(tensor: FileTensor, layout: Layout): Tensor {
  const target = convShape(tensor.shape, layout);
  const [O = 0, I = 0, H = 0, W = 0] = target;
  const pixels = H * W;
  switch (layout.conv) {
    case 'OIHW':
      return { shape: target, data: tensor.toFloat32() };
    case 'OHWI':
      return { shape: target, data: turnRows(tensor.toFloat32(), [O, pixels, I]) };
    case 'HWIO':
      return transposed(tensor, target, [pixels, I, O]);
    default:
      return layout.conv satisfies never;
  }
}

function transposed(
  tensor: FileTensor,
  target: Shape,
  lengths: readonly [number, number, number],
): Tensor {
  const moved = createTensor(target);
  transposeInto(readerOf(tensor), moved.data, lengths);
  return moved;
}

function readerOf({ readFloats, toFloat32 }: FileTensor): ReadFloats {
  return readFloats ?? readingFrom(toFloat32());
}

/** Where a flattened picture goes into a dense layer. */
export interface FlattenedInput {
  readonly channels: number;
  /** H · W of the feature maps. */
  readonly pixels: number;
  /** Order in which the file flattens them. */
  readonly order: LayoutConvention['flatten'];
}

/**
 * A dense layer's weight [out, in], its inputs in the order CHW; a view where the file's layout is core's.
 *
 * @param flattened - for the first layer behind feature maps
 */
export function toLinearWeight(
  tensor: FileTensor,
  layout: Layout,
  flattened?: FlattenedInput,
): Tensor {
  const target = linearShape(tensor.shape, layout);
  const [out = 0, features = 0] = target;
  const isHwc = flattened !== undefined && flattened.order === 'HWC';
  const [pixels, channels] = isHwc ? [flattened.pixels, flattened.channels] : [1, features];
  if (layout.linear === 'in-out') return transposed(tensor, target, [pixels, channels, out]);
  const source = tensor.toFloat32();
  const data = pixels > 1 ? turnRows(source, [out, pixels, channels]) : source;
  return { shape: target, data };
}

/** A dense layer that the file has as a convolution over all of the feature maps, [out, C · H · W]. */
export function convToLinearWeight(tensor: FileTensor, layout: Layout): Tensor {
  const { shape, data } = toConvWeight(tensor, layout);
  return { shape: [shape[0] ?? 0, sizeOf(shape.slice(1))], data };
}

/** An array of one axis, however many axes of length 1 the file gives it. */
export function toVector(tensor: FileTensor): Tensor {
  return { shape: [sizeOf(tensor.shape)], data: tensor.toFloat32() };
}
