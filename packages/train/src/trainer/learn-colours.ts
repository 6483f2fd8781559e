import type { ModelMetadata } from '@alexnet/core';
import { AUGMENTATIONS, measureDataset } from '@alexnet/data';
import type { TrainOptions } from './train-options.ts';

/**
 * Metadata with the colours of the training pictures, where they are known, or where the augmentation goes by them. A
 * training that goes on has them from its checkpoint.
 *
 * @throws AlexNetError what `measureDataset` throws
 */
export async function learnColours({
  metadata,
  config,
  training,
  colours,
  resumeFrom,
  badPictures,
  signal,
}: Omit<TrainOptions, 'createEngine'>): Promise<ModelMetadata> {
  const { provenance } = metadata;
  const isNeeded = AUGMENTATIONS[config.augmentation].colourNoise !== null;
  if (resumeFrom && provenance.colours) return metadata;
  const { colours: _colours, ...others } = provenance;
  if (colours) return { ...metadata, provenance: { ...others, colours } };
  if (!isNeeded) return { ...metadata, provenance: others };
  const { mean, std, channels, components } = await measureDataset(training, {
    ...(badPictures ? { badPictures } : {}),
    ...(signal ? { signal } : {}),
  });
  // Grey pictures have one channel, and no colour to vary: readBatches refuses them by name.
  return channels === 1
    ? { ...metadata, provenance: others }
    : { ...metadata, provenance: { ...others, colours: { mean, std, ...components } } };
}
