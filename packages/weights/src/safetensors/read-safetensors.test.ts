import {
  crc32,
  createModel,
  createRandom,
  createTensor,
  isAlexNetError,
  sizeOf,
} from '@alexnet/core';
import { encodeSafetensors, encodeSummed } from '@alexnet/core/safetensors';
import { describe, expect, test } from 'vitest';
import { joinParts } from '../join-parts.ts';
import { attempt, mutate } from '../test-mutations.ts';
import type { WeightSource } from '../weight-file.ts';
import { readSafetensors } from './read-safetensors.ts';

/** A file with this header and these bytes. */
function fileOf(header: unknown, body: Uint8Array, headerLength?: bigint): WeightSource {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, headerLength ?? BigInt(json.length), true);
  return {
    name: 'a.safetensors',
    bytes: joinParts([length, json, body]),
    sibling: async () => null,
  };
}

const entry = (dtype: string, shape: readonly number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

async function refusal(source: WeightSource): Promise<string> {
  try {
    await readSafetensors(source);
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  throw new Error('Nothing was refused.');
}

test('every type of number', async () => {
  const halves = Uint8Array.from([0x00, 0x3c, 0x00, 0xc0]);
  const brains = Uint8Array.from([0x80, 0x3f, 0x00, 0xc0]);
  const doubles = new Uint8Array(new Float64Array([1, -2]).buffer);
  const floats = new Uint8Array(new Float32Array([1, -2]).buffer);
  const longs = new Uint8Array(new BigInt64Array([1n, -2n]).buffer);
  const bytes = Uint8Array.from([1, 254]);
  const parts = [doubles, floats, halves, brains, longs, bytes];
  const types = ['F64', 'F32', 'F16', 'BF16', 'I64', 'I8'];
  let offset = 0;
  const header = Object.fromEntries(
    parts.map((part, index) => {
      const begin = offset;
      offset += part.length;
      return [types[index] ?? '', entry(types[index] ?? '', [2], begin, offset)];
    }),
  );
  const file = await readSafetensors(fileOf(header, joinParts(parts)));
  for (const [, tensor] of file.tensors) expect([...tensor.toFloat32()]).toEqual([1, -2]);
  expect([...file.tensors.values()].map(({ dtype }) => dtype)).toEqual([
    'float64',
    'float32',
    'float16',
    'bfloat16',
    'int64',
    'int8',
  ]);
});

test('tensors are views of the file', async () => {
  const header = { a: entry('F32', [2], 0, 8) };
  // The header has 49 bytes: padded, as every writer does it.
  const source = fileOf(`${JSON.stringify(header)}`.padEnd(56), new Uint8Array(8));
  const { tensors } = await readSafetensors(source);
  expect(tensors.get('a')?.toFloat32().buffer).toBe(source.bytes.buffer);
});

test('a checkpoint of ours has its network with it, without what only training needs', async () => {
  const model = createModel('mini', { classes: 3 });
  const state = new Map([...model.weights]);
  for (const [name, tensor] of model.weights) state.set(`${name}/momentum`, tensor);
  const bytes = joinParts(
    encodeSafetensors(state, {
      'alexnet.graph': JSON.stringify(model.graph),
      'alexnet.metadata': JSON.stringify(model.metadata),
    }),
  );
  const { network } = await readSafetensors({ name: 'x', bytes, sibling: async () => null });
  expect(network?.graph).toEqual(model.graph);
  expect(network?.metadata).toEqual(model.metadata);
  expect([...(network?.readWeights().keys() ?? [])]).toEqual([...model.weights.keys()]);
});

test('a checkpoint that keeps averages of its weights gives those', async () => {
  const model = createModel('mini', { classes: 3 });
  const state = new Map([...model.weights]);
  for (const [name, { shape, data }] of model.weights) {
    state.set(`${name}/average`, { shape, data: data.map((value) => value + 1) });
  }
  const graph = JSON.stringify(model.graph);
  const bytes = joinParts(encodeSafetensors(state, { 'alexnet.graph': graph }));
  const { network } = await readSafetensors({ name: 'x', bytes, sibling: async () => null });
  const weights = network?.readWeights();
  for (const [name, { data }] of model.weights) {
    expect(weights?.get(name)?.data, name).toEqual(data.map((value) => value + 1));
  }
});

test('an array of a checkpoint of ours whose bytes are not those of its checksum is named', async () => {
  const weights = new Map([
    ['a', createTensor([2])],
    ['b', createTensor([2])],
  ]);
  const { views, encodeHeader } = encodeSummed(weights, {});
  const bytes = joinParts([encodeHeader(views.map((view) => crc32(view))), ...views]);
  await readSafetensors({ name: 'x', bytes, sibling: async () => null });
  bytes[bytes.length - 1] = 1;
  expect(await refusal({ name: 'x', bytes, sibling: async () => null })).toMatch(
    /^INVALID_MODEL: x: .* damaged: tensor "b" has the CRC-32 [0-9a-f]{8} where 6522df69 was/,
  );
});

describe('threats of safetensors', () => {
  const two = { a: entry('F32', [1], 0, 4), b: entry('F32', [1], 4, 8) };
  test('a header length beyond the file', async () => {
    expect(await refusal(fileOf(two, new Uint8Array(8), 2n ** 40n))).toBe(
      'INVALID_MODEL: a.safetensors: This is no complete safetensors file: its header claims 1099511627776 bytes of a file of 123.',
    );
    expect(await refusal(fileOf(two, new Uint8Array(8), 2n ** 64n - 1n))).toContain(
      'INVALID_MODEL',
    );
  });

  test('overlapping offsets', async () => {
    const overlap = { ...two, b: entry('F32', [1], 2, 6) };
    expect(await refusal(fileOf(overlap, new Uint8Array(6)))).toContain(
      '"b" starts at 2, but 4 is next',
    );
  });

  test('gapped offsets', async () => {
    const gap = { ...two, b: entry('F32', [1], 8, 12) };
    expect(await refusal(fileOf(gap, new Uint8Array(12)))).toContain(
      '"b" starts at 8, but 4 is next',
    );
  });

  test('dtype × shape ≠ bytes', async () => {
    for (const [dtype, shape] of [
      ['F16', [1]],
      ['F32', [2]],
      ['F64', [2 ** 30, 2 ** 30]],
      ['F32', [0, 4]],
    ] as const) {
      const said = await refusal(fileOf({ a: entry(dtype, shape, 0, 4) }, new Uint8Array(4)));
      expect(said, `${dtype} ${shape}`).toContain('but is said to lie at 0–4 of 4');
    }
  });

  test('duplicate keys', async () => {
    const twice = `{"a":${JSON.stringify(two.a)},"a":${JSON.stringify(two.b)}}`;
    expect(await refusal(fileOf(twice, new Uint8Array(8)))).toContain('the header has "a" twice');
  });

  test('a header of 100 MB', async () => {
    const lists = `{"a":${'['.repeat(2_000_000)}`;
    expect(await refusal(fileOf(lists, new Uint8Array(0)))).toContain('is not JSON');
    const one = JSON.stringify(entry('F32', [0], 0, 0));
    const many = Array.from({ length: 20_001 }, (_, i) => `"${i}":${one}`);
    expect(await refusal(fileOf(`{${many.join()}}`, new Uint8Array(0)))).toContain(
      'more than 20000 tensors',
    );
  });

  test('types that are not read', async () => {
    const eight = { a: entry('F8_E4M3', [4], 0, 4) };
    expect(await refusal(fileOf(eight, new Uint8Array(4)))).toMatch(
      /a\.dtype should be one of .*"F8_E4M3"/,
    );
  });

  test('__proto__ as a name', async () => {
    const text = `{"__proto__":${JSON.stringify(entry('F32', [1], 0, 4))}}`;
    const { tensors } = await readSafetensors(fileOf(text, new Uint8Array(4)));
    expect([...tensors.keys()]).toEqual(['__proto__']);
  });
});

test('mutations are read or refused, and nothing else', async () => {
  const tensors = new Map([
    ['conv1.weight', createTensor([2, 3, 2, 2])],
    ['conv1.bias', createTensor([2])],
    ['fc8.weight', createTensor([3, 4])],
  ]);
  const bytes = joinParts(encodeSafetensors(tensors, { format: 'pt' }));
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 500; round += 1) {
    const changed = mutate(bytes, createRandom(1).split('mutation', round));
    const outcome = await attempt(async () => {
      const file = await readSafetensors({ name: 'x', bytes: changed, sibling: async () => null });
      for (const tensor of file.tensors.values()) {
        if (tensor.toFloat32().length !== sizeOf(tensor.shape)) throw new Error('another size');
      }
    });
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  expect([...outcomes.keys()].sort()).toEqual(['INVALID_MODEL', 'read']);
});
