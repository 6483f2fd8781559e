import { readFileSync } from 'node:fs';
import { createModel, recognizePreset, sizeOf, type Tensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { toOnnx } from '@alexnet/export';
import {
  channelMeans,
  describeCaffeNetwork,
  prototxtToGraph,
  readBinaryproto,
  readCaffemodel,
} from '@alexnet/weights';
import { openWeightSource } from '@alexnet/weights/node';
import { describe, expect, test } from 'vitest';
import { checksum, listedChecksums } from './golden/golden-files.ts';
import { hashedValues } from './golden/hashed-values.ts';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose, largest } from './ops/compare.ts';
import { runForward } from './ops/run-forward.ts';
import { requireOrSkip } from './require.ts';

// Files of Caffe's protobuf, of every version of the format, compute here what OpenCV's Caffe importer computes.

interface CaffeCase {
  readonly name: string;
  readonly model: string;
  readonly prototxt: string | null;
  readonly preset: string | null;
  /** By layer and number: `conv1[0]`; the first few numbers of each, and its sum. */
  readonly arrays: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: number[]; sum: number }>
  >;
  readonly image: { readonly shape: readonly number[]; readonly seed: number; bound: number };
  /** By layer. */
  readonly expected: Readonly<Record<string, readonly number[]>>;
}

interface CaffeGolden {
  readonly cases: readonly CaffeCase[];
  readonly mean: { readonly shape: readonly number[]; readonly values: readonly number[] };
}

const pathOf = (name: string) => new URL(`golden/weights/caffe/${name}`, import.meta.url).pathname;
const golden: CaffeGolden = JSON.parse(readFileSync(pathOf('caffe.json'), 'utf8'));

test('golden files are those that the README lists', () => {
  const listed = listedChecksums().filter(({ name }) => name.startsWith('weights/caffe/'));
  expect(listed.length).toBe(19);
  expect(listed.map(({ name }) => ({ name, sha256: checksum(name) }))).toEqual(listed);
});

/** What the arrays of a layer are called here, by their number in the file. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  bn: ['mean', 'variance'],
  scale: ['scale', 'shift'],
};

describe.each(golden.cases)('$name', ({ model, preset, arrays, image, expected }) => {
  const read = async () => readCaffemodel(await openWeightSource(pathOf(model)));
  const picture: Tensor = {
    shape: image.shape,
    data: hashedValues(image.seed, sizeOf(image.shape), image.bound),
  };

  test('has the arrays that were written', async () => {
    const { tensors, convention } = await read();
    expect(convention).toEqual({ conv: 'OIHW', linear: 'out-in', flatten: 'CHW', channels: 'BGR' });
    for (const [label, { shape, values, sum }] of Object.entries(arrays)) {
      const [, layer = '', index = ''] = /^(.+)\[(\d)\]$/.exec(label) ?? [];
      const kind = layer.replace(/\d+$/, '');
      if (kind === 'bn' && index === '2') continue;
      const role = (ROLES[kind] ?? ['weight', 'bias'])[Number(index)];
      const tensor = tensors.get(`${kind === 'scale' ? 'bn1' : layer}/${role}`);
      expect(tensor?.shape, label).toEqual(shape);
      const found = [...(tensor?.toFloat32() ?? [])];
      // Running statistics are kept times a factor, here 1.25.
      const factor = kind === 'bn' ? 1.25 : 1;
      expect(found.slice(0, 4)).toEqual(values.map((value) => Math.fround(value / factor)));
      expect(found.reduce((total, value) => total + value, 0)).toBeCloseTo(sum / factor, 5);
    }
  });

  test('its own layers compute what OpenCV computes', async () => {
    const { network } = await read();
    if (!network) throw new Error('no network');
    const { graph } = network;
    const taps = Object.keys(expected).map((name) => [name, tapOf(graph, name)] as const);
    const found = interpret(graph, network.readWeights(), picture, {
      taps: taps.map(([, value]) => value),
    });
    for (const [name, value] of taps) {
      expectGolden(found.get(value)?.data ?? [], expected[name] ?? [], name);
    }
    expect(recognizePreset(graph)?.preset ?? null).toBe(preset);
  });
});

describe.each(golden.cases.filter(({ prototxt }) => prototxt !== null))(
  '$prototxt',
  ({ model, prototxt }) => {
    test('says the same as the file with the weights', async () => {
      const file = await readCaffemodel(await openWeightSource(pathOf(model)));
      const described = prototxtToGraph(readFileSync(pathOf(prototxt ?? ''), 'utf8'));
      expect(described.graph).toEqual(file.network?.graph);
      const weights = describeCaffeNetwork(described, file.tensors).readWeights();
      expect([...weights]).toEqual([...(file.network?.readWeights() ?? [])]);
    });
  },
);

interface FullGolden {
  /** In the order of the layers: weight, bias. */
  readonly arrays: readonly {
    readonly shape: readonly number[];
    readonly seed: number;
    readonly bound: number;
  }[];
  readonly image: CaffeCase['image'];
  readonly expected: readonly number[];
}

test("BVLC's AlexNet at its own width computes what OpenCV computes", async () => {
  const full: FullGolden = JSON.parse(readFileSync(pathOf('full.json'), 'utf8'));
  const described = prototxtToGraph(readFileSync(pathOf('full.prototxt'), 'utf8'));
  expect(recognizePreset(described.graph)?.preset).toBe('caffe-alexnet');
  const bytes = writeCaffemodel(full.arrays);
  expect(bytes.length).toBeGreaterThan(243_800_000);
  const { tensors } = await readCaffemodel({
    name: 'bvlc_alexnet.caffemodel',
    bytes,
    sibling: async () => null,
  });
  const network = describeCaffeNetwork(described, tensors);
  const model = toOnnx(
    {
      ...createModel('mini', { classes: 1000 }),
      graph: network.graph,
      weights: network.readWeights(),
    },
    { output: 'logits' },
  );
  const { shape, seed, bound } = full.image;
  const image = { shape, data: hashedValues(seed, sizeOf(shape), bound) };
  const found = await runForward(model, image, ['logits']);
  expectGolden(found.get('logits') ?? [], full.expected, 'logits');
});

/** Names and arrays alone, of layers in V2's format: what the settings are stands in the prototxt. */
function writeCaffemodel(arrays: FullGolden['arrays']): Uint8Array {
  const names = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7', 'fc8'];
  return Buffer.concat(
    names.map((name, index) => {
      const blobs = arrays.slice(2 * index, 2 * index + 2).map(({ shape, seed, bound }) => {
        const { buffer } = hashedValues(seed, sizeOf(shape), bound);
        const dims = field(7, field(1, ...shape.map(varint)));
        return field(7, dims, field(5, Buffer.from(buffer)));
      });
      const type = name.startsWith('fc') ? 'InnerProduct' : 'Convolution';
      return field(100, field(1, Buffer.from(name)), field(2, Buffer.from(type)), ...blobs);
    }),
  );
}

/** A field of protobuf that has a length. */
function field(number: number, ...content: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const encoded: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) encoded.push((rest % 128) + 128);
  return Buffer.from([...encoded, rest]);
}

/** The value that a layer of Caffe's makes: the output has a name of its own. */
function tapOf(graph: { nodes: readonly { name: string; output: string }[] }, layer: string) {
  return graph.nodes.find(({ name }) => name === layer)?.output ?? 'logits';
}

function expectGolden(actual: ArrayLike<number>, expected: readonly number[], name: string): void {
  expectAllClose(actual, expected, {
    name,
    tolerance: AGREEMENT_TOLERANCES.weightsCaffe * largest(expected),
  });
}

test('a mean picture', () => {
  const { shape, data } = readBinaryproto(readFileSync(pathOf('mean.binaryproto')));
  expect(shape).toEqual(golden.mean.shape);
  expect([...data]).toEqual(golden.mean.values);
});

const MEAN = new URL('../../shared/data/imagenet-meta/imagenet_mean.binaryproto', import.meta.url);

test("ImageNet's mean has the channels' means that Caffe publishes", (context) => {
  let bytes: Uint8Array = new Uint8Array();
  try {
    bytes = readFileSync(MEAN);
  } catch {
    requireOrSkip(context, 'SHARED_DATA', false, `${MEAN.pathname} is missing`);
  }
  const mean = readBinaryproto(bytes);
  expect(mean.shape).toEqual([1, 3, 256, 256]);
  // Caffe's tutorials: 104.00698793, 116.66876762, 122.67891434, blue first.
  const published = [104.00698793, 116.66876762, 122.67891434];
  expectAllClose(channelMeans(mean), published, { name: 'means', tolerance: 1e-4 });
});
