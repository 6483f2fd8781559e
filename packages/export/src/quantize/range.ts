import { AlexNetError } from '@alexnet/core';

/** Between what a value's numbers lie, over the pictures that it was measured on. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Ranges of a network's input and layers, by the names that they have in a file. */
export type Ranges = ReadonlyMap<string, Range>;

/** x ≈ (q − zeroPoint) · scale, q from −128 to 127 */
export interface Quantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

const LEAST = -128;
const STEPS = 255;
/** The smallest normal float32: smaller scales are 0 to processors that flush them. */
const SMALLEST_SCALE = 2 ** -126;

/**
 * The steps that cover a range and hit 0, which padding and ReLU are made of.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` for a range that is none
 */
export function quantizeRange(name: string, range: Range): Quantization {
  const [min, max] = [Math.min(0, range.min), Math.max(0, range.max)];
  if (!Number.isFinite(max - min) || range.min > range.max) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The range of "${name}" goes from ${range.min} to ${range.max}.`,
      hint: 'Measure it again, on pictures that the network gives finite numbers for.',
      path: ['ranges', name],
    });
  }
  const scale = Math.max(Math.fround((max - min) / STEPS), SMALLEST_SCALE);
  return { scale, zeroPoint: Math.round(LEAST - min / scale) };
}
