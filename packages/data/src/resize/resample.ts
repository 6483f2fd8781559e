import type { Interpolation } from '@alexnet/core';
import type { Picture } from '../picture/picture.ts';
import type { Box, Size } from '../preprocess/geometry.ts';
import { resampleColumns, resampleRows } from './resample-passes.ts';
import { createResampleWeights, type ResampleWeights, type Span } from './resample-weights.ts';

export interface ResampleOptions {
  /** The part of the picture that is resized; nothing outside it is looked at. */
  readonly box: Box;
  /** What the box is resized to. */
  readonly size: Size;
  /** The part of the resized picture that is wanted; only it is computed. */
  readonly window: Box;
  readonly interpolation: Interpolation;
}

export type Resample = (picture: Picture, options: ResampleOptions) => Picture;

/**
 * Resizes a part of a picture and gives a part of the result, bit for bit as Pillow's
 * `picture.crop(box).resize(size).crop(window)`.
 *
 * Two passes with bytes between them, each only where its side changes. Every product and sum fits in a
 * signed 32-bit integer.
 *
 * @see Pillow 13, src/libImaging/Resample.c: `ImagingResampleInner`
 */
export function resample(picture: Picture, options: ResampleOptions): Picture {
  const { horizontal, vertical, area, isVerticalFirst } = planResample(options);
  if (vertical === null) {
    return horizontal ? resampleRows(picture, area, horizontal) : cropPicture(picture, area);
  }
  if (horizontal === null) return resampleColumns(picture, area, vertical);
  if (isVerticalFirst) {
    const flat = resampleColumns(picture, area, vertical);
    return resampleRows(flat, allOf(flat), horizontal);
  }
  const narrow = resampleRows(picture, area, horizontal);
  return resampleColumns(narrow, allOf(narrow), vertical);
}

/** The passes that a resampling takes, and the part of the picture that they read. */
export interface ResamplePlan {
  /** `null` where the width does not change, as `vertical` where the height does not. */
  readonly horizontal: ResampleWeights | null;
  readonly vertical: ResampleWeights | null;
  readonly area: Box;
  readonly isVerticalFirst: boolean;
}

export function planResample(
  { box, size, window, interpolation }: ResampleOptions,
  createWeights: typeof createResampleWeights = createResampleWeights,
): ResamplePlan {
  const across = { from: window.left, to: window.left + window.width };
  const down = { from: window.top, to: window.top + window.height };
  const weigh = (length: number, resized: number, span: Span) =>
    length === resized ? null : createWeights(length, resized, { interpolation, span });
  const horizontal = weigh(box.width, size.width, across);
  const vertical = weigh(box.height, size.height, down);
  const columns = horizontal?.source ?? across;
  const rows = vertical?.source ?? down;
  const area = {
    left: box.left + columns.from,
    top: box.top + rows.from,
    width: columns.to - columns.from,
    height: rows.to - rows.from,
  };
  return { horizontal, vertical, area, isVerticalFirst: isVerticalFirst(box, size) };
}

/** Part of a picture, not copied. */
export interface Cutout {
  readonly picture: Picture;
  readonly area: Box;
}

/** As {@link resample}, but what needs no resizing is not copied either. */
export function cutResampled(
  picture: Picture,
  options: ResampleOptions,
  resampleWith: Resample = resample,
): Cutout {
  const { box, size, window } = options;
  if (box.width !== size.width || box.height !== size.height) {
    return cutAll(resampleWith(picture, options));
  }
  const area = { ...window, left: box.left + window.left, top: box.top + window.top };
  return { picture, area };
}

export function cutAll(picture: Picture): Cutout {
  return { picture, area: allOf(picture) };
}

/**
 * Which pass comes first shows in the last bit of some bytes. Horizontal, unless the height loses more
 * than twice what the width loses (Pillow 12.1 and older do not make this exception).
 */
function isVerticalFirst(box: Size, size: Size): boolean {
  const lost = box.height - size.height;
  return lost > 0 && lost > 2 * (box.width - size.width);
}

function allOf({ width, height }: Size): Box {
  return { left: 0, top: 0, width, height };
}

/** A part of a picture; the picture itself where the part is all of it. */
function cropPicture(picture: Picture, box: Box): Picture {
  const { channels, pixels, width } = picture;
  if (box.left === 0 && box.top === 0 && box.width === width && box.height === picture.height) {
    return picture;
  }
  const rowBytes = box.width * channels;
  const cropped = new Uint8Array(rowBytes * box.height);
  for (let y = 0; y < box.height; y++) {
    const start = ((box.top + y) * width + box.left) * channels;
    cropped.set(pixels.subarray(start, start + rowBytes), y * rowBytes);
  }
  return { width: box.width, height: box.height, channels, pixels: cropped };
}
