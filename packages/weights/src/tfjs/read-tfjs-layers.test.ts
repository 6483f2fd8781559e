import { readFileSync } from 'node:fs';
import { createRandom } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { attempt, mutate } from '../test-mutations.ts';
import type { WeightSource } from '../weight-file.ts';
import { readTfjsLayers } from './read-tfjs-layers.ts';

/** A tenth of one with nothing else to do; what does not end takes minutes. */
const SECONDS_ON_A_BUSY_MACHINE = 10;

const floats = (...values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
const shorts = (...values: readonly number[]) => new Uint8Array(Uint16Array.from(values).buffer);

function modelOf(json: unknown, files: Readonly<Record<string, Uint8Array>> = {}): WeightSource {
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  return {
    name: 'model.json',
    bytes: new TextEncoder().encode(text),
    sibling: async (name) => new Map(Object.entries(files)).get(name) ?? null,
  };
}

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype?: string;
  readonly quantization?: object;
}

/** Weights alone, in one group. */
function groupOf(weights: readonly Weight[], paths: readonly string[] = ['a.bin']) {
  const listed = weights.map((weight) => ({ dtype: 'float32', ...weight }));
  return { format: 'layers-model', weightsManifest: [{ paths, weights: listed }] };
}

async function tensorsOf(source: WeightSource) {
  const { tensors } = await readTfjsLayers(source);
  return [...tensors].map(([name, { dtype, shape, toFloat32 }]) => [
    name,
    dtype,
    shape,
    [...toFloat32()],
  ]);
}

describe('readTfjsLayers', () => {
  test('arrays over the ends of files, even of numbers', async () => {
    const json = groupOf(
      [
        { name: 'a', shape: [3] },
        { name: 'none', shape: [0, 4] },
        { name: 'b', shape: [] },
        { name: 'c', shape: [2, 1] },
      ],
      ['1.bin', '2.bin', '3.bin', '4.bin'],
    );
    const bytes = floats(1, 2, 3, 4, 5, 6);
    const parts = [
      bytes.subarray(0, 7),
      new Uint8Array(),
      bytes.subarray(7, 20),
      bytes.subarray(20),
    ];
    const files = Object.fromEntries(parts.map((part, index) => [`${index + 1}.bin`, part]));
    expect(await tensorsOf(modelOf(json, files))).toEqual([
      ['a', 'float32', [3], [1, 2, 3]],
      ['none', 'float32', [0, 4], []],
      ['b', 'float32', [], [4]],
      ['c', 'float32', [2, 1], [5, 6]],
    ]);
  });

  test('an array in one file is a view of it', async () => {
    const file = floats(1, 2);
    const json = groupOf([{ name: 'a', shape: [2] }]);
    const { tensors } = await readTfjsLayers(modelOf(json, { 'a.bin': file }));
    expect(tensors.get('a')?.toFloat32().buffer).toBe(file.buffer);
  });

  // By hand: stored · scale + min, rounded where the array is of whole numbers.
  test('quantised arrays, and types', async () => {
    const json = {
      weightsManifest: [
        {
          paths: ['a.bin'],
          weights: [
            {
              name: 'u8',
              shape: [3],
              dtype: 'float32',
              quantization: { dtype: 'uint8', scale: 0.5, min: -1 },
            },
            {
              name: 'int',
              shape: [1],
              dtype: 'int32',
              quantization: { dtype: 'uint8', scale: 0.5, min: 0.2 },
            },
            { name: 'bool', shape: [2], dtype: 'bool' },
          ],
        },
        {
          paths: ['b.bin'],
          weights: [
            {
              name: 'u16',
              shape: [2],
              dtype: 'float32',
              quantization: { dtype: 'uint16', scale: 0.25, min: 1 },
            },
            { name: 'f16', shape: [2], dtype: 'float32', quantization: { dtype: 'float16' } },
          ],
        },
      ],
    };
    const files = {
      'a.bin': Uint8Array.of(0, 3, 255, 7, 0, 1),
      'b.bin': shorts(0, 65535, 0x3c00, 0xc000),
    };
    expect(await tensorsOf(modelOf(json, files))).toEqual([
      ['u8', 'float32', [3], [-1, 0.5, 126.5]],
      ['int', 'int32', [1], [4]],
      ['bool', 'bool', [2], [0, 1]],
      ['u16', 'float32', [2], [1, 16384.75]],
      ['f16', 'float32', [2], [1, -2]],
    ]);
  });

  test('JSON: `__proto__` as a name is one like others', async () => {
    const text = `{"__proto__": {"format": "graph-model"}, "weightsManifest": [{"paths": ["a.bin"],
      "weights": [{"name": "__proto__", "shape": [1], "dtype": "float32", "__proto__": {"x": 1}},
                  {"name": "constructor", "shape": [1], "dtype": "float32"}]}]}`;
    const found = await tensorsOf(modelOf(text, { 'a.bin': floats(1, 2) }));
    expect(found.map(([name]) => name)).toEqual(['__proto__', 'constructor']);
    expect('format' in {}).toBe(false);
  });

  const one = [{ name: 'w', shape: [1] }];
  const file = { 'a.bin': floats(1) };
  const climbing = [
    '../a.bin',
    '/etc/passwd',
    'sub/a.bin',
    '..\\a.bin',
    '.hidden',
    '..',
    'C:a.bin',
    'http://x/a.bin',
    '',
    'a\0.bin',
  ];
  test.each(climbing)(
    'tfjs: a path that climbs out, %j, is refused before anything is asked for',
    async (path) => {
      const asked: string[] = [];
      const source = modelOf(groupOf(one, [path]));
      const sibling = async (name: string) => {
        asked.push(name);
        return floats(1);
      };
      await expect(readTfjsLayers({ ...source, sibling })).rejects.toThrowError(
        expect.objectContaining({
          code: 'INVALID_MODEL',
          message: expect.stringContaining('names a file outside its folder'),
        }),
      );
      expect(asked).toEqual([]);
    },
  );

  const layerOf = (className: string, config: object = {}) => ({
    ...groupOf(one),
    modelTopology: {
      class_name: 'Sequential',
      config: { name: 's', layers: [{ class_name: className, config: { name: 'x', ...config } }] },
    },
  });
  test.each([
    {
      what: 'a Lambda layer',
      json: layerOf('Lambda', { function: 'code' }),
      code: 'UNSUPPORTED',
      says: /"x".*"Lambda" holds a Python function/,
    },
    {
      what: 'a class of others',
      json: layerOf('Evil'),
      code: 'UNSUPPORTED',
      says: /"x" is of class "Evil"/,
    },
    {
      what: '`constructor` as a class',
      json: layerOf('constructor'),
      code: 'UNSUPPORTED',
      says: /"constructor"/,
    },
    {
      what: 'a graph model',
      json: { format: 'graph-model' },
      code: 'UNSUPPORTED',
      says: /is a graph model/,
    },
    {
      what: 'a missing file',
      json: groupOf(one, ['b.bin']),
      code: 'NOT_FOUND',
      says: /"b\.bin" with its weights is not beside it/,
    },
    {
      what: 'a file too short',
      json: groupOf([{ name: 'w', shape: [2] }]),
      says: /weights take 8 bytes, but "a\.bin" have 4/,
    },
    {
      what: 'a file too long',
      json: groupOf([{ name: 'w', shape: [0] }]),
      says: /weights take 0 bytes, but "a\.bin" have 4/,
    },
    {
      what: 'a file twice',
      json: groupOf([{ name: 'w', shape: [2] }], ['a.bin', 'a.bin']),
      says: /names "a\.bin" twice/,
    },
    {
      what: 'a name twice',
      json: groupOf([
        { name: 'w', shape: [1] },
        { name: 'w', shape: [0] },
      ]),
      says: /"w" comes twice/,
    },
    {
      what: 'a product that overflows',
      json: groupOf([{ name: 'w', shape: [2 ** 40, 2 ** 40] }]),
      says: /is no shape/,
    },
    {
      what: 'a negative length',
      json: groupOf([{ name: 'w', shape: [-1] }]),
      says: /weights\.0\.shape\.0 should be a whole number/,
    },
    {
      what: 'half a length',
      json: groupOf([{ name: 'w', shape: [0.5] }]),
      says: /shape\.0 should be a whole number/,
    },
    {
      what: 'texts as weights',
      json: groupOf([{ name: 'w', shape: [1], dtype: 'string' }]),
      says: /dtype should be one of "float32"/,
    },
    {
      what: 'another quantisation',
      json: groupOf([{ name: 'w', shape: [1], quantization: { dtype: 'int4' } }]),
      says: /should be one of "uint8", "uint16", "float16"/,
    },
    {
      what: 'a quantisation without a scale',
      json: groupOf([{ name: 'w', shape: [1], quantization: { dtype: 'uint8', min: 0 } }]),
      says: /scale should be a number/,
    },
    { what: 'no manifest', json: {}, says: /weightsManifest should be a list, but is missing/ },
    { what: 'no JSON', json: '{"a":', says: /it is not JSON/ },
    {
      what: 'lists 10⁵ deep',
      json: `{"weightsManifest":[],"modelTopology":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      says: /its JSON is nested more than 100 deep/,
    },
    { what: '5 MB', json: ' '.repeat(5_000_000), says: /4194304 is the limit/ },
  ])('$what: refused', async ({ json, code = 'INVALID_MODEL', says }) => {
    const source = modelOf(json, file);
    const start = performance.now();
    await expect(readTfjsLayers(source)).rejects.toThrowError(
      expect.objectContaining({ code, message: expect.stringMatching(says) }),
    );
    expect(performance.now() - start).toBeLessThan(SECONDS_ON_A_BUSY_MACHINE * 1000);
  });

  test('5,000 weights in 1,000 files, and no more of either', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `${index}.bin`);
    const weights = Array.from({ length: 5000 }, (_, index) => ({
      name: `w${index}`,
      shape: [1],
    }));
    const source = modelOf(groupOf(weights, names));
    const shard = new Uint8Array(20);
    const start = performance.now();
    const { tensors } = await readTfjsLayers({ ...source, sibling: async () => shard });
    expect(tensors.size).toBe(5000);
    for (const json of [groupOf(weights.concat(weights)), groupOf([], names.concat('x'))]) {
      await expect(readTfjsLayers(modelOf(json))).rejects.toThrowError(
        /has \d+ items; there may be|more than 50000 values/,
      );
    }
    expect(performance.now() - start).toBeLessThan(SECONDS_ON_A_BUSY_MACHINE * 1000);
  });
});

test.each(['float32', 'uint8', 'javascript'])(
  'damaged models are read, or refused with an error of ours: %s',
  async (name) => {
    const golden = (other: string) =>
      readFileSync(
        new URL(`../../../../tests/golden/weights/tfjs/${name}/${other}`, import.meta.url),
      );
    const whole = golden('model.json');
    const random = createRandom(20180330);
    const outcomes = new Set<string>();
    const sibling = async (other: string) => {
      try {
        return golden(other);
      } catch {
        return null;
      }
    };
    for (let count = 0; count < 150; count++) {
      const bytes = mutate(whole, random);
      const outcome = await attempt(async () => {
        const { tensors, network } = await readTfjsLayers({ name: 'model.json', bytes, sibling });
        for (const tensor of tensors.values()) tensor.toFloat32();
        network?.readWeights();
      });
      outcomes.add(outcome);
    }
    expect(['INVALID_MODEL', 'NOT_FOUND', 'UNSUPPORTED', 'read']).toEqual(
      expect.arrayContaining([...outcomes]),
    );
    expect(outcomes.has('INVALID_MODEL')).toBe(true);
  },
);
