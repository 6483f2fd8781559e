// Frozen layers out of the cache: the same training, within rounding, as one that computes them in every step.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { AlexNetError, createModel, createRandom } from '@alexnet/core';
import { selectParameters } from '@alexnet/core/transforms';
import type { AugmentationName, Dataset } from '@alexnet/data';
import {
  type Checkpoint,
  completeTrainingConfig,
  type Features,
  findFrozenValue,
  type TrainingEvent,
  train,
} from '@alexnet/train';
import {
  createWorkerEngineFactory,
  type FeatureCacheOptions,
  openFeatureCache,
} from '@alexnet/train/node';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

const LABELS = ['a', 'b', 'c'];
const model = createModel('mini', {
  classes: 3,
  labels: LABELS,
  init: 'he',
  inputSize: 67,
  seed: 4,
});
const frozen = selectParameters(model.graph, ['conv*']);
const BAD = 7;

/** Noise, each class of another brightness; one picture cannot be read. */
function createPictures(length: number, seed: number): Dataset {
  return {
    name: 'noise',
    labels: LABELS,
    length,
    labelOf: (index) => index % 3,
    nameOf: (index) => `${index}.png`,
    keyOf: (index) => `${seed}/${index}`,
    readPicture: async (index) => {
      if (index === BAD) {
        throw new AlexNetError('INVALID_PICTURE', { message: `${index}.png is damaged.` });
      }
      const random = createRandom(seed).split('picture', index);
      const pixels = Uint8Array.from(
        { length: 80 * 80 * 3 },
        () => random.integer(150) + (index % 3) * 40,
      );
      return { width: 80, height: 80, channels: 3, pixels };
    },
  };
}
const training = createPictures(30, 1);
const validation = createPictures(12, 2);

const config = completeTrainingConfig({
  seed: 9,
  batchSize: 8,
  epochs: 3,
  learningRate: 0.002,
  frozen,
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
});

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-features-'));
});
afterAll(() => rm(root, { recursive: true }));

interface CacheSettings extends Pick<FeatureCacheOptions, 'folder' | 'onDamaged' | 'onRemoved'> {
  readonly augmentation?: AugmentationName;
  readonly variants?: number;
  /** Seed of the training pictures. */
  readonly pictures?: number;
  readonly limitBytes?: number | undefined;
}

function openCache(settings: CacheSettings) {
  const { augmentation = 'none', variants = 1, pictures = 1, limitBytes, ...others } = settings;
  const value = findFrozenValue(model.graph, new Set(frozen));
  return openFeatureCache({
    graph: model.graph,
    weights: model.weights,
    preprocessing: model.metadata.preprocessing,
    value: value ?? '',
    training: createPictures(30, pictures),
    validation,
    augmentation,
    variants,
    seed: config.seed,
    ...(limitBytes === undefined ? {} : { limitBytes }),
    threads: 1,
    ...others,
  });
}

async function run(settings: Partial<typeof config>, features?: Features) {
  const generator = train({
    graph: model.graph,
    metadata: model.metadata,
    state: model.weights,
    config: { ...config, ...settings },
    training,
    validation,
    ...(features ? { features } : {}),
    createEngine: createWorkerEngineFactory({ threads: 1 }),
  });
  const events: TrainingEvent[] = [];
  for (;;) {
    const { done, value } = await generator.next();
    if (done) return { events, end: value };
    events.push(value);
  }
}

const lossesOf = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.event === 'step' ? [event.loss] : []));
const validationsOf = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.event === 'validation' ? [event.evaluation.loss] : []));

function expectSame(
  cached: { events: readonly TrainingEvent[]; end: Checkpoint | null },
  whole: { events: readonly TrainingEvent[]; end: Checkpoint | null },
): void {
  // Sums in another order, over three epochs.
  const expectClose = (found: readonly number[], expected: readonly number[]) => {
    expect(found).toHaveLength(expected.length);
    for (const [i, value] of found.entries()) {
      expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThan(2e-5 * Math.abs(value));
    }
  };
  expectClose(lossesOf(cached.events), lossesOf(whole.events));
  expectClose(validationsOf(cached.events), validationsOf(whole.events));
  expect([...(cached.end?.state.keys() ?? [])].sort()).toEqual(
    [...(whole.end?.state.keys() ?? [])].sort(),
  );
  for (const [name, { data }] of whole.end?.state ?? []) {
    const found = cached.end?.state.get(name)?.data ?? new Float32Array();
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = data.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (found[i] ?? Number.NaN))),
      0,
    );
    expect(worst, name).toBeLessThanOrEqual(1e-4 * largest);
  }
}

test('the frozen part ends before the first dropout and the first layer that learns', () => {
  expect(findFrozenValue(model.graph, new Set(frozen))).toBe('flatten');
  const three = selectParameters(model.graph, ['conv1', 'conv2', 'conv3']);
  expect(findFrozenValue(model.graph, new Set(three))).toBe('relu3');
  expect(findFrozenValue(model.graph, new Set())).toBe(null);
});

describe('training from the cache', () => {
  test('is training without it, also when layers learn later', async () => {
    const cache = await openCache({ folder: join(root, 'plain') });
    expect(cache.isReused).toBe(false);
    expectSame(await run({}, cache.features), await run({}));
    const later = { unfreezeAt: 3 };
    const whole = await run(later);
    expectSame(await run(later, cache.features), whole);
    expect(whole.end?.state.get('conv1.weight')?.data).not.toEqual(
      model.weights.get('conv1.weight')?.data,
    );
    await cache.close();
  });

  test('frozen layers stay as they were, bit for bit', async () => {
    const cache = await openCache({ folder: join(root, 'plain') });
    const { end } = await run({}, cache.features);
    for (const name of frozen) {
      expect(end?.state.get(name)?.data, name).toEqual(model.weights.get(name)?.data);
    }
    await cache.close();
  });

  test('with as many variants as epochs, it sees the pictures that an augmented training sees', async () => {
    const cache = await openCache({
      folder: join(root, 'varied'),
      augmentation: 'mild',
      variants: 3,
    });
    const settings = { augmentation: 'mild' } as const;
    expectSame(await run(settings, cache.features), await run(settings));
    await cache.close();
  });

  test('mixing pictures is refused', async () => {
    const cache = await openCache({ folder: join(root, 'plain') });
    const mixing = { kind: 'mixup', alpha: 0.2 } as const;
    await expect(run({ mixing }, cache.features)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('mixup'),
    });
    await cache.close();
  });
});

/** As if a folder had last been used so long ago. */
async function age(folder: string, days: number): Promise<void> {
  const then = new Date(Date.now() - days * 86_400_000);
  for (const file of await readdir(folder)) await utimes(join(folder, file), then, then);
  await utimes(folder, then, then);
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder);
  const sizes = await Promise.all(files.map((file) => stat(join(folder, file))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

describe('the cache', () => {
  test('is used again for the same, and made anew for other pictures', async () => {
    const folder = join(root, 'again');
    const first = await openCache({ folder });
    await first.close();
    const second = await openCache({ folder });
    expect(second.isReused).toBe(true);
    expect(second.folder).toBe(first.folder);
    await second.close();
    const other = await openCache({ folder, pictures: 3 });
    expect(other.isReused).toBe(false);
    await other.close();
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a damaged, shortened or missing file is named, with both sums or lengths, and made anew', async () => {
    const folder = join(root, 'damaged');
    const whole = await openCache({ folder });
    await whole.close();
    const file = join(whole.folder, 'training.f32');
    const written = await readFile(file);
    const expectMadeAnew = async (message: RegExp) => {
      const onDamaged = vi.fn<(error: AlexNetError) => void>();
      const cache = await openCache({ folder, onDamaged });
      await cache.close();
      expect(cache.isReused).toBe(false);
      expect(onDamaged).toHaveBeenCalledExactlyOnceWith(
        expect.objectContaining({
          code: 'INVALID_CHECKPOINT',
          message: expect.stringMatching(message),
        }),
      );
      expect((await readFile(file)).equals(written)).toBe(true);
    };
    await writeFile(file, Uint8Array.of(...written.subarray(0, 40), 1, 2, 3, 4), { flag: 'r+' });
    await expectMadeAnew(/SHA-256 [0-9a-f]{64} where [0-9a-f]{64}/);
    await truncate(file, 100);
    await expectMadeAnew(/has 100 bytes where \d+ were written/);
    await rm(file);
    await expectMadeAnew(/training\.f32 is gone, where \d+ bytes were written/);
    await writeFile(join(whole.folder, 'features.json'), '{');
    await expectMadeAnew(/features\.json cannot be read as JSON/);
    await writeFile(join(whole.folder, 'features.json'), '{"version":1,"sets":{}}');
    await expectMadeAnew(/features\.json.*sets\.training/);
  });

  test('beyond its limit loses what was not used for longest, never what is in use, and nothing of others', async () => {
    const folder = join(root, 'limited');
    const make = async (pictures: number, limitBytes?: number) => {
      const cache = await openCache({ folder, pictures, limitBytes });
      await cache.close();
      return basename(cache.folder);
    };
    const [a, b, c] = [await make(3), await make(4), await make(5)];
    for (const [daysAgo, name] of [c, b, a].entries()) await age(join(folder, name), daysAgo + 2);
    await mkdir(join(folder, 'notes'));
    await rename(join(folder, b), join(folder, `${b}.${randomUUID()}.tmp`));
    const room = 2 * (await sizeOf(join(folder, a))) + 100;
    // The oldest, but now in use.
    expect(await make(3, room)).toBe(a);
    expect((await readdir(folder)).sort()).toEqual([a, c, 'notes'].sort());
    const d = await make(6, room);
    expect((await readdir(folder)).sort()).toEqual([a, d, 'notes'].sort());
    expect(await make(6, 1)).toBe(d);
    expect((await readdir(folder)).sort()).toEqual([d, 'notes'].sort());
  });
});

describe('on a full disk', () => {
  afterEach(() => vi.restoreAllMocks());

  /** No file of features takes more bytes, once it has some, while the disk is full. */
  async function fillDisk(isFull: () => boolean): Promise<void> {
    const handle = await open(join(root, 'probe'), 'w');
    const prototype = Object.getPrototypeOf(handle) as { write: typeof handle.write };
    const { write } = prototype;
    await handle.close();
    let written = 0;
    vi.spyOn(prototype, 'write').mockImplementation(function (
      this: typeof handle,
      ...given: readonly unknown[]
    ) {
      if (written++ < 5 || !isFull()) return Reflect.apply(write, this, given);
      return Promise.reject(Object.assign(new Error('ENOSPC: mocked'), { code: 'ENOSPC' }));
    });
  }

  async function makeCaches(folder: string, count: number): Promise<string[]> {
    const made: string[] = [];
    for (let pictures = 3; pictures < 3 + count; pictures++) {
      const cache = await openCache({ folder, pictures });
      await cache.close();
      made.push(cache.folder);
    }
    for (const [index, path] of made.entries()) await age(path, 9 - index);
    return made;
  }

  test('the caches that were not used for longest go, until there is room, and none that a process has', async () => {
    const folder = join(root, 'full');
    const [used = '', a = '', b = '', c = ''] = await makeCaches(folder, 4);
    const reader = await openCache({ folder, pictures: 3 });
    await age(used, 20);
    const { started } = JSON.parse(await readFile(await noteOf(used), 'utf8'));
    const [dead, alive] = [`${a}.${randomUUID()}.tmp`, `${a}.${randomUUID()}.tmp`];
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    for (const [path, pid] of [[dead, ended] as const, [alive, process.pid] as const]) {
      await mkdir(path);
      const holder = { pid, host: hostname(), started: pid === process.pid ? started : '1' };
      await writeFile(join(path, `used-by-${randomUUID()}.json`), JSON.stringify(holder));
    }
    const sizeBytes = await sizeOf(a);
    await fillDisk(() => existsSync(b));
    const onRemoved = vi.fn();
    const made = await openCache({ folder, pictures: 20, onRemoved });
    await made.close();
    vi.restoreAllMocks();
    expect(onRemoved.mock.calls.flat()).toEqual([
      expect.objectContaining({ path: dead }),
      expect.objectContaining({ path: a, sizeBytes }),
      expect.objectContaining({ path: b, sizeBytes }),
    ]);
    const left = (await readdir(folder)).map((name) => join(folder, name));
    expect(left.sort()).toEqual([used, c, alive, made.folder].sort());
    await reader.close();
    const again = await openCache({ folder, pictures: 20 });
    await again.close();
    expect(again.isReused).toBe(true);
    expect(await readdir(again.folder)).not.toContainEqual(expect.stringContaining('used-by'));
  });

  test('where nothing is left to remove it says so as ever, and leaves nothing half made', async () => {
    const folder = join(root, 'no-room');
    const [used = ''] = await makeCaches(folder, 2);
    const reader = await openCache({ folder, pictures: 3 });
    await fillDisk(() => true);
    await expect(openCache({ folder, pictures: 20 })).rejects.toMatchObject({ code: 'DISK_FULL' });
    vi.restoreAllMocks();
    expect(await readdir(folder)).toEqual([basename(used)]);
    await reader.close();
    const again = await openCache({ folder, pictures: 3 });
    await again.close();
    expect(again.isReused).toBe(true);
  });

  async function noteOf(cache: string): Promise<string> {
    const names = await readdir(cache);
    return join(cache, names.find((name) => name.startsWith('used-by')) ?? '');
  }
});
