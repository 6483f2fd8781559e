import {
  AlexNetError,
  centreOffset,
  decodeMeanImage,
  type MeanImage,
  type Preprocessing,
  type Sides,
} from '@alexnet/core';
import type { Value } from '../builder.ts';
import { addMiddle } from './add-framing.ts';
import type { PreprocessingScope } from './preprocessing-scope.ts';

export interface MeanImageOptions {
  readonly preprocessing: Preprocessing;
  /** Of the network's input. */
  readonly size: Sides;
  /** int64 [h, w] of the resized pictures, where the file resizes them. */
  readonly sides: Value | null;
}

/**
 * The part of a mean image that lies under the middle of the pictures.
 *
 * Shape: → [1, C, H, W]
 *
 * @throws AlexNetError `UNSUPPORTED` where that depends on the picture's size, which the file does not see
 */
export function addMeanImage(
  scope: PreprocessingScope,
  mean: MeanImage,
  { preprocessing, size, sides }: MeanImageOptions,
): Value {
  const { builder } = scope;
  const { resize, std } = preprocessing;
  const values = decodeMeanImage(mean, preprocessing);
  const margins = [mean.height - size.height, mean.width - size.width];
  // Both corners are rounded to even: a multiple of two apart, they are so for a picture of any size.
  if (resize.mode === 'exact' || margins.every((margin) => margin % 4 === 0)) {
    const shape = [1, std.length, size.height, size.width];
    return builder.constant(cutMiddle(values, mean, size), shape);
  }
  if (sides === null || resize.mode === 'none') throw refuseFloating(mean, size);
  const image = builder.constant(values, [1, std.length, mean.height, mean.width]);
  const place = (label: string, { height, width }: Sides): Value => {
    const surplus = scope.op(`${label}-surplus`, 'Sub', [sides, builder.ints(height, width)]);
    return addMiddle(scope, surplus, `${label}-`);
  };
  const start = scope.op('mean-start', 'Sub', [place('mean-crop', size), place('mean-area', mean)]);
  const end = scope.op('mean-end', 'Add', [start, builder.ints(size.height, size.width)]);
  return scope.op('mean', 'Slice', [image, start, end, builder.ints(2, 3)]);
}

/** Shape: [C, mean.height, mean.width] → [C, height, width] */
function cutMiddle(values: Float32Array, mean: Sides, { height, width }: Sides): Float32Array {
  const left = centreOffset(mean.width, width);
  const top = centreOffset(mean.height, height);
  const channels = values.length / (mean.height * mean.width);
  const middle = new Float32Array(channels * height * width);
  for (let row = 0; row < channels * height; row++) {
    const y = Math.floor(row / height) * mean.height + top + (row % height);
    const from = y * mean.width + left;
    middle.set(values.subarray(from, from + width), row * width);
  }
  return middle;
}

function refuseFloating(mean: MeanImage, size: Sides): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The mean image of ${mean.height} × ${mean.width} lies a pixel further here or there on the ${size.height} × ${size.width} that are cut out, as the picture's size has it, which the file would not see.`,
    hint: 'Embed the resize as well (--embed resize), or leave the preprocessing in the metadata: every runtime applies it.',
    path: ['embed'],
  });
}
