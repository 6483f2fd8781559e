import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AUGMENTATIONS, type Augmentation } from '../../augment/augmentation.ts';
import { readBatches } from '../../batches/batches.ts';
import { cachePictures } from '../../dataset/cached-pictures.ts';
import type { Dataset } from '../../dataset/dataset.ts';
import { splitDataset } from '../../dataset/split.ts';
import { openShards } from './open-shards.ts';
import { prepareShards } from './prepare-shards.ts';
import type { ShardShape } from './shard-format.ts';
import { batchOptions, createDataset } from './test-shards.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-shard-inputs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const SHORT: ShardShape = { kind: 'short-side', size: 16 };
const SQUARE: ShardShape = { kind: 'square', size: 16 };

describe('inputs have the bits that they have from the pictures', () => {
  const source = () => createDataset({ bad: [], length: 20 });

  async function collect(dataset: Dataset, augmentation: Augmentation) {
    const inputs: string[] = [];
    for await (const batch of readBatches(dataset, batchOptions(augmentation))) {
      inputs.push(`${batch.labels} ${Buffer.from(batch.images.buffer).toString('base64')}`);
    }
    return inputs;
  }

  test.each(['none', 'mirror', 'paper'] as const)(
    'short side as the preprocessing has it, augmentation %s',
    async (name) => {
      await prepareShards({ training: source() }, folder, { shape: SHORT });
      const { training } = await openShards(folder);
      const augmentation = AUGMENTATIONS[name];
      expect(await collect(training, augmentation)).toEqual(await collect(source(), augmentation));
    },
  );

  test.each(['mild', 'standard', 'strong'] as const)(
    'short side, augmentation %s: as from pictures kept in memory at that size',
    async (name) => {
      await prepareShards({ training: source() }, folder, { shape: SHORT });
      const { training } = await openShards(folder);
      const kept = cachePictures(source(), { shortSide: 16, limitBytes: 1e6 });
      const augmentation = AUGMENTATIONS[name];
      expect(await collect(training, augmentation)).toEqual(await collect(kept, augmentation));
    },
  );

  test.each(['none', 'paper'] as const)('squares, augmentation %s', async (name) => {
    await prepareShards({ training: source() }, folder, { shape: SQUARE });
    const { training } = await openShards(folder);
    const augmentation = AUGMENTATIONS[name];
    expect(await collect(training, augmentation)).toEqual(await collect(source(), augmentation));
  });

  test('and the split is the same', async () => {
    await prepareShards({ training: source() }, folder, { shape: SHORT });
    const { training } = await openShards(folder);
    const keys = (dataset: Dataset) =>
      Array.from({ length: dataset.length }, (_, i) => dataset.keyOf(i));
    const options = { validation: 0.3, seed: 2 };
    expect(keys(splitDataset(training, options).validation)).toEqual(
      keys(splitDataset(source(), options).validation),
    );
  });
});
