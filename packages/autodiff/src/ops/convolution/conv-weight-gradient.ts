import { invariant } from '@alexnet/core';
import type { ConvGeometry, OnnxBuilder, Value } from '@alexnet/export';

/**
 * Columns that exist at one time. They take kH·kW times the room of x: those of a whole batch of 128 cost a
 * gigabyte more than chunks of this size, and more time for want of cache; chunks of less cost products
 * that are too small to be fast.
 */
const CHUNK_BYTES = 2 ** 25;

/**
 * dw as one matrix product a group: dy [O, N·P] times the columns of x [N·P, kH·kW·I], P = H'·W'.
 *
 * The columns are gathered from x in NHWC, so that a row of channels is copied at once; padding reads a
 * row of zeros appended to the pixels. Chunks of pictures are summed up in the product's addend.
 */
export function weightGradientByColumns(
  builder: OnnxBuilder,
  geometry: ConvGeometry,
  x: Value,
  dy: Value,
): Value {
  const { kernel, group } = geometry;
  const taps = kernel[0] * kernel[1];
  const inChannels = geometry.x.channels / group;
  const outChannels = geometry.dy.channels;
  const pixels = geometry.dy.height * geometry.dy.width;
  const indices = range(group).map((g) => builder.constant(columnIndices(geometry, g)));

  const bytesPerPicture = pixels * taps * inChannels * Float32Array.BYTES_PER_ELEMENT;
  const picturesPerChunk = Math.max(1, Math.floor(CHUNK_BYTES / bytesPerPicture));
  const chunks = chunkSizes(geometry.x.batch, picturesPerChunk);
  const xChunks = split(builder, x, 0, chunks);
  const dyChunks = split(builder, dy, 0, chunks);
  let sums: readonly Value[] = [];
  for (const [chunk, pictures] of chunks.entries()) {
    const rows = channelRows(builder, geometry, at(xChunks, chunk), pictures);
    const swapped = builder.op('Transpose', [at(dyChunks, chunk)], {
      perm: { ints: [1, 0, 2, 3] },
    });
    const dyRows = builder.op('Reshape', [swapped, builder.ints(outChannels, pictures * pixels)]);
    const dyGroups = split(
      builder,
      dyRows,
      0,
      range(group).map(() => outChannels / group),
    );
    const previous = sums;
    sums = dyGroups.map((dyGroup, g) => {
      const gathered = builder.op('Gather', [rows, at(indices, g)], { axis: { i: 1 } });
      const columns = builder.op('Reshape', [
        gathered,
        builder.ints(pictures * pixels, taps * inChannels),
      ]);
      return builder.op('Gemm', [dyGroup, columns, ...previous.slice(g, g + 1)]);
    });
  }
  const joined = concat(builder, sums, 0);
  const tapsFirst = builder.op('Reshape', [joined, builder.ints(outChannels, taps, inChannels)]);
  const channelsFirst = builder.op('Transpose', [tapsFirst], { perm: { ints: [0, 2, 1] } });
  return builder.op('Reshape', [channelsFirst, builder.ints(outChannels, inChannels, ...kernel)]);
}

/**
 * dw as a convolution of x with dy as the kernel: batch and channels change places, and the stride
 * becomes the dilation. Faster than columns where x has few channels and many pixels, as in conv1.
 */
export function weightGradientByConvolution(
  builder: OnnxBuilder,
  { x: input, dy: output, kernel, strides, pads, group }: ConvGeometry,
  x: Value,
  dy: Value,
): Value {
  const swap = { perm: { ints: [1, 0, 2, 3] } };
  const share = (channels: number) => range(group).map(() => channels / group);
  const xGroups = split(builder, builder.op('Transpose', [x], swap), 0, share(input.channels));
  const dyGroups = split(builder, builder.op('Transpose', [dy], swap), 0, share(output.channels));
  const perGroup = xGroups.map((xGroup, g) =>
    builder.op('Conv', [xGroup, at(dyGroups, g)], {
      kernel_shape: { ints: [output.height, output.width] },
      dilations: { ints: strides },
      pads: { ints: pads },
    }),
  ); // each [I / group, O / group, ≥ kH, ≥ kW]
  // Pixels that no window reaches, because the stride does not divide, make the result too long.
  const cropped = builder.op('Slice', [
    concat(builder, perGroup, 1),
    builder.ints(0, 0),
    builder.ints(...kernel),
    builder.ints(2, 3),
  ]);
  return builder.op('Transpose', [cropped], swap);
}

/** x as rows of one group's channels: [n, (H·W + 1)·group, I / group], the last pixel zero for padding. */
function channelRows(
  builder: OnnxBuilder,
  { x: { channels, height, width }, pads, group }: ConvGeometry,
  x: Value,
  pictures: number,
): Value {
  const pixels = height * width;
  const flat = builder.op('Reshape', [x, builder.ints(pictures, channels, pixels)]);
  const channelsLast = builder.op('Transpose', [flat], { perm: { ints: [0, 2, 1] } });
  const isPadded = pads.some((pad) => pad > 0);
  const padded = isPadded
    ? builder.op('Pad', [channelsLast, builder.ints(0, 0, 0, 0, 1, 0)])
    : channelsLast;
  if (group === 1) return padded;
  const rows = (pixels + (isPadded ? 1 : 0)) * group;
  return builder.op('Reshape', [padded, builder.ints(pictures, rows, channels / group)]);
}

/** For every output pixel and kernel tap, the row of {@link channelRows} that lies under it. */
function columnIndices(
  { x: { height, width }, dy, kernel: [kernelH, kernelW], strides, pads, group }: ConvGeometry,
  g: number,
): Int32Array {
  const indices = new Int32Array(dy.height * dy.width * kernelH * kernelW);
  let next = 0;
  for (let i = 0; i < dy.height; i++) {
    for (let j = 0; j < dy.width; j++) {
      for (let u = 0; u < kernelH; u++) {
        const row = i * strides[0] + u - pads[0];
        for (let v = 0; v < kernelW; v++) {
          const column = j * strides[1] + v - pads[1];
          const isInside = row >= 0 && row < height && column >= 0 && column < width;
          const pixel = isInside ? row * width + column : height * width;
          indices[next++] = pixel * group + g;
        }
      }
    }
  }
  return indices;
}

function split(
  builder: OnnxBuilder,
  value: Value,
  axis: number,
  sizes: readonly number[],
): readonly Value[] {
  if (sizes.length === 1) return [value];
  return builder.ops('Split', [value, builder.ints(...sizes)], { axis: { i: axis } }, sizes.length);
}

function concat(builder: OnnxBuilder, values: readonly Value[], axis: number): Value {
  const [only, ...others] = values;
  if (only !== undefined && others.length === 0) return only;
  return builder.op('Concat', values, { axis: { i: axis } });
}

/** `total` in pieces of `size`, the last one shorter if it must. */
function chunkSizes(total: number, size: number): readonly number[] {
  const count = Math.ceil(total / size);
  return range(count).map((chunk) => Math.min(size, total - chunk * size));
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  invariant(value !== undefined, `there are only ${values.length} parts`);
  return value;
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_value, i) => i);
}
