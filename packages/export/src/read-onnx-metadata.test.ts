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
});
