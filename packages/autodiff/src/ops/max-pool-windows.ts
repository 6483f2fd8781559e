import { invariant, type Shape } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';

/** Where the windows of a pool lie. */
export interface WindowGeometry {
  readonly kernelShape: readonly [number, number];
  readonly strides: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
  /** x [N, C, H, W] */
  readonly from: Shape;
  /** y [N, C, H', W'] */
  readonly to: Shape;
}

/** The finite number that no maximum is below. */
const LOWEST = -3.4028234663852886e38;

/** `TensorProto.DataType` */
const FLOAT = 1;

/**
 * The gradient of a max pool without its `Indices`, by operators that onnxruntime has for WebGPU. With every map a
 * picture of one channel, a `Conv` whose filters are the unit windows lays the elements of each window side by side;
 * the first that equals the maximum takes the gradient, and the `ConvTranspose` of the same filters adds it to where
 * the element came from.
 */
export function scatterByWindows(
  builder: OnnxBuilder,
  { x, y, dy }: Readonly<Record<'x' | 'y' | 'dy', Value>>,
  { kernelShape, strides, pads, from, to }: WindowGeometry,
): Value {
  const [N, C, H, W] = from;
  const [, , windowRows, windowColumns] = to;
  invariant(N && C && H && W && windowRows && windowColumns, 'the pool is not 4-D');
  const [kH, kW] = kernelShape;
  const [top, left, bottom, right] = pads;
  const size = kH * kW;
  const filters = builder.constant(
    createSquare(size, (row, column) => row === column),
    [size, 1, kH, kW],
  );
  const earlier = builder.constant(
    createSquare(size, (row, column) => column < row),
    [size, size, 1, 1],
  );
  const maps = builder.op('Reshape', [x, builder.ints(N * C, 1, H, W)]);
  const padded = pads.some((pad) => pad > 0)
    ? builder.op('Pad', [
        maps,
        builder.ints(0, 0, top, left, 0, 0, bottom, right),
        builder.scalar(LOWEST),
      ])
    : maps;
  const elements = builder.op('Conv', [padded, filters], { strides: { ints: strides } });
  const toWindows = (value: Value) =>
    builder.op('Reshape', [value, builder.ints(N * C, 1, windowRows, windowColumns)]);
  const toFloat = (value: Value) => builder.op('Cast', [value], { to: { i: FLOAT } });
  const isLargest = toFloat(builder.op('Equal', [elements, toWindows(y)]));
  const earlierOnes = builder.op('Conv', [isLargest, earlier]);
  const isFirst = builder.op('Mul', [
    isLargest,
    toFloat(builder.op('Less', [earlierOnes, builder.scalar(0.5)])),
  ]);
  const dx = builder.op('ConvTranspose', [builder.op('Mul', [isFirst, toWindows(dy)]), filters], {
    strides: { ints: strides },
    pads: { ints: pads },
    output_padding: {
      ints: [
        H + top + bottom - kH - (windowRows - 1) * strides[0],
        W + left + right - kW - (windowColumns - 1) * strides[1],
      ],
    },
  });
  return builder.op('Reshape', [dx, builder.ints(...from)]);
}

/** [size, size] of 1 where it is so, else 0. */
function createSquare(size: number, isOne: (row: number, column: number) => boolean): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) =>
    isOne(Math.floor(i / size), i % size) ? 1 : 0,
  );
}
