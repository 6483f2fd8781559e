import { AlexNetError } from '@alexnet/core';

/**
 * How training pictures are varied, in this order: a part of the picture, resized; rotation; colour jitter;
 * mirror; then, as floating point, colour noise and erasing.
 */
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
  /**
   * The preprocessing's crop at a random place of the resized picture: of all of it, or of the `square` in
   * its middle, as in the paper (224 out of the middle 256 × 256).
   */
  readonly randomCrop: 'whole' | 'square' | null;
  /** By an angle drawn from −degrees … degrees; what was outside the picture is black. */
  readonly rotation: { readonly degrees: number } | null;
  readonly colourJitter: ColourJitter | null;
  /** Shifts the colours along the principal components of the training set's own. */
  readonly colourNoise: {
    /** Standard deviation of what each eigenvalue is multiplied with; 0.1 in the paper. */
    readonly deviation: number;
  } | null;
  /** A rectangle of the input becomes 0, which is the mean of a centred input. */
  readonly erasing: {
    /** Share of the pictures that lose a rectangle. */
    readonly probability: number;
    /** Area of the rectangle, as a share of the input's: [least, most]. */
    readonly scale: readonly [number, number];
    /** Height / width of the rectangle: [least, most]. */
    readonly ratio: readonly [number, number];
  } | null;
}

/**
 * How far colours may go: factors for the first three are drawn from 1 − x … 1 + x, never below 0; hue is
 * turned by a share of the colour circle drawn from −x … x. The four come in random order.
 *
 * @see torchvision 0.29, `ColorJitter`
 */
export interface ColourJitter {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** 0.5 at most. */
  readonly hue: number;
}

export const AUGMENTATION_NAMES = [
  'none',
  'mirror',
  'mild',
  'colour',
  'standard',
  'strong',
  'paper',
] as const;
export type AugmentationName = (typeof AUGMENTATION_NAMES)[number];

const NONE: Augmentation = {
  mirror: false,
  randomResizedCrop: null,
  randomCrop: null,
  rotation: null,
  colourJitter: null,
  colourNoise: null,
  erasing: null,
};

const MILD: Augmentation = {
  ...NONE,
  mirror: true,
  randomResizedCrop: { scale: [0.4, 1], ratio: [3 / 4, 4 / 3] },
};

const STANDARD: Augmentation = {
  ...MILD,
  randomResizedCrop: { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] },
};

export const AUGMENTATIONS: Readonly<Record<AugmentationName, Augmentation>> = {
  none: NONE,
  mirror: { ...NONE, mirror: true },
  /** Larger parts than `standard`: for small sets and short trainings, where it learns sooner. */
  mild: MILD,
  /** `mild`, and colours that vary as much as light and cameras do. */
  colour: {
    ...MILD,
    colourJitter: { brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.02 },
  },
  /** What torchvision trains its AlexNet with: `RandomResizedCrop` and `RandomHorizontalFlip`. */
  standard: STANDARD,
  /** `standard` with everything else that is usual: for long trainings on few pictures. */
  strong: {
    ...STANDARD,
    rotation: { degrees: 10 },
    colourJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
    erasing: { probability: 0.25, scale: [0.02, 0.33], ratio: [0.3, 3.3] },
  },
  /**
   * The paper's: random crops out of the middle square, mirror, colour noise.
   *
   * @see Krizhevsky et al. 2012, §4.1
   */
  paper: { ...NONE, mirror: true, randomCrop: 'square', colourNoise: { deviation: 0.1 } },
};

/**
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` naming the value that is none
 */
export function checkAugmentation(augmentation: Augmentation): void {
  const { randomResizedCrop, randomCrop, rotation, colourNoise, erasing } = augmentation;
  if (randomResizedCrop !== null) {
    checkRanges('randomResizedCrop', randomResizedCrop, 'scale [0.08, 1] and ratio [0.75, 1.333]');
    if (randomCrop !== null) throw refuseTwoCrops();
  }
  if (erasing !== null) {
    checkRanges('erasing', erasing, 'scale [0.02, 0.33] and ratio [0.3, 3.3]');
    checkNumber('erasing.probability', erasing.probability, 1);
  }
  if (rotation !== null) checkNumber('rotation.degrees', rotation.degrees, 180);
  if (colourNoise !== null) checkNumber('colourNoise.deviation', colourNoise.deviation, 10);
  checkColourJitter(augmentation.colourJitter);
}

function checkColourJitter(jitter: ColourJitter | null): void {
  if (jitter === null) return;
  for (const name of ['brightness', 'contrast', 'saturation'] as const) {
    checkNumber(`colourJitter.${name}`, jitter[name], 100);
  }
  checkNumber('colourJitter.hue', jitter.hue, 0.5);
}

type Range = readonly [number, number];

function checkRanges(
  owner: string,
  ranges: { readonly scale: Range; readonly ratio: Range },
  usual: string,
): void {
  for (const name of ['scale', 'ratio'] as const) {
    const [least, most] = ranges[name];
    if (least > 0 && most >= least && Number.isFinite(most)) continue;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"${name}" of ${owner} is [least, most] with 0 < least ≤ most, not [${least}, ${most}].`,
      hint: `torchvision has ${usual}.`,
    });
  }
}

function checkNumber(name: string, value: number, most: number): void {
  if (value >= 0 && value <= most) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `"${name}" of an augmentation is a number from 0 to ${most}, not ${value}.`,
    hint: `Use null in place of "${name.split('.')[0]}" to leave it out.`,
  });
}

function refuseTwoCrops(): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: 'An augmentation has both randomResizedCrop and randomCrop.',
    hint: 'Set one of them to null: each decides which part of the picture is seen.',
  });
}
