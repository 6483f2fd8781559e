import { type Interpolation, type Preprocessing, resizedSides } from '@alexnet/core';
import type { MeasureOptions } from '@alexnet/data';
import { Option } from 'commander';
import { integer } from '../options/option-values.ts';

export interface FramingOptions {
  readonly shortSide?: number;
  readonly crop?: number;
}

const INTERPOLATION: Interpolation = { filter: 'bilinear', antialias: true };

/** Which part of a picture counts. */
export function framingOptions(): readonly Option[] {
  return [
    new Option('--short-side <pixels>', 'resize pictures so first').argParser(integer(1)),
    new Option('--crop <pixels>', 'the middle square of this side counts').argParser(integer(1)),
  ];
}

/** Without options pictures count as they are. */
export function toFraming({
  shortSide,
  crop,
}: FramingOptions): Pick<Preprocessing, 'resize' | 'crop'> {
  return {
    resize:
      shortSide === undefined
        ? { mode: 'none' }
        : { mode: 'short-side', size: shortSide, ...INTERPOLATION },
    crop: crop === undefined ? null : { width: crop, height: crop },
  };
}

/**
 * How pictures are measured that a network is to see: all that its inputs are cut from at one size, the square in the
 * middle of the resized picture; in grey where it sees grey.
 */
export function measuredAs({
  resize,
  crop,
  channels,
}: Preprocessing): Required<Pick<MeasureOptions, 'framing' | 'grey'>> {
  return { framing: { resize, crop: resizedSides(resize) ?? crop }, grey: channels === 'grey' };
}
