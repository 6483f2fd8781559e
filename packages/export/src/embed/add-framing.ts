import type { Interpolation, Preprocessing, Resize } from '@alexnet/core';
import type { Value } from '../builder.ts';
import { DataType } from '../proto/messages.ts';
import type { PreprocessingScope } from './preprocessing-scope.ts';

export interface FramingOptions {
  /** float32 [N, 3, h, w] */
  readonly pixels: Value;
  /** The same as bytes, uint8 [N, h, w, 3]. */
  readonly bytes: Value;
  readonly preprocessing: Preprocessing;
  /** [H, W] of the network's input. */
  readonly size: readonly [number, number];
}

/** Pictures of the network's size, and where these were cut. */
export interface Framed {
  /** float32 [N, 3, H, W] */
  readonly pixels: Value;
  /** int64 [h, w]: the sides of the resized pictures. */
  readonly sides: Value;
}

/**
 * Resizes pictures of any size and cuts their middle out, whole levels from 0 to 255 as bytes are.
 *
 * A Resize for the width, then one for the height, with levels between them, as Pillow does it: one for both would not
 * round between, and be off by more.
 *
 * Shape: [N, 3, h, w] → [N, 3, H, W]
 *
 * @see packages/data/src/resize/resample.ts, which this is to agree with
 */
export function addFraming(scope: PreprocessingScope, options: FramingOptions): Framed {
  const { pixels, bytes, preprocessing, size } = options;
  const { builder } = scope;
  const { resize, crop } = preprocessing;
  const shape = scope.op('shape', 'Shape', [bytes]);
  const sides = scope.op('sides', 'Gather', [shape, builder.ints(1, 2)]); // [h, w]
  const resized = addResizedSides(scope, sides, resize);
  const small = resize.mode === 'none' ? pixels : addResize(scope, pixels, { resized, resize });
  const cut = crop === null ? small : addCrop(scope, small, { sides: resized, crop });
  return {
    pixels: scope.op('framed', 'Reshape', [cut, builder.ints(-1, 3, ...size)]),
    sides: resized,
  };
}

/** int64 [top, left] of the middle, at round-half-to-even. */
export function addMiddle(scope: PreprocessingScope, surplus: Value, prefix = ''): Value {
  const { builder } = scope;
  const float = scope.op(`${prefix}surplus-float`, 'Cast', [surplus], {
    to: { i: DataType.float },
  });
  const middle = scope.op(`${prefix}middle`, 'Mul', [float, builder.scalar(0.5)]);
  const even = scope.op(`${prefix}middle-even`, 'Round', [middle]);
  return scope.op(`${prefix}offset`, 'Cast', [even], { to: { i: DataType.int64 } });
}

/** int64 [h, w] after the resize. */
function addResizedSides(scope: PreprocessingScope, sides: Value, resize: Resize): Value {
  const { builder } = scope;
  switch (resize.mode) {
    case 'none':
      return sides;
    case 'exact':
      return builder.ints(resize.height, resize.width);
    default: {
      const height = scope.op('height', 'Gather', [sides, builder.ints(0)]);
      const width = scope.op('width', 'Gather', [sides, builder.ints(1)]);
      const short = scope.op('short-side', 'Min', [height, width]);
      const long = scope.op('sides-times-size', 'Mul', [sides, builder.ints(resize.size)]);
      return scope.op('resized-sides', 'Div', [long, short]);
    }
  }
}

function addResize(
  scope: PreprocessingScope,
  pixels: Value,
  { resized, resize }: { readonly resized: Value; readonly resize: Interpolation },
): Value {
  const { builder } = scope;
  const isCubic = resize.filter === 'bicubic';
  const along = (label: string, value: Value, axis: 2 | 3): Value => {
    const side = scope.op(`${label}-side`, 'Gather', [resized, builder.ints(axis - 2)]);
    const scaled = scope.op(`${label}-resized`, 'Resize', [value, '', '', side], {
      antialias: { i: resize.antialias ? 1 : 0 },
      // As Pillow: what a filter would take from beyond the picture, the samples inside share.
      exclude_outside: { i: resize.antialias || isCubic ? 1 : 0 },
      axes: { ints: [axis] },
      coordinate_transformation_mode: { s: 'half_pixel' },
      mode: { s: isCubic ? 'cubic' : 'linear' },
      ...(isCubic ? { cubic_coeff_a: { f: -0.5 } } : {}),
    });
    const raised = scope.op(`${label}-raised`, 'Add', [scaled, builder.scalar(0.5)]);
    const levels = scope.op(`${label}-levels`, 'Floor', [raised]);
    if (!isCubic) return levels;
    return scope.op(`${label}-bytes`, 'Clip', [levels, builder.scalar(0), builder.scalar(255)]);
  };
  return along('rows', along('columns', pixels, 3), 2);
}

/** The middle, cut at round-half-to-even; what is smaller lies in the middle of zeros, the odd one behind. */
function addCrop(
  scope: PreprocessingScope,
  pixels: Value,
  {
    sides,
    crop,
  }: { readonly sides: Value; readonly crop: { readonly height: number; readonly width: number } },
): Value {
  const { builder } = scope;
  const zero = builder.ints(0, 0);
  const wanted = builder.ints(crop.height, crop.width);
  const surplus = scope.op('surplus', 'Sub', [sides, wanted]);
  const offset = addMiddle(scope, surplus);
  const start = scope.op('start', 'Max', [offset, zero]);
  const end = scope.op('end', 'Add', [start, wanted]);
  const cut = scope.op('cut', 'Slice', [pixels, start, end, builder.ints(2, 3)]);
  const missing = scope.op('missing', 'Max', [scope.op('lack', 'Neg', [surplus]), zero]);
  const before = scope.op('before', 'Div', [missing, builder.ints(2)]);
  const behind = scope.op('behind', 'Sub', [missing, before]);
  const pads = scope.op('pads', 'Concat', [zero, before, zero, behind], { axis: { i: 0 } });
  return scope.op('padded', 'Pad', [cut, pads, builder.scalar(0)]);
}
