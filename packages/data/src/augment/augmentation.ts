import { AlexNetError, type Preprocessing, type Random } from '@alexnet/core';
import { DEFAULT_INTERPOLATION, type Framing, frameCentre } from '../preprocess/framing.ts';
import { type Box, roundHalfToEven, type Size } from '../preprocess/geometry.ts';
import { preprocessedShape } from '../preprocess/preprocess.ts';

/** How training pictures are varied. */
export interface Augmentation {
  /** Left and right change places in half of the pictures. */
  readonly mirror: boolean;
  /** In place of the preprocessing's resize and crop: a random part, resized to the input's size. */
  readonly randomResizedCrop: {
    /** Area of the part, as a share of the picture's: [least, most]. */
    readonly scale: readonly [number, number];
    /** Width / height of the part: [least, most]. */
    readonly ratio: readonly [number, number];
  } | null;
}

export const AUGMENTATION_NAMES = ['none', 'mirror', 'mild', 'standard'] as const;
export type AugmentationName = (typeof AUGMENTATION_NAMES)[number];

export const AUGMENTATIONS: Readonly<Record<AugmentationName, Augmentation>> = {
  none: { mirror: false, randomResizedCrop: null },
  mirror: { mirror: true, randomResizedCrop: null },
  /** Larger parts than `standard`: for small sets and short trainings, where it learns sooner. */
  mild: {
    mirror: true,
    randomResizedCrop: { scale: [0.4, 1], ratio: [3 / 4, 4 / 3] },
  },
  /** What torchvision trains its AlexNet with: `RandomResizedCrop` and `RandomHorizontalFlip`. */
  standard: {
    mirror: true,
    randomResizedCrop: { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] },
  },
};

/** Tries to find a part that fits, before the middle is taken. */
const TRIES = 10;

/**
 * Draws the framing of one picture.
 *
 * @param options.random - of this picture and epoch alone
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if a random part is wanted and the input has no fixed
 *   size
 */
export function frameRandomly(
  picture: Size,
  options: {
    readonly preprocessing: Preprocessing;
    readonly augmentation: Augmentation;
    readonly random: Random;
  },
): Framing {
  const { preprocessing, augmentation, random } = options;
  const { randomResizedCrop } = augmentation;
  const framing =
    randomResizedCrop === null
      ? frameCentre(preprocessing, picture)
      : frameBox(drawBox(picture, randomResizedCrop, random), preprocessing);
  return { ...framing, mirror: augmentation.mirror && random.uniform() < 0.5 };
}

function frameBox(box: Box, preprocessing: Preprocessing): Framing {
  const [, height, width] = preprocessedShape(preprocessing);
  const { resize } = preprocessing;
  return {
    box,
    size: { width, height },
    window: { left: 0, top: 0, width, height },
    interpolation: resize.mode === 'none' ? DEFAULT_INTERPOLATION : resize,
    mirror: false,
  };
}

/**
 * @see torchvision 0.29, `RandomResizedCrop.get_params`
 */
function drawBox(
  picture: Size,
  { scale, ratio }: NonNullable<Augmentation['randomResizedCrop']>,
  random: Random,
): Box {
  const { width, height } = picture;
  const [narrowest, widest] = ratio;
  for (let i = 0; i < TRIES; i++) {
    const area = width * height * random.uniform(...scale);
    const aspect = Math.exp(random.uniform(Math.log(narrowest), Math.log(widest)));
    const size = {
      width: roundHalfToEven(Math.sqrt(area * aspect)),
      height: roundHalfToEven(Math.sqrt(area / aspect)),
    };
    if (size.width < 1 || size.height < 1 || size.width > width || size.height > height) continue;
    const top = random.integer(height - size.height + 1);
    return { ...size, top, left: random.integer(width - size.width + 1) };
  }
  const size = fitAspect(picture, Math.min(Math.max(width / height, narrowest), widest));
  return {
    ...size,
    left: Math.floor((width - size.width) / 2),
    top: Math.floor((height - size.height) / 2),
  };
}

/** The largest part of this aspect. At least one pixel, where torchvision can get to none. */
function fitAspect({ width, height }: Size, aspect: number): Size {
  if (width / height < aspect) {
    return { width, height: Math.max(roundHalfToEven(width / aspect), 1) };
  }
  return { width: Math.max(roundHalfToEven(height * aspect), 1), height };
}

/**
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` naming the range that is none
 */
export function checkAugmentation({ randomResizedCrop }: Augmentation): void {
  if (randomResizedCrop === null) return;
  for (const name of ['scale', 'ratio'] as const) {
    const [least, most] = randomResizedCrop[name];
    if (least > 0 && most >= least && Number.isFinite(most)) continue;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"${name}" of randomResizedCrop is [least, most] with 0 < least ≤ most, not [${least}, ${most}].`,
      hint: 'torchvision has scale [0.08, 1] and ratio [0.75, 1.333].',
    });
  }
}
