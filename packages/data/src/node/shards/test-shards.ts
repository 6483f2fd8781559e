import { AlexNetError, createRandom, type Preprocessing } from '@alexnet/core';
import { AUGMENTATIONS, type Augmentation } from '../../augment/augmentation.ts';
import type { BatchOptions } from '../../batches/batch.ts';
import type { Dataset } from '../../dataset/dataset.ts';

/** Noise of many sizes, some of it grey; picture 5 cannot be read. */
export function createDataset({
  length = 23,
  bad = [5] as readonly number[],
  pixel = 0,
} = {}): Dataset {
  return {
    name: 'noise',
    labels: ['b', 'a', 'c'],
    length,
    labelOf: (index) => index % 3,
    nameOf: (index) => `/photos/${index}.png`,
    keyOf: (index) => `${index}.png`,
    readPicture: async (index) => {
      if (bad.includes(index)) throw new AlexNetError('INVALID_PICTURE', { message: 'torn' });
      const random = createRandom(index);
      const width = 9 + random.integer(30);
      const height = 9 + random.integer(30);
      const channels = index % 4 === 0 ? 1 : 3;
      const pixels = Uint8Array.from({ length: width * height * channels }, () =>
        random.integer(256),
      );
      pixels[0] = (pixels[0] ?? 0) ^ pixel;
      return { width, height, channels, pixels };
    },
  };
}

const PREPROCESSING: Preprocessing = {
  resize: { mode: 'short-side', size: 16, filter: 'bilinear', antialias: true },
  crop: { width: 12, height: 12 },
  channels: 'RGB',
  scale: 1 / 255,
  mean: [0.4, 0.5, 0.6],
  std: [0.2, 0.3, 0.25],
};

/** Batches of four in a drawn order. */
export function batchOptions(augmentation: Augmentation = AUGMENTATIONS.none): BatchOptions {
  return {
    preprocessing: PREPROCESSING,
    batchSize: 4,
    random: createRandom(3).split('epoch', 1),
    shuffle: true,
    augmentation,
    colourComponents: {
      eigenvalues: [0.2, 0.1, 0.05],
      eigenvectors: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
    },
  };
}
