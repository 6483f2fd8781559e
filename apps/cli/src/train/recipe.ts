import type { InitScheme, PresetId, PresetOptions } from '@alexnet/core';
import type { AugmentationName, Dataset, Mixing } from '@alexnet/data';
import type { ScheduleKind } from '@alexnet/train';

/** What `train` does with a data set where its user does not say otherwise. */
export interface Recipe {
  readonly preset: PresetId;
  /** What the pictures ask of any preset. */
  readonly fit: Pick<PresetOptions, 'inputSize' | 'channels'>;
  /** Of the recipe's own preset; one that is named is taken as published. */
  readonly network: Pick<PresetOptions, 'widthMultiplier' | 'dropout'>;
  readonly init: InitScheme;
  readonly epochs: number;
  readonly batchSize: number;
  /** For `batchSize`; it grows and shrinks with the batch. */
  readonly learningRate: number;
  readonly schedule: ScheduleKind;
  /** `null` for what is usual for the optimiser. */
  readonly weightDecay: number | null;
  /** The length that a step's gradient is shortened to, at the recipe's rate; `null` for none. */
  readonly clipNorm: number | null;
  readonly augmentation: AugmentationName;
  readonly mixing: Mixing | null;
}

/** Pictures up to this side are taken for digits and icons, not for photos. */
const SMALL_SIDE = 32;

/**
 * Chooses network and settings by the pictures. The numbers were measured: see "Defaults" in the README.
 */
export function chooseRecipe({
  channels,
  pictureSize,
}: Pick<Dataset, 'channels' | 'pictureSize'>): Recipe {
  const side = pictureSize && Math.max(pictureSize.width, pictureSize.height);
  if (side === undefined || side > SMALL_SIDE) return PHOTOS;
  return { ...SMALL, fit: { inputSize: side, channels: channels ?? 3 } };
}

const SMALL: Recipe = {
  preset: 'mnist',
  fit: {},
  network: { widthMultiplier: 0.375, dropout: 0.1 },
  init: 'he',
  epochs: 5,
  batchSize: 32,
  learningRate: 0.03,
  schedule: 'one-cycle',
  weightDecay: null,
  clipNorm: null,
  augmentation: 'none',
  mixing: null,
};

const PHOTOS: Recipe = {
  preset: 'compact-bn',
  fit: {},
  network: {},
  init: 'he',
  epochs: 45,
  batchSize: 32,
  learningRate: 0.02,
  schedule: 'one-cycle',
  weightDecay: 0.001,
  clipNorm: 2,
  augmentation: 'mild',
  mixing: { kind: 'mixup', alpha: 0.2 },
};

/** For networks without batch normalisation, which the rate of {@link PHOTOS} throws off, and for tuning. */
const PLAIN: Recipe = {
  ...PHOTOS,
  preset: 'compact',
  epochs: 30,
  learningRate: 0.01,
  weightDecay: null,
  mixing: null,
};

/**
 * The rate of a recipe at another batch size: in proportion to it.
 *
 * @see Goyal et al. 2017, "Accurate, large minibatch SGD", §2.1
 */
export function scaleLearningRate({ learningRate, batchSize }: Recipe, wanted: number): number {
  return (learningRate * wanted) / batchSize;
}

/** The rate of the 2012 paper and of Caffe, for their batch of 128: what a network of 61 million weights takes. */
const PUBLISHED = { learningRate: 0.01, batchSize: 128 } as const;

/** The recipe for a preset that its user names: the rate that such networks were published with. */
export function adaptToPreset(recipe: Recipe, preset: PresetId): Recipe {
  if (preset === recipe.preset) return recipe;
  if (preset === PLAIN.preset) return PLAIN;
  const { batchSize } = recipe;
  const learningRate = (PUBLISHED.learningRate * batchSize) / PUBLISHED.batchSize;
  return { ...adaptToOwn(recipe), learningRate };
}

/** The recipe for a network that is not ours: its user's own, or one that others have trained. */
export function adaptToOwn(recipe: Recipe): Recipe {
  return recipe === PHOTOS ? PLAIN : recipe;
}
