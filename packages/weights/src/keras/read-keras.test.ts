import { readFileSync } from 'node:fs';
import { createRandom, isAlexNetError } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { attempt, mutate } from '../test-mutations.ts';
import { writeZip } from '../zip/write-zip.ts';
import { type KerasOptions, readKeras } from './read-keras.ts';

// Files by Keras 1.2 to 3.15: tests/golden/make_weights_keras.py; what they compute is compared in tests/.

const GOLDEN = new URL('../../../../tests/golden/weights/', import.meta.url);

const bytesOf = (path: string) => new Uint8Array(readFileSync(new URL(path, GOLDEN)));

function read(name: string, bytes: Uint8Array, options: KerasOptions = {}) {
  return readKeras({ name, bytes, sibling: async () => null }, options);
}

const readGolden = (name: string, options: KerasOptions = {}) =>
  read(name, bytesOf(name.includes('/') ? name : `keras/${name}`), options);

/** A .keras file with a description of its own, and arrays of a real one. */
function archive(config: unknown, entries: Readonly<Record<string, string>> = {}): Uint8Array {
  const encode = (text: string) => [new TextEncoder().encode(text)];
  return writeZip([
    { name: 'config.json', parts: encode(JSON.stringify(config)) },
    ...Object.entries(entries).map(([name, text]) => ({ name, parts: encode(text) })),
    { name: 'model.weights.h5', parts: [bytesOf('keras/keras3-float16.weights.h5')] },
  ]);
}

async function refusal(reading: Promise<unknown>) {
  const error = await reading.then(
    () => expect.fail('It was read.'),
    (cause: unknown) => cause,
  );
  if (!isAlexNetError(error)) throw error;
  return { code: error.code, message: error.message };
}

const ALEXNET = [
  ...['conv1/kernel', 'conv1/bias'],
  ...['bn1/gamma', 'bn1/beta', 'bn1/moving_mean', 'bn1/moving_variance'],
  ...['conv2/kernel', 'conv2/bias', 'conv3/kernel', 'fc6/kernel', 'fc6/bias'],
  ...['fc7/kernel', 'fc7/bias', 'fc8/kernel', 'fc8/bias'],
];

describe('readKeras', () => {
  test.each([
    ['keras3-model.keras', 'keras'],
    ['keras3-model.h5', 'keras-h5'],
    ['keras212-model.keras', 'keras'],
    ['keras212-model.h5', 'keras-h5'],
    ['keras2-tensorflow-model.h5', 'keras-h5'],
    ['keras2-tensorflow-weights.h5', 'keras-h5'],
    ['keras2-theano-weights.h5', 'keras-h5'],
  ])('%s: arrays by the names and in the order of the layers', async (name, format) => {
    const file = await readGolden(name);
    expect([...file.tensors.keys()]).toEqual(ALEXNET);
    expect(file).toMatchObject({
      format,
      convention: { conv: 'HWIO', linear: 'in-out', flatten: 'HWC', channels: 'RGB' },
    });
  });

  test('weights alone say what layers are called since Keras 3, and count them before', async () => {
    const { format, tensors, notes } = await readGolden('keras3-model.weights.h5');
    expect(format).toBe('keras-weights');
    expect([...tensors.keys()].sort()).toEqual([...ALEXNET].sort());
    expect(notes).toEqual(['It was saved by Keras 3, or 2.12 and later.']);
    const { tensors: counted } = await readGolden('keras212-model.weights.h5');
    const convolutions = [...counted.keys()].filter((name) => /^conv.*kernel$/.test(name));
    expect(convolutions).toEqual(['conv2d/kernel', 'conv2d_2/kernel', 'conv2d_4/kernel']);
  });

  test('Keras 1: kernels of Theano are [out, in, rows, columns], biases tell', async () => {
    const names = ['conv_1', 'norm_1', 'conv_2', 'dense_1', 'dense_2'];
    for (const name of ['keras1-th.h5', 'keras1-th-weights.h5']) {
      const { tensors, convention, notes } = await readGolden(name);
      expect(convention).toMatchObject({ conv: 'OIHW', flatten: 'CHW' });
      expect([...new Set([...tensors.keys()].map((key) => key.split('/')[0]))]).toEqual(names);
      expect(notes.at(-1)).toMatch(/does not say whether Theano trained it/);
    }
    const { convention, tensors } = await readGolden('keras1-tf-weights.h5');
    expect(convention).toMatchObject({ conv: 'HWIO', flatten: 'HWC' });
    expect([...tensors.keys()].slice(2, 6)).toEqual([
      ...['norm_1/gamma', 'norm_1/beta', 'norm_1/moving_mean', 'norm_1/moving_variance'],
    ]);
  });

  test('layers of models in models are told apart where they must', async () => {
    const { tensors, config } = await readGolden('keras3-nested.keras');
    expect([...tensors.keys()]).toEqual([
      ...['features/conv/kernel', 'norm/gamma', 'norm/moving_mean', 'norm/moving_variance'],
      ...['top/conv/kernel', 'top/conv/bias', 'last/beta', 'last/moving_mean'],
      ...['last/moving_variance', 'logits/kernel', 'logits/bias'],
    ]);
    const features = config?.layers.find(({ name }) => name === 'features');
    expect(features?.network?.layers[1]).toMatchObject({
      name: 'conv',
      className: 'Conv2D',
      attributes: {
        filters: 4,
        kernelSize: [3, 3],
        strides: [2, 2],
        padding: 'same',
        useBias: false,
      },
    });
  });

  test.each([
    ['float16', 1],
    ['bfloat16', 1],
    ['float64', 1],
  ])('%s', async (dtype) => {
    for (const name of [`keras3-${dtype}.h5`, `keras3-${dtype}.weights.h5`]) {
      const { tensors } = await readGolden(name);
      const kernel = tensors.get('fc6/kernel');
      expect(kernel).toMatchObject({ dtype, shape: [6, 4] });
      expect(kernel?.toFloat32().some((value) => Math.abs(value) > 0.1)).toBe(true);
    }
  });

  test('float32 arrays are views of the file', async () => {
    const bytes = bytesOf('keras/keras3-model.h5');
    const { tensors } = await read('model.h5', bytes);
    for (const tensor of tensors.values()) expect(tensor.toFloat32().buffer).toBe(bytes.buffer);
  });

  test('what training leaves behind is left out, and named', async () => {
    const { notes, tensors } = await readGolden('keras3-trained.h5');
    expect(notes).toEqual([
      'It was saved by Keras 3.15.1, with tensorflow.',
      'Left out, being no weights: "optimizer_weights".',
    ]);
    expect([...tensors.keys()]).toEqual(['fc6/kernel', 'fc6/bias']);
    expect((await readGolden('keras3-trained.keras')).notes.at(-1)).toMatch(/"optimizer"/);
  });

  test('an HDF5 file that is none of Keras’s', async () => {
    const { tensors, notes } = await readGolden('hdf5/latest.h5');
    expect(tensors.get('layouts/plain')?.shape).toEqual([6, 7]);
    expect(notes).toEqual([
      "It is no file of Keras's: all of its arrays are taken, by the names of their groups.",
    ]);
    expect(await refusal(readGolden('hdf5/nothing.h5'))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('without arrays of numbers; in it: "dense"'),
    });
  });

  test('quantised weights are refused', async () => {
    expect(await refusal(readGolden('keras3-int8.weights.h5'))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('layer "fc6" are quantised (int8)'),
    });
  });
});

/** A layer as Keras 3 writes it. */
const layer = (class_name: string, config: object, more: object = {}) => ({
  module: 'keras.layers',
  class_name,
  config,
  registered_name: null,
  ...more,
});

const sequential = (layers: readonly object[], more: object = {}) => ({
  module: 'keras',
  class_name: 'Sequential',
  config: { name: 'sequential', layers },
  registered_name: 'Sequential',
  ...more,
});

const input = layer('InputLayer', { name: 'input', batch_shape: [null, 6] });
const dense = (config: object) => layer('Dense', { name: 'fc6', units: 4, ...config });

describe('Keras: safe mode bypassed, by descriptions that hold code', () => {
  const read3 = (config: object) => refusal(read('x.keras', archive(config)));

  test.each(['keras3-lambda.keras', 'keras3-lambda.h5'])(
    'CVE-2024-3660: a Lambda layer with marshalled code (%s)',
    async (name) => {
      expect(await refusal(readGolden(name))).toEqual({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/layer "twice": "(?:Lambda|__lambda__)" .*never run/),
      });
      const { tensors, config } = await readGolden(name, { config: 'ignore' });
      expect([...tensors.keys()].length).toBe(2);
      expect(config).toBeNull();
    },
  );

  test.each([
    ['a function of any module', { module: 'os', class_name: 'function', config: 'system' }],
    ['a class of any module', { module: 'subprocess', class_name: 'Popen', config: {} }],
    [
      'a module of Keras’s that holds no layers',
      { module: 'keras.utils', class_name: 'get_file', config: {} },
    ],
    ['a function of Python’s own', { module: 'builtins', class_name: 'function', config: 'eval' }],
    [
      'a registered class',
      { module: 'keras.layers', class_name: 'Foo', config: {}, registered_name: 'mine>Foo' },
    ],
  ])('CVE-2025-1550: a description that names %s', async (_, named) => {
    const refused = {
      code: 'UNSUPPORTED',
      message: expect.stringContaining(`"${named.class_name}"`),
    };
    expect(await read3(sequential([input, named]))).toEqual(refused);
    expect(await read3(sequential([input, dense({ kernel_initializer: named })]))).toEqual(refused);
    expect(await read3(sequential([input, dense({ activation: named })]))).toEqual(refused);
    expect(await read3(named)).toEqual(refused);
  });

  test('CVE-2025-49655: a TorchModuleWrapper, which holds a pickle', async () => {
    expect(
      await read3(sequential([input, layer('TorchModuleWrapper', { name: 'w', module: 'gASV' })])),
    ).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/layer "w": "TorchModuleWrapper" holds a pickled/),
    });
  });

  test('Keras: configs that fetch URLs or read files: StringLookup, TFSMLayer', async () => {
    for (const name of ['StringLookup', 'TFSMLayer']) {
      const config = { name: 'l', vocabulary: '/etc/passwd', filepath: 'https://example.org/' };
      expect(await read3(sequential([input, layer(name, config)]))).toEqual({
        code: 'UNSUPPORTED',
        message: expect.stringContaining(`"${name}"`),
      });
    }
  });

  test('names that JavaScript gives a meaning are names', async () => {
    const config = JSON.parse('{"__proto__": {"units": 9}, "name": "fc6", "units": 4}');
    const file = await read('x.keras', archive(sequential([input, layer('Dense', config)])), {});
    expect(file.config?.layers[1]?.attributes.units).toBe(4);
    expect(await read3(sequential([input, layer('constructor', { name: 'c' })]))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('"constructor"'),
    });
  });

  test('models nested without end, layers without number, text without end', async () => {
    let nested: object = sequential([input]);
    for (let depth = 0; depth < 20; depth += 1) nested = sequential([nested]);
    expect(await read3(nested)).toMatchObject({ message: expect.stringContaining('8 deep') });
    const many = Array.from({ length: 1001 }, () => dense({}));
    expect(await read3(sequential(many))).toMatchObject({
      message: expect.stringContaining('1001 layers: 1000 is the limit'),
    });
    const long = archive(sequential([dense({ padding: 'x'.repeat(2.5e6) })]));
    expect(await refusal(read('x.keras', long))).toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('2097152 is the limit'),
    });
    const deep = `${'['.repeat(5e4)}${']'.repeat(5e4)}`;
    const entries = [
      {
        name: 'config.json',
        parts: [new TextEncoder().encode(`{"class_name":"Sequential","config":${deep}}`)],
      },
      { name: 'model.weights.h5', parts: [bytesOf('keras/keras3-float16.weights.h5')] },
    ];
    expect(await refusal(read('x.keras', writeZip(entries)))).toMatchObject({
      code: 'INVALID_MODEL',
    });
  });
});

describe('archives', () => {
  test('without a description or weights', async () => {
    expect(await refusal(read('x.keras', writeZip([])))).toMatchObject({ code: 'INVALID_MODEL' });
    const config = { name: 'config.json', parts: [new TextEncoder().encode('{}')] };
    expect(await refusal(read('x.keras', writeZip([config])))).toEqual({
      code: 'UNSUPPORTED',
      message: 'x.keras: it holds no model.weights.h5, but "config.json".',
    });
    expect(await refusal(read('x.keras', archive('no network')))).toMatchObject({
      code: 'INVALID_MODEL',
    });
  });

  test('a network that no graph can be made of leaves the arrays, and a note', async () => {
    const odd = layer('LeakyReLU', { name: 'leaky', negative_slope: 0.3 });
    const other = layer('Conv3D', { name: 'volume', kernel_size: [3, 3, 3] });
    const file = await read('x.keras', archive(sequential([input, dense({}), odd, other])));
    expect(file.network).toBeUndefined();
    expect(file.tensors.size).toBe(4);
    expect(file.notes.at(-1)).toBe(
      'Its layers were not read as a network: x.keras: The Keras network cannot be written as a graph: layer "leaky" (LeakyReLU) is of a class that no AlexNet has.',
    );
  });

  test('weights that do not fit the network are named', async () => {
    const file = await read('x.keras', archive(sequential([input, dense({ units: 5 })])));
    expect(() => file.network?.readWeights()).toThrowError(
      /"fc6\/kernel" for a parameter of \[5, 6\], which is \[4, 6\]/,
    );
  });
});

test('damaged files are read or refused, at once', async () => {
  const random = createRandom(5).split('keras');
  const seeds = ['keras3-nested.keras', 'keras3-trained.h5', 'keras1-th-weights.h5'].map((name) =>
    bytesOf(`keras/${name}`),
  );
  const outcomes = new Set<string>();
  for (let index = 0; index < 150; index += 1) {
    const bytes = mutate(seeds[index % seeds.length] ?? new Uint8Array(), random);
    const began = performance.now();
    outcomes.add(
      await attempt(async () => {
        const file = await read('x', bytes);
        file.network?.readWeights();
      }),
    );
    expect(performance.now() - began).toBeLessThan(1000);
  }
  expect(
    [...outcomes].filter((code) => !['read', 'INVALID_MODEL', 'UNSUPPORTED'].includes(code)),
  ).toEqual([]);
  expect(outcomes.has('INVALID_MODEL')).toBe(true);
});
