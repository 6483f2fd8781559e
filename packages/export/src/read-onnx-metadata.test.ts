import { createModel } from '@alexnet/core';
import { expect, test } from 'vitest';
import { createOnnxBuilder } from './builder.ts';
import { encodeModel } from './proto/codec.ts';
import type { ModelProto, ValueInfoProto } from './proto/messages.ts';
import { readOnnxMetadata } from './read-onnx-metadata.ts';
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
