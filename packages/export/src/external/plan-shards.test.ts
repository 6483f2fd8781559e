import { createModel } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { createOnnxBuilder } from '../builder.ts';
import { importOnnx } from '../import-onnx.ts';
import { encodeModel } from '../proto/codec.ts';
import { toOnnx } from '../to-onnx.ts';
import { moveOut, planShards, shardParts } from './plan-shards.ts';
import { splitWeights } from './split-weights.ts';

/** A model of weights of these many kibibytes: float32, a row for each. */
function makeModel(...sizes: readonly (readonly [name: string, kibibytes: number])[]) {
  const builder = createOnnxBuilder('weights');
  for (const [name, rows] of sizes) {
    const data = Float32Array.from({ length: rows * 256 }, (_, index) => index);
    builder.initializer(name, { dtype: 'float32', shape: [rows, 256], data });
  }
  const [[first = ''] = []] = sizes;
  builder.output(builder.op('Identity', [first], {}, { name: 'end' }), 'float32', ['N', 256]);
  return builder.build();
}

describe('a weight that is longer than a file may be', () => {
  test('is cut between its rows into equal parts, and put together at the start of the graph', () => {
    const { graph } = splitWeights(makeModel(['a', 1], ['w', 10]), 4 * 1024);
    expect(graph.initializer.map(({ name, dims }) => [name, dims])).toEqual([
      ['a', [1, 256]],
      ['w/0', [4, 256]],
      ['w/1', [4, 256]],
      ['w/2', [2, 256]],
    ]);
    expect(
      graph.node.map(({ opType, name, input, output }) => ({ opType, name, input, output })),
    ).toEqual([
      { opType: 'Concat', name: 'w', input: ['w/0', 'w/1', 'w/2'], output: ['w'] },
      { opType: 'Identity', name: 'end', input: ['a'], output: ['end'] },
    ]);
    expect(graph.node[0]?.attribute).toEqual([
      { name: 'axis', i: 0n, type: 2, floats: [], ints: [] },
    ]);
  });

  test('comes back whole', () => {
    const model = createModel('mini', { widthMultiplier: 0.02, classes: 3 });
    const split = splitWeights(toOnnx(model), 4000);
    expect(split.graph.initializer.length).toBeGreaterThan(15);
    const back = importOnnx(encodeModel(split));
    expect(back.graph.nodes).toEqual(model.graph.nodes);
    expect([...back.weights]).toEqual([...model.weights]);
  });

  test('gets parts with names that nothing has yet', () => {
    const { graph } = splitWeights(makeModel(['w', 2], ['w/1', 1]), 1024);
    expect(graph.initializer.map(({ name }) => name)).toEqual(['w/0', 'w/1_1', 'w/1']);
  });

  test('is refused if a single row is longer', () => {
    expect(() => splitWeights(makeModel(['w', 2]), 1023)).toThrow(
      'One row of w takes 1024 bytes, but a file of weights may have 1023.',
    );
  });

  test('leaves a model without such weights as it is', () => {
    const model = makeModel(['w', 2]);
    expect(splitWeights(model, 2048)).toBe(model);
  });
});

describe('weights are dealt out', () => {
  const places = (limit: number, ...sizes: readonly (readonly [string, number])[]) =>
    planShards(makeModel(...sizes), limit).shards.map((shard) =>
      shard.map(({ tensor, offset }) => [tensor.name, offset]),
    );

  test('in their order, at the start of a page', () => {
    expect(places(16 * 1024, ['a', 1], ['b', 5], ['c', 8], ['d', 1])).toEqual([
      [
        ['a', 0],
        ['b', 4096],
      ],
      [
        ['c', 0],
        ['d', 8192],
      ],
    ]);
  });

  test('large ones at the start of a page of Windows', () => {
    expect(places(4 * 2 ** 20, ['a', 1], ['b', 1024], ['c', 1])).toEqual([
      [
        ['a', 0],
        ['b', 65_536],
        ['c', 65_536 + 2 ** 20],
      ],
    ]);
  });

  test('up to the last byte of a file', () => {
    expect(places(8 * 1024, ['a', 4], ['b', 4], ['c', 4])).toEqual([
      [
        ['a', 0],
        ['b', 4096],
      ],
      [['c', 0]],
    ]);
  });

  test('except for those of less than a kibibyte: shapes stay readable without the files', () => {
    const builder = createOnnxBuilder('small');
    const shape = builder.ints(1, -1);
    builder.output(builder.op('Identity', [shape]), 'int64', [2]);
    expect(planShards(builder.build(), 4096).shards).toEqual([]);
  });
});

test('what is moved out lies where the model says', () => {
  const { model, shards } = planShards(makeModel(['a', 1], ['b', 2]), 2 ** 20);
  const stored = shards.map((shard) => ({ shard, name: 'w.data', sha1: 'ab'.repeat(20) }));
  const { graph } = moveOut(model, stored);
  const [shard = []] = shards;
  const file = Buffer.concat([...shardParts(shard)]);
  expect(file.length).toBe(4096 + 2048);
  expect(graph.initializer.map(({ rawData }) => rawData)).toEqual([undefined, undefined]);
  expect(graph.initializer.map(({ dataLocation }) => dataLocation)).toEqual([1, 1]);
  expect(graph.initializer[1]?.externalData).toEqual([
    { key: 'location', value: 'w.data' },
    { key: 'offset', value: '4096' },
    { key: 'length', value: '2048' },
    { key: 'checksum', value: 'ab'.repeat(20) },
  ]);
  const values = new Float32Array(file.buffer, file.byteOffset + 4096, 512);
  expect([...values]).toEqual(Array.from({ length: 512 }, (_, index) => index));
  expect([...file.subarray(1024, 4096)].every((byte) => byte === 0)).toBe(true);
});
