import { AlexNetError, createRandom } from '@alexnet/core';
import type { Dataset } from '../dataset/dataset.ts';
import type { Batch, BatchOptions } from './batch.ts';
import { readBatches } from './batches.ts';

/** Of the pictures' sides. */
export const SIZE = 6;

interface FakeOptions {
  readonly length?: number;
  readonly bad?: readonly number[];
  /** How long a picture takes, in ticks of the event loop. */
  readonly delay?: (index: number) => number;
}

/** What was asked of it. */
export interface FakeState {
  running: number;
  mostRunning: number;
  readonly started: number[];
}

/** Grey pictures; the first pixel is the index. */
export function createFake({ length = 20, bad = [], delay = () => 0 }: FakeOptions = {}): {
  readonly dataset: Dataset;
  readonly state: FakeState;
} {
  const state: FakeState = { running: 0, mostRunning: 0, started: [] };
  const dataset: Dataset = {
    name: 'fake',
    labels: ['even', 'odd'],
    length,
    labelOf: (index) => index % 2,
    nameOf: (index) => `picture ${index}`,
    keyOf: String,
    readPicture: async (index) => {
      state.started.push(index);
      state.running += 1;
      state.mostRunning = Math.max(state.mostRunning, state.running);
      for (let tick = 0; tick < delay(index); tick++) await new Promise((go) => setImmediate(go));
      state.running -= 1;
      if (bad.includes(index)) {
        throw new AlexNetError('INVALID_PICTURE', { message: `picture ${index} is bad` });
      }
      const random = createRandom(index);
      const pixels = Uint8Array.from({ length: SIZE * SIZE }, () => random.integer(256));
      pixels[0] = index;
      return { width: SIZE, height: SIZE, channels: 1, pixels };
    },
  };
  return { dataset, state };
}

export const BASE: BatchOptions = {
  preprocessing: {
    resize: { mode: 'none' },
    crop: { width: SIZE, height: SIZE },
    channels: 'grey',
    scale: 1,
    mean: [0],
    std: [1],
  },
  batchSize: 8,
  random: createRandom(5).split('epoch', 0),
  shuffle: true,
};

/** A pass of {@link BASE} with these options. */
export async function collect(
  dataset: Dataset,
  options: Partial<BatchOptions> = {},
): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of readBatches(dataset, { ...BASE, ...options })) batches.push(batch);
  return batches;
}

export const indicesOf = (batches: readonly Batch[]): number[] =>
  batches.flatMap(({ indices }) => [...indices]);
