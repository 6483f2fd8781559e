import { readFileSync } from 'node:fs';
import { createRandom } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import {
  bytesField,
  floatField,
  floats,
  joinBytes,
  tag,
  varint,
  varintField,
} from '../protobuf/test-message.ts';
import { attempt, mutate } from '../test-mutations.ts';
import type { WeightSource } from '../weight-file.ts';
import { channelMeans, readBinaryproto } from './blob.ts';
import { readCaffemodel } from './read-caffemodel.ts';
import { prototxtToGraph } from './to-graph.ts';

/** A tenth of one with nothing else to do; what does not end takes minutes. */
const SECONDS_ON_A_BUSY_MACHINE = 10;

/** Field numbers of Caffe's messages. */
const LAYERS = { v2: 100, old: 2 } as const;

const shapeOf = (...dims: readonly number[]) => bytesField(7, bytesField(1, ...dims.map(varint)));
const dataOf = (...values: readonly number[]) => bytesField(5, floats(...values));
const legacyOf = (...lengths: readonly number[]) =>
  joinBytes(...lengths.map((length, axis) => varintField(axis + 1, length)));

/** A layer of V2. */
function layer(name: string, type: string, ...rest: readonly Uint8Array[]): Uint8Array {
  return bytesField(LAYERS.v2, bytesField(1, name), bytesField(2, type), ...rest);
}

function blob(...fields: readonly Uint8Array[]): Uint8Array {
  return bytesField(7, ...fields);
}

function sourceOf(...parts: readonly Uint8Array[]): WeightSource {
  return { name: 'x.caffemodel', bytes: joinBytes(...parts), sibling: async () => null };
}

async function tensorsOf(...parts: readonly Uint8Array[]) {
  const { tensors } = await readCaffemodel(sourceOf(...parts));
  return [...tensors].map(([name, tensor]) => [name, tensor.shape, [...tensor.toFloat32()]]);
}

describe('readCaffemodel', () => {
  test('names, shapes and numbers of a layer', async () => {
    const found = await tensorsOf(
      layer(
        'fc8',
        'InnerProduct',
        blob(shapeOf(2, 3), dataOf(1, 2, 3, 4, 5, 6)),
        blob(shapeOf(2), dataOf(7, 8)),
      ),
    );
    expect(found).toEqual([
      ['fc8/weight', [2, 3], [1, 2, 3, 4, 5, 6]],
      ['fc8/bias', [2], [7, 8]],
    ]);
  });

  test('four lengths of old files become those that the layer has', async () => {
    const found = await tensorsOf(
      layer(
        'c',
        'Convolution',
        blob(legacyOf(1, 2, 1, 1), dataOf(1, 2)),
        blob(legacyOf(1, 1, 1, 1), dataOf(3)),
      ),
      layer(
        'f',
        'InnerProduct',
        blob(legacyOf(1, 1, 2, 1), dataOf(4, 5)),
        blob(legacyOf(1, 1, 1, 2), dataOf(6, 7)),
      ),
      layer('p', 'PReLU', blob(legacyOf(1, 1, 1, 1), dataOf(8))),
    );
    expect(found).toEqual([
      ['c/weight', [1, 2, 1, 1], [1, 2]],
      ['c/bias', [1], [3]],
      ['f/weight', [2, 1], [4, 5]],
      ['f/bias', [2], [6, 7]],
      ['p/0', [1, 1, 1, 1], [8]],
    ]);
  });

  test('a matrix that is kept the other way round is turned', async () => {
    const transposed = bytesField(117, varintField(6, 1));
    const found = await tensorsOf(
      layer('f', 'InnerProduct', transposed, blob(shapeOf(2, 3), dataOf(1, 2, 3, 4, 5, 6))),
    );
    expect(found).toEqual([['f/weight', [3, 2], [1, 4, 2, 5, 3, 6]]]);
  });

  test('running statistics are divided by their factor, and by none that is 0', async () => {
    const norm = (name: string, factor: number) =>
      layer(
        name,
        'BatchNorm',
        blob(shapeOf(1), dataOf(6)),
        blob(shapeOf(1), dataOf(8)),
        blob(shapeOf(1), dataOf(factor)),
      );
    expect(await tensorsOf(norm('a', 2), norm('b', 0))).toEqual([
      ['a/mean', [1], [3]],
      ['a/variance', [1], [4]],
      ['b/mean', [1], [0]],
      ['b/variance', [1], [0]],
    ]);
  });

  test('numbers in pieces, packed and not, and doubles before floats', async () => {
    const pieces = blob(shapeOf(4), floatField(5, 1), dataOf(2, 3), floatField(5, 4));
    const doubles = bytesField(8, new Uint8Array(Float64Array.of(9).buffer));
    const found = await tensorsOf(
      layer('a', 'X', pieces, blob(shapeOf(1), dataOf(1), doubles), blob(dataOf(5, 6))),
    );
    expect(found).toEqual([
      ['a/0', [4], [1, 2, 3, 4]],
      ['a/1', [1], [9]],
      ['a/2', [2], [5, 6]],
    ]);
  });

  test('numbers that lie at a multiple of four are views of the file', async () => {
    // One of these lengths of a name puts them there.
    const buffers = await Promise.all(
      ['a', 'ab', 'abc', 'abcd'].map(async (name) => {
        const source = sourceOf(layer(name, 'X', blob(shapeOf(1), dataOf(1))));
        const { tensors } = await readCaffemodel(source);
        return tensors.get(`${name}/0`)?.toFloat32().buffer === source.bytes.buffer;
      }),
    );
    expect(buffers.filter((isView) => isView)).toHaveLength(1);
  });

  test('CVE-2022-25878, CVE-2023-36665: `__proto__`, `constructor` as names are names like others', async () => {
    const found = await tensorsOf(
      layer('__proto__', 'constructor', blob(dataOf(1))),
      layer('constructor', '__proto__', blob(dataOf(2))),
    );
    expect(found).toEqual([
      ['__proto__/0', [1], [1]],
      ['constructor/0', [1], [2]],
    ]);
    expect('0' in {}).toBe(false);
  });

  test('a network that cannot be read as one is said so, and the arrays are there', async () => {
    const { network, notes, net } = await readCaffemodel(
      sourceOf(layer('x', 'Eltwise', blob(dataOf(1)))),
    );
    expect(network).toBeUndefined();
    expect(notes).toEqual([
      'The layers in the file were not read as a network: The Caffe network has no input.',
    ]);
    expect(net.layers).toHaveLength(1);
  });

  test.each([
    {
      what: 'a shape larger than its numbers',
      parts: [layer('a', 'X', blob(shapeOf(3), dataOf(1, 2)))],
      says: /layer\[0\]\.blobs\[0\], at byte .*shape \[3\] does not hold its 2 numbers/,
    },
    {
      what: 'a product that overflows',
      parts: [layer('a', 'X', blob(shapeOf(2 ** 40, 2 ** 40), dataOf(1)))],
      says: /does not hold its 1 numbers/,
    },
    {
      what: 'negative lengths',
      parts: [layer('a', 'X', blob(shapeOf(-1, -1), dataOf(1)))],
      says: /\[-1, -1\] does not hold/,
    },
    {
      what: 'half a number',
      parts: [layer('a', 'X', blob(bytesField(5, Uint8Array.of(1, 2, 3))))],
      says: /3 bytes are not a whole number/,
    },
    {
      what: 'a hundred axes',
      parts: [layer('a', 'X', blob(shapeOf(...new Array<number>(100).fill(1)), dataOf(1)))],
      says: /more than 32 numbers/,
    },
    {
      what: 'two layers of one name',
      parts: [layer('a', 'X', blob(dataOf(1))), layer('a', 'X', blob(dataOf(1)))],
      says: /"a\/0": two layers with weights have this name/,
    },
    { what: 'no weights', parts: [layer('a', 'X')], says: /1 layers, but no weights/ },
    { what: 'no layers', parts: [bytesField(1, 'name')], says: /has no layers/ },
    { what: 'nothing', parts: [], says: /has no layers/ },
    {
      what: 'two versions at once',
      parts: [layer('a', 'X'), bytesField(LAYERS.old, bytesField(4, 'b'))],
      says: /two versions of the format/,
    },
    {
      what: 'protobuf: lengths over 2³¹',
      parts: [tag(100, 2), varint(2 ** 31)],
      says: /should reach to byte 2147483655/,
    },
    {
      what: 'protobuf: groups nested 10⁵ deep',
      parts: [new Uint8Array(100_000).fill(0x0b)],
      says: /more than 100 groups/,
    },
    {
      what: 'protobuf: varints without end',
      parts: [new Uint8Array(100_000).fill(0xff)],
      says: /does not end/,
    },
    {
      what: '100,000 layers',
      parts: [new Uint8Array(300_000).map((_, i) => [0xa2, 0x06, 0x00][i % 3] ?? 0)],
      says: /too many layers/,
    },
    {
      what: '200,000 names of values',
      parts: [
        bytesField(
          100,
          new Uint8Array(400_000).map((_, i) => [0x1a, 0x00][i % 2] ?? 0),
        ),
      ],
      says: /too many fields/,
    },
    {
      what: '200,000 lengths of inputs',
      parts: [bytesField(4, new Uint8Array(200_000).fill(1))],
      says: /more than \d+ numbers/,
    },
  ])('$what: refused, and soon', async ({ parts, says }) => {
    const source = sourceOf(...parts);
    const start = performance.now();
    await expect(readCaffemodel(source)).rejects.toThrowError(
      expect.objectContaining({
        code: 'INVALID_MODEL',
        message: expect.stringMatching(says),
        path: expect.arrayContaining(['x.caffemodel']),
      }),
    );
    expect(performance.now() - start).toBeLessThan(SECONDS_ON_A_BUSY_MACHINE * 1000);
  });
});

describe('readBinaryproto', () => {
  test('a mean and its channels', () => {
    const mean = readBinaryproto(joinBytes(legacyOf(1, 2, 1, 2), dataOf(1, 3, 10, 20)));
    expect(mean).toEqual({ shape: [1, 2, 1, 2], data: Float32Array.of(1, 3, 10, 20) });
    expect(channelMeans(mean)).toEqual([2, 15]);
  });

  test.each([
    { what: 'nothing', bytes: new Uint8Array(), says: 'it holds no numbers' },
    { what: 'a shape alone', bytes: legacyOf(1, 3, 256, 256), says: 'does not hold its 0 numbers' },
    {
      what: 'a text',
      bytes: new TextEncoder().encode('layer { }'),
      says: 'not a readable Caffe blob',
    },
  ])('$what: refused', ({ bytes, says }) => {
    expect(() => readBinaryproto(bytes)).toThrowError(
      expect.objectContaining({ code: 'INVALID_MODEL', message: expect.stringContaining(says) }),
    );
  });
});

describe('damaged files are read, or refused with an error of ours', () => {
  const golden = (name: string) =>
    readFileSync(new URL(`../../../../tests/golden/weights/caffe/${name}`, import.meta.url));
  const OUTCOMES = ['INVALID_MODEL', 'UNSUPPORTED', 'read'];

  test.each(['alexnet-v0', 'alexnet-v1', 'alexnet-snapshot', 'unpacked', 'normalised'])(
    '%s.caffemodel',
    async (name) => {
      const whole = golden(`${name}.caffemodel`);
      const random = createRandom(20140220);
      const outcomes = new Set<string>();
      for (let count = 0; count < 150; count++) {
        const bytes = mutate(whole, random);
        const outcome = await attempt(async () => {
          const { tensors, network } = await readCaffemodel({ ...sourceOf(), bytes });
          for (const tensor of tensors.values()) tensor.toFloat32();
          network?.readWeights();
        });
        outcomes.add(outcome);
      }
      expect(OUTCOMES).toEqual(expect.arrayContaining([...outcomes]));
      expect(outcomes.has('INVALID_MODEL')).toBe(true);
    },
  );

  test.each(['alexnet-v0', 'alexnet-v1', 'caffenet', 'windows', 'normalised'])(
    '%s.prototxt',
    async (name) => {
      const whole = golden(`${name}.prototxt`);
      const random = createRandom(20140221);
      const outcomes = new Set<string>();
      for (let count = 0; count < 100; count++) {
        const text = new TextDecoder().decode(mutate(whole, random));
        outcomes.add(await attempt(() => prototxtToGraph(text)));
      }
      expect(OUTCOMES).toEqual(expect.arrayContaining([...outcomes]));
      expect(outcomes.has('INVALID_MODEL')).toBe(true);
    },
  );
});
