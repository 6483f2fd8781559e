import { AlexNetError, type Preprocessing, type Random } from '@alexnet/core';

/** Principal components of the colours of a set of pictures, each value a byte / 255; the largest first. */
export interface ColourComponents {
  /** Of the covariance of red, green and blue. */
  readonly eigenvalues: readonly number[];
  /** One unit vector [red, green, blue] for each eigenvalue. */
  readonly eigenvectors: readonly (readonly number[])[];
}

/**
 * What is added to every pixel of one picture, as [red, green, blue], in units of white.
 *
 *   Σₖ pₖ αₖ λₖ,  αₖ ~ N(0, deviation)
 *
 * An eigenvalue is a variance, so its size depends on the unit: here a byte / 255, as torchvision's users
 * have it, where the shift of ImageNet's pictures is of some levels.
 *
 * @see Krizhevsky et al. 2012, §4.1
 */
export function drawColourShift(
  { eigenvalues, eigenvectors }: ColourComponents,
  deviation: number,
  random: Random,
): readonly number[] {
  const factors = eigenvalues.map((value) => value * deviation * random.normal());
  return [0, 1, 2].map((channel) =>
    factors.reduce((sum, factor, k) => sum + (eigenvectors[k]?.[channel] ?? 0) * factor, 0),
  );
}

/**
 * Adds a colour to all pixels of an input, in float32.
 *
 * @param planes - the input's channels, changed in place
 * @param shift - [red, green, blue], in units of white
 */
export function shiftColours(
  planes: readonly Float32Array[],
  shift: readonly number[],
  { channels, scale, std }: Pick<Preprocessing, 'channels' | 'scale' | 'std'>,
): void {
  for (const [index, plane] of planes.entries()) {
    const colour = channels === 'BGR' ? planes.length - 1 - index : index;
    const added = Math.fround(((shift[colour] ?? 0) * 255 * scale) / (std[index] ?? 1));
    for (let i = 0; i < plane.length; i++) plane[i] = (plane[i] as number) + added;
  }
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` if the noise cannot be made of what is given */
export function requireComponents(
  components: ColourComponents | undefined,
  channels: Preprocessing['channels'],
): ColourComponents {
  if (channels === 'grey') {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: 'Colour noise needs an input of three channels, but this one is grey.',
      hint: 'Leave colourNoise out (null), or use another augmentation than "paper".',
    });
  }
  if (components) return components;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: 'Colour noise goes by the colours of the training set, which were not given.',
    hint: 'Give "colourComponents": measureDataset(training) has them.',
  });
}
