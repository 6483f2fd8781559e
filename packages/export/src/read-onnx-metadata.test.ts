import { createModel, isAlexNetError } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { createOnnxBuilder } from './builder.ts';
import type { ByteSource } from './proto/byte-source.ts';
import { encodeModel } from './proto/codec.ts';
import type { ModelProto, ValueInfoProto } from './proto/messages.ts';
import { readOnnxMetadata, scanOnnxMetadata } from './read-onnx-metadata.ts';
import { exportOnnx } from './to-onnx.ts';
import { makeTensorInfo } from './value-info.ts';
import { PRODUCER_VERSION } from './version.ts';

test('a model of ours', () => {
  const model = createModel('mnist', { widthMultiplier: 0.01, labels: ['shoe', 'bag'] });
  expect(readOnnxMetadata(exportOnnx(model, { output: 'probabilities' }))).toEqual({
    inputs: [{ name: 'image', dtype: 'float32', shape: ['N', 1, 28, 28] }],
    outputs: [{ name: 'probabilities', dtype: 'float32', shape: ['N', 2] }],
    metadata: model.metadata,
    files: [],
    precision: { compute: 'float32', weights: 'float32' },
    about: { name: 'mnist' },
    embedded: null,
    producer: { name: 'alexnet', version: PRODUCER_VERSION },
    opset: 20,
  });
});

function readForeign(input: readonly ValueInfoProto[], change: Partial<ModelProto> = {}) {
  const builder = createOnnxBuilder('foreign');
  const w = builder.initializer('w', { dtype: 'int64', shape: [1], data: BigInt64Array.of(1n) });
  builder.output(builder.op('FutureOp', [w]), 'int64', [1]);
  const model = builder.build();
  const { producerName: _, producerVersion: __, ...nameless } = model;
  return readOnnxMetadata(
    encodeModel({ ...nameless, graph: { ...model.graph, input }, metadataProps: [], ...change }),
  );
}

test('a foreign model: whatever its operators, without metadata', () => {
  const tensorType = (dim: readonly object[]) => ({ tensorType: { elemType: 10, shape: { dim } } });
  const info = readForeign(
    [
      makeTensorInfo('w', 'int64', [1]),
      {
        name: 'half',
        type: tensorType([{ dimValue: -1 }, {}, { dimParam: 'H' }, { dimValue: 4 }]),
      },
      { name: 'unranked', type: { tensorType: { elemType: 1 } } },
      { name: 'list', type: { sequenceType: { elemType: { tensorType: { elemType: 1 } } } } },
      { name: 'map', type: {} },
    ],
    { opsetImport: [{ domain: 'com.microsoft', version: 1 }] },
  );
  expect(info).toEqual({
    inputs: [
      { name: 'half', dtype: 'float16', shape: ['?', '?', 'H', 4] },
      { name: 'unranked', dtype: 'float32', shape: null },
      { name: 'list', dtype: 'sequence', shape: null },
      { name: 'map', dtype: 'other', shape: null },
    ],
    outputs: [{ name: 'FutureOp', dtype: 'int64', shape: [1] }],
    metadata: {},
    files: [],
    precision: { compute: 'float32', weights: 'float32' },
    about: { name: 'foreign' },
    embedded: null,
    producer: { name: '', version: '' },
    opset: 1,
  });
});

test('metadata of ours in part', () => {
  const metadataProps = [
    { key: 'author', value: 'someone' },
    { key: 'alexnet.labels', value: '["cat","dog"]' },
  ];
  expect(readForeign([], { metadataProps }).metadata).toEqual({ labels: ['cat', 'dog'] });
});

test('metadata of ours that is broken is refused', () => {
  const metadataProps = [{ key: 'alexnet.labels', value: '[' }];
  expect(() => readForeign([], { metadataProps })).toThrow('"alexnet.labels" is not JSON');
  const precision = [{ key: 'alexnet.precision', value: '{"compute":"int4","weights":"int8"}' }];
  expect(() => readForeign([], { metadataProps: precision })).toThrow(
    'compute should be one of "float32", "float16", "int8", but is "int4"',
  );
});

test('what a file says of itself for people', () => {
  const model = createModel('mnist', { widthMultiplier: 0.01, classes: 2 });
  const about = {
    name: 'shoes',
    version: 3,
    description: 'Shoes or bags.\nOf one shop.',
    author: 'A. Nonym',
    license: 'Apache-2.0',
  };
  expect(readOnnxMetadata(exportOnnx(model, { about })).about).toEqual(about);
});

test('a file whose weights are kept small says so', () => {
  const model = createModel('mnist', { widthMultiplier: 0.01, classes: 2 });
  expect(readOnnxMetadata(exportOnnx(model, { weights: 'int8' })).precision).toEqual({
    compute: 'float32',
    weights: 'int8',
  });
});

const sha256 = 'ab'.repeat(32);

test('the files with the weights', () => {
  const files = [{ name: 'model.onnx.data-00001', bytes: 20971520, sha256 }];
  const metadataProps = [{ key: 'alexnet.files', value: JSON.stringify(files) }];
  expect(readForeign([], { metadataProps }).files).toEqual(files);
});

test.each([
  ['a list that is none', '{}', 'should be a list'],
  ['a path', JSON.stringify([{ name: '../w', bytes: 1, sha256 }]), 'no plain name of a file'],
  ['an address', JSON.stringify([{ name: 'https://a.b/w', bytes: 1, sha256 }]), 'no plain name'],
  ['a size below zero', JSON.stringify([{ name: 'w', bytes: -1, sha256 }]), '0.bytes should be'],
  ['a checksum of another kind', '[{"name":"w","bytes":1,"sha256":"abc"}]', 'has the sha256 "abc"'],
  [
    'a file twice',
    JSON.stringify([1, 2].map((bytes) => ({ name: 'w', bytes, sha256 }))),
    'names "w" twice',
  ],
  ['too many', JSON.stringify(Array.from({ length: 1001 }, () => 0)), '1000 is the limit'],
])('of the files with the weights, %s is refused', (_name, value, message) => {
  const metadataProps = [{ key: 'alexnet.files', value }];
  expect(() => readForeign([], { metadataProps })).toThrow(message);
});

describe('of a file that is not in memory', () => {
  /** Counts what is read of it. */
  function openBytes(bytes: Uint8Array) {
    const read: { offset: number; length: number }[] = [];
    const source: ByteSource = {
      byteLength: bytes.length,
      read: async (offset, length) => {
        expect(offset + length).toBeLessThanOrEqual(bytes.length);
        read.push({ offset, length });
        return bytes.slice(offset, offset + length);
      },
    };
    return { source, total: () => read.reduce((sum, { length }) => sum + length, 0) };
  }

  test('the same is said, and of 25 MB some kilobytes are read', async () => {
    const bytes = exportOnnx(createModel('torchvision', { widthMultiplier: 0.3, classes: 3 }));
    expect(bytes.length).toBeGreaterThan(2e7);
    const { source, total } = openBytes(bytes);
    expect(await scanOnnxMetadata(source)).toEqual(readOnnxMetadata(bytes));
    expect(total()).toBeLessThan(100_000);
  });

  test('wherever it is cut, one clear error', async () => {
    const bytes = exportOnnx(createModel('mini', { widthMultiplier: 0.01, classes: 2 }));
    for (let length = 0; length < bytes.length; length += 97) {
      const { source } = openBytes(bytes.subarray(0, length));
      const outcome = await scanOnnxMetadata(source).catch((error: unknown) => error);
      expect(isAlexNetError(outcome) && outcome.code, `${length}`).toBe('INVALID_MODEL');
    }
  });

  test.each<[string, readonly number[], RegExp]>([
    ['a length beyond the file', [8, 9, 0x3a, 0xff, 0xff, 0x03], /it should reach to byte 65541/],
    ['a length of 2⁶³', [8, 9, 0x3a, ...Array<number>(9).fill(0xff), 1], /it should reach to byte/],
    ['a number without end', [8, ...Array<number>(11).fill(0xff)], /a number does not end/],
    ['a group', [8, 9, 0x0b, 0x0c], /wire type 3/],
    ['a text', [...Buffer.from('just a text')], /not an ONNX model but a text/],
    ['nothing', [], /an empty file/],
  ])('%s is refused', async (_name, content, message) => {
    const { source, total } = openBytes(Uint8Array.from(content));
    await expect(scanOnnxMetadata(source)).rejects.toThrow(message);
    expect(total()).toBeLessThan(200);
  });

  test('what the source throws comes through', async () => {
    const source = { byteLength: 10, read: () => Promise.reject(new Error('unplugged')) };
    await expect(scanOnnxMetadata(source)).rejects.toThrow('unplugged');
  });
});
