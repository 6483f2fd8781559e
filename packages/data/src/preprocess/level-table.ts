import { AlexNetError, isMeanImage, type Preprocessing } from '@alexnet/core';
import { countChannels } from './channels.ts';

/** How many values a byte has. */
export const LEVELS = 256;

/**
 * What each byte becomes: {@link LEVELS} values for each channel of the tensor, in its order.
 *
 *   table[channel][byte] = (byte · scale − mean) / std, each step rounded to float32
 *
 * With scale 1/255 that is torchvision's `ToTensor` and `Normalize`, bit for bit. A mean that is no number for each
 * channel is left to those who know the picture, with the division behind it: table[channel][byte] = byte · scale.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if `mean` or `std` has not one usable value for each
 *   channel
 * @see torchvision 0.29, `functional.to_tensor`, `functional.normalize`
 */
export function createLevelTable(preprocessing: Preprocessing): Float32Array {
  const { channels, scale, mean, std } = preprocessing;
  const count = countChannels(channels);
  const means = meansOfChannels(mean);
  if (means) checkValues('mean', means, count);
  checkValues('std', std, count);
  if (std.includes(0)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"std" of the preprocessing divides and cannot be 0: [${std.join(', ')}].`,
      hint: 'Use 1 to leave a channel as it is.',
    });
  }
  return Float32Array.from({ length: count * LEVELS }, (_, index) => {
    const channel = Math.floor(index / LEVELS);
    const centre = Math.fround(means?.[channel] ?? 0);
    const spread = Math.fround((means && std[channel]) ?? 1);
    return Math.fround(Math.fround((index % LEVELS) * scale) - centre) / spread;
  });
}

/** One for each channel; `null` of a mean that the levels are without. */
export function meansOfChannels(mean: Preprocessing['mean']): readonly number[] | null {
  return mean === 'picture' || isMeanImage(mean) ? null : mean;
}

function checkValues(name: 'mean' | 'std', values: readonly number[], channels: number): void {
  if (values.length === channels && values.every(Number.isFinite)) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `"${name}" of the preprocessing has ${values.length} values [${values.join(', ')}] for ${channels} channels.`,
    hint: 'Give one finite number for each channel of the tensor, in its order.',
  });
}
