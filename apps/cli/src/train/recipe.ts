import type { InitScheme, PresetId, PresetOptions } from '@alexnet/core';
import type { AugmentationName, Dataset } from '@alexnet/data';
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
  readonly augmentation: AugmentationName;
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
  augmentation: 'none',
};

const PHOTOS: Recipe = {
  preset: 'compact',
  fit: {},
  network: {},
  init: 'he',
  epochs: 30,
  batchSize: 32,
  learningRate: 0.01,
  schedule: 'one-cycle',
  augmentation: 'mild',
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
  const { batchSize } = recipe;
  return { ...recipe, learningRate: (PUBLISHED.learningRate * batchSize) / PUBLISHED.batchSize };
}
