import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  createRandom,
  decodeMeanImage,
  encodeMeanImage,
  isMeanImage,
  type MeanImage,
  type Preprocessing,
  parsePreprocessing,
  type Resize,
} from '@alexnet/core';
import {
  AUGMENTATIONS,
  type Augmentation,
  createPreprocessor,
  type Dataset,
  type Framing,
  frameCentre,
  type Picture,
  readBatches,
} from '@alexnet/data';
import { createRenderThreads } from '@alexnet/data/node';
import { readWeights, withMeanFile } from '@alexnet/weights';
import { expect, test } from 'vitest';
import { requireOrSkip } from './require.ts';

/** `mean-images.json.gz`, as make_mean_images.py writes it; arrays in base64. */
interface Cases {
  readonly side: number;
  readonly crop: number;
  readonly sources: Readonly<Record<string, Omit<Picture, 'pixels'> & { pixels: string }>>;
  /** Red first, in 0–255. */
  readonly means: Readonly<
    Record<string, { shape: [channels: number, height: number, width: number]; values: string }>
  >;
  readonly files: Readonly<Record<string, { mean: string; bytes: string }>>;
  readonly cases: readonly Case[];
  readonly imagenet: { mean: string; middle: string; mirrored: string; first: readonly number[] };
}

interface Case {
  readonly source: string;
  readonly mean: string;
  readonly resize: 'exact' | 'short-side';
  readonly channels: Preprocessing['channels'];
  /** What values are divided by. */
  readonly scale: number;
  readonly std: readonly number[];
  /** Left and top of the crop on the resized picture; its middle unless given. */
  readonly window: readonly [left: number, top: number] | null;
  readonly mirror: boolean;
  readonly result: string;
}

const golden: Cases = JSON.parse(
  gunzipSync(readFileSync(new URL('golden/mean-images.json.gz', import.meta.url))).toString(),
);
const { side, crop } = golden;

const toBytes = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));
const toFloats = (base64: string) => new Float32Array(toBytes(base64).buffer);
const sha256 = (values: Float32Array) =>
  createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');

function find<Value>(values: Readonly<Record<string, Value>>, name: string): Value {
  const value = values[name];
  if (value === undefined) throw new Error(`There is no ${name}.`);
  return value;
}

function source(name: string): Picture {
  const { pixels, ...picture } = find(golden.sources, name);
  return { ...picture, pixels: toBytes(pixels) };
}

const filter = { filter: 'bilinear', antialias: true } as const;

function prepared(item: Omit<Case, 'source' | 'window' | 'mirror' | 'result'>): Preprocessing {
  const { channels, std, scale } = item;
  const resize: Resize =
    item.resize === 'exact'
      ? { mode: 'exact', height: side, width: side, ...filter }
      : { mode: 'short-side', size: side, ...filter };
  const mean = std.map(() => 0);
  return { resize, crop: { height: crop, width: crop }, channels, scale: 1 / scale, mean, std };
}

/** A mean file as its readers see it. */
async function readFile(name: string) {
  const bytes = toBytes(find(golden.files, name).bytes);
  return readWeights({ name, bytes, sibling: async () => null });
}

test.each(golden.cases.map((item) => ({ ...item, what: JSON.stringify(item.window) })))(
  '$source less the mean $mean in $channels, $resize, crop at $what, mirrored: $mirror: as NumPy, to the bit',
  async (item) => {
    const binaryproto = await readFile(`${item.mean}.binaryproto`);
    const preprocessing = withMeanFile(prepared(item), binaryproto);
    const picture = source(item.source);
    const middle = frameCentre(preprocessing, picture);
    const [left, top] = item.window ?? [middle.window.left, middle.window.top];
    const { mirror } = item;
    const framing: Framing = { ...middle, window: { ...middle.window, left, top }, mirror };
    const expected = toFloats(item.result);
    const out = new Float32Array(expected.length + 1);
    createPreprocessor(preprocessing).write(picture, out, { framing, offset: 1 });
    expect(out.subarray(1)).toEqual(expected);
  },
);

test.each(Object.entries(golden.files))('%s holds the mean that wrote it', async (name, file) => {
  const { shape, values } = find(golden.means, file.mean);
  const [channels] = shape;
  const item = { resize: 'exact', scale: 1, std: channels === 1 ? [1] : [1, 1, 1] } as const;
  const channelOrder = channels === 1 ? 'grey' : 'RGB';
  const preprocessing = prepared({ ...item, mean: file.mean, channels: channelOrder });
  const { mean } = withMeanFile(preprocessing, await readFile(name));
  expect(isMeanImage(mean) && decodeMeanImage(mean, preprocessing)).toEqual(toFloats(values));
});

const IMAGENET = new URL(
  '../../shared/data/imagenet-meta/imagenet_mean.binaryproto',
  import.meta.url,
);

test("Caffe's mean of ImageNet, under a crop in the middle and a mirrored one elsewhere", async (context) => {
  let bytes: Uint8Array = new Uint8Array();
  try {
    bytes = readFileSync(IMAGENET);
  } catch {
    requireOrSkip(context, 'SHARED_DATA', false, `${IMAGENET.pathname} is missing`);
  }
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(golden.imagenet.mean);
  const file = await readWeights({ name: 'mean', bytes, sibling: async () => null });
  const [width, height] = [400, 300];
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return (7 * y + 13 * x + 29 * c + ((x * y) % 31)) % 256;
  });
  const picture: Picture = { width, height, channels: 3, pixels };
  const preprocessing = withMeanFile(
    {
      ...prepared({ mean: '', resize: 'exact', channels: 'BGR', scale: 1, std: [1, 1, 1] }),
      resize: { mode: 'exact', height: 256, width: 256, ...filter },
      crop: { height: 227, width: 227 },
    },
    file,
  );
  const out = new Float32Array(3 * 227 * 227);
  const preprocessor = createPreprocessor(preprocessing);
  preprocessor.write(picture, out);
  expect([...out.subarray(0, 4)]).toEqual(golden.imagenet.first);
  expect(sha256(out)).toBe(golden.imagenet.middle);
  const middle = frameCentre(preprocessing, picture);
  const window = { ...middle.window, left: 29, top: 3 };
  preprocessor.write(picture, out, { framing: { ...middle, window, mirror: true } });
  expect(sha256(out)).toBe(golden.imagenet.mirrored);
});

/** Pictures of 16 × 16, each pixel another level: its own mean, so that nothing is left where that lies right. */
const levels = Uint8Array.from({ length: 3 * 256 }, (_, i) => (Math.floor(i / 3) * 7) % 256);
const ofLevels: Dataset = {
  name: 'levels',
  labels: ['all'],
  length: 24,
  labelOf: () => 0,
  nameOf: String,
  keyOf: String,
  readPicture: async () => ({ width: 16, height: 16, channels: 3, pixels: levels }),
};
const ownMean: MeanImage = encodeMeanImage(
  Float32Array.from({ length: 3 * 256 }, (_, i) => ((i % 256) * 7) % 256),
  { height: 16, width: 16 },
);
const ofSquare = { resize: 'exact', channels: 'RGB', scale: 1, std: [1, 1, 1] } as const;

async function load(
  mean: Preprocessing['mean'],
  { augmentation, threads }: { augmentation: Augmentation; threads: number | null },
): Promise<Float32Array[]> {
  await using renderer = threads === null ? null : createRenderThreads({ threads });
  const preprocessing = { ...prepared({ ...ofSquare, mean: '' }), mean };
  const random = createRandom(3);
  const options = { preprocessing, augmentation, batchSize: 8, shuffle: true, random };
  const rows: Float32Array[] = [];
  const batches = readBatches(ofLevels, { ...options, ...(renderer ? { renderer } : {}) });
  for await (const { images, count } of batches) {
    const size = images.length / 8;
    for (let row = 0; row < count; row++) rows.push(images.slice(row * size, (row + 1) * size));
  }
  return rows;
}

test.each([null, 2])(
  'the training takes it from under each crop and mirrors both (threads: %s)',
  async (threads) => {
    const augmentation: Augmentation = { ...AUGMENTATIONS.paper, colourNoise: null };
    const raw = await load([0, 0, 0], { augmentation, threads });
    // All 32 places and mirror images of a crop are drawn from: hardly two of 24 are the same.
    expect(new Set(raw.map(sha256)).size).toBeGreaterThan(10);
    const centred = await load(ownMean, { augmentation, threads });
    expect(centred).toHaveLength(24);
    for (const row of centred) expect(row.every((value) => value === 0)).toBe(true);
  },
);

test('threads give the bits that this thread gives, for parts that are resized on their own too', async () => {
  const augmentation: Augmentation = { ...AUGMENTATIONS.strong, colourNoise: null };
  const [here, there] = await Promise.all(
    [null, 2].map((threads) => load(ownMean, { augmentation, threads })),
  );
  expect(there?.map(sha256)).toEqual(here?.map(sha256));
});

test('what is stored gives the same input', () => {
  const preprocessing: Preprocessing = { ...prepared({ ...ofSquare, mean: '' }), mean: ownMean };
  const stored = parsePreprocessing(JSON.parse(JSON.stringify(preprocessing)));
  expect(stored).toEqual(preprocessing);
});
