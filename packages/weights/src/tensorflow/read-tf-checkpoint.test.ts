import { readFileSync } from 'node:fs';
import { createRandom } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import {
  bytesField,
  floats,
  joinBytes,
  tag,
  varint,
  varintField,
} from '../protobuf/test-message.ts';
import { attempt, mutate } from '../test-mutations.ts';
import type { WeightSource } from '../weight-file.ts';
import { createCrc32c, maskCrc } from './crc32c.ts';
import { readTfCheckpoint } from './read-tf-checkpoint.ts';

/** A tenth of one with nothing else to do; what does not end takes minutes. */
const SECONDS_ON_A_BUSY_MACHINE = 10;

// The check sum itself is held against its standard's values in crc32c.test.ts.
const crc = createCrc32c();
const uint32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
const masked = (bytes: Uint8Array) => uint32(maskCrc(crc(bytes)));

interface Entry {
  /** Bytes that the key shares with the one before; all of `key` stands in the block. */
  readonly shared?: number;
  readonly key: string | Uint8Array;
  readonly value: Uint8Array;
}

function blockOf(entries: readonly Entry[]): Uint8Array {
  const parts = entries.map(({ shared = 0, key, value }) => {
    const own = typeof key === 'string' ? new TextEncoder().encode(key) : key;
    return joinBytes(varint(shared), varint(own.length), varint(value.length), own, value);
  });
  return joinBytes(...parts, uint32(0), uint32(1));
}

interface TableOptions {
  /** How the block claims to be packed. */
  readonly packing?: number;
  /** Instead of the block's own place in the index. */
  readonly handles?: readonly (readonly [offset: number, size: number])[];
}

/** A LevelDB table of one block. */
function tableOf(
  entries: readonly Entry[],
  { packing = 0, handles }: TableOptions = {},
): Uint8Array {
  const stored = (block: Uint8Array, kind: number) => {
    const body = joinBytes(block, [kind]);
    return joinBytes(body, masked(body));
  };
  const block = blockOf(entries);
  const first = stored(block, packing);
  const places = handles ?? [[0, block.length] as const];
  const index = blockOf(
    places.map(([offset, size]) => ({ key: 'z', value: joinBytes(varint(offset), varint(size)) })),
  );
  const meta = blockOf([]);
  const [metaAt, indexAt] = [first.length, first.length + meta.length + 5];
  const ends = [metaAt, meta.length, indexAt, index.length].map(varint);
  const footer = new Uint8Array(40);
  footer.set(joinBytes(...ends));
  const magic = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
  return joinBytes(first, stored(meta, 0), stored(index, 0), footer, magic);
}

const header = (...fields: readonly Uint8Array[]): Entry => ({
  key: '',
  value: joinBytes(varintField(1, 1), ...fields),
});

interface Variable {
  readonly name: string;
  readonly values: readonly number[];
  readonly shape?: readonly number[];
  readonly offset?: number;
  readonly size?: number;
  readonly shard?: number;
  readonly dtype?: number;
  readonly crc?: Uint8Array;
}

const shapeOf = (shape: readonly number[]) =>
  bytesField(2, ...shape.map((length) => bytesField(2, varintField(1, length))));

function entryOf({ name, values, ...rest }: Variable): Entry {
  const bytes = floats(...values);
  const { shape = [values.length], offset = 0, size = bytes.length, shard = 0, dtype = 1 } = rest;
  const sum = rest.crc ?? masked(bytes);
  return {
    key: name,
    value: joinBytes(
      varintField(1, dtype),
      shapeOf(shape),
      varintField(3, shard),
      varintField(4, offset),
      varintField(5, size),
      joinBytes(tag(6, 5), sum),
    ),
  };
}

function checkpoint(
  index: Uint8Array,
  shard: Uint8Array | null = new Uint8Array(),
  name = 'm.ckpt.index',
): WeightSource {
  const files = new Map([
    ['m.ckpt.index', index],
    ['m.ckpt.data-00000-of-00001', shard],
  ]);
  const bytes = files.get(name) ?? new Uint8Array();
  return { name, bytes, sibling: async (other) => files.get(other) ?? null };
}

async function tensorsOf(source: WeightSource) {
  const { tensors } = await readTfCheckpoint(source);
  return [...tensors].map(([name, tensor]) => [name, tensor.shape, [...tensor.toFloat32()]]);
}

const WEIGHTS = [1, 2, 3, 4, 5, 6];

describe('readTfCheckpoint', () => {
  test('names that leave out what they share, and several variables in one file', async () => {
    const index = tableOf([
      header(),
      entryOf({ name: 'conv1/biases', values: [7], offset: 24 }),
      { ...entryOf({ name: 'weights', values: WEIGHTS, shape: [2, 3] }), shared: 6 },
    ]);
    const data = joinBytes(floats(...WEIGHTS), floats(7));
    const expected = [
      ['conv1/biases', [1], [7]],
      ['conv1/weights', [2, 3], WEIGHTS],
    ];
    expect(await tensorsOf(checkpoint(index, data))).toEqual(expected);
    expect(await tensorsOf(checkpoint(index, data, 'm.ckpt.data-00000-of-00001'))).toEqual(
      expected,
    );
    expect(await tensorsOf(checkpoint(index, data, 'm.ckpt.meta'))).toEqual(expected);
  });

  test('what training adds is left out, under scopes of its own too', async () => {
    const names = [
      'beta1_power',
      'conv1/weights',
      'conv1/weights/Adam',
      'conv1/weights/Adam_1',
      'conv1/weights/ExponentialMovingAverage',
      'global_step',
      'other/Momentum',
      'train/conv1/weights/Momentum',
    ];
    const index = tableOf([
      header(),
      ...names.map((name, offset) => entryOf({ name, values: [offset], offset: offset * 4 })),
    ]);
    const { tensors, notes } = await readTfCheckpoint(
      checkpoint(index, floats(...names.map((_, place) => place))),
    );
    // "other" is no variable: its "Momentum" may be anything.
    expect([...tensors.keys()]).toEqual(['conv1/weights', 'other/Momentum']);
    expect(notes).toEqual(['Left out: 6 variables of optimisers, moving averages and counters.']);
  });

  test('arrays are views of the file', async () => {
    const data = floats(1);
    const { tensors } = await readTfCheckpoint(
      checkpoint(tableOf([header(), entryOf({ name: 'w', values: [1] })]), data),
    );
    expect(tensors.get('w')?.toFloat32().buffer).toBe(data.buffer);
  });

  test('`__proto__` and `constructor` are names like others', async () => {
    const index = tableOf([
      header(),
      entryOf({ name: '__proto__', values: [1] }),
      entryOf({ name: 'constructor', values: [2], offset: 4 }),
    ]);
    const found = await tensorsOf(checkpoint(index, floats(1, 2)));
    expect(found.map(([name]) => name)).toEqual(['__proto__', 'constructor']);
  });

  const one = { name: 'w', values: WEIGHTS };
  const data = floats(...WEIGHTS);
  const good = tableOf([header(), entryOf(one)]);
  const flipped = good.slice();
  flipped[20] = (flipped[20] ?? 0) ^ 1;
  test.each([
    {
      what: 'a missing .data file',
      index: good,
      shard: null,
      code: 'NOT_FOUND',
      says: /"m\.ckpt\.data-00000-of-00001" is not beside it/,
    },
    {
      what: 'no table',
      index: new Uint8Array(100),
      says: /does not end as a checkpoint's index does \(100 bytes\)/,
    },
    {
      what: 'a block that was changed',
      index: flipped,
      says: /block at byte 0: its check sum is 0x[0-9a-f]{8}, not 0x/,
    },
    {
      what: 'an array that was changed',
      index: good,
      shard: floats(...WEIGHTS.map((x) => x + 1)),
      says: /variable "w": its check sum is/,
    },
    {
      what: 'an array beyond its file',
      index: good,
      shard: data.subarray(4),
      says: /should reach to byte 24 of a \.data file of 20/,
    },
    {
      what: 'a shape of another size',
      index: tableOf([header(), entryOf({ ...one, shape: [7] })]),
      says: /should have 28 bytes, but is said to have 24/,
    },
    {
      what: 'a product that overflows',
      index: tableOf([header(), entryOf({ ...one, shape: [2 ** 40, 2 ** 40] })]),
      says: /"w": it should have/,
    },
    {
      what: 'a negative length',
      index: tableOf([header(), entryOf({ ...one, shape: [-6] })]),
      says: /its length is -6/,
    },
    {
      what: 'a file that is none',
      index: tableOf([header(), entryOf({ ...one, shard: 1 })]),
      says: /file 1 of 1/,
    },
    {
      what: 'a negative offset',
      index: tableOf([header(), entryOf({ ...one, offset: -4 })]),
      says: /24 bytes at -4/,
    },
    {
      what: 'an offset beyond 2⁵³',
      index: tableOf([header(), { key: 'w', value: varintField(4, 2n ** 60n) }]),
      says: /out of range/,
    },
    {
      what: 'the same bytes for two',
      index: tableOf([header(), entryOf(one), entryOf({ ...one, name: 'x' })]),
      says: /take more than the 24 bytes/,
    },
    {
      what: 'one name twice',
      index: tableOf([header(), entryOf(one), entryOf(one)]),
      says: /"w" comes twice/,
    },
    { what: 'no header', index: tableOf([entryOf(one)]), says: /first entry is not the header/ },
    { what: 'no entries', index: tableOf([]), says: /has no entries/ },
    {
      what: 'files without number',
      index: tableOf([{ key: '', value: varintField(1, 10 ** 9) }]),
      says: /spread over 1000000000 files/,
    },
    {
      what: 'big-endian numbers',
      index: tableOf([header(varintField(2, 1))]),
      code: 'UNSUPPORTED',
      says: /big-endian/,
    },
    {
      what: 'a newer form',
      index: tableOf([header(bytesField(3, varintField(2, 9)))]),
      code: 'UNSUPPORTED',
      says: /reader of version 9/,
    },
    {
      what: 'another packing',
      index: tableOf([header()], { packing: 7 }),
      code: 'UNSUPPORTED',
      says: /packed in way 7/,
    },
    {
      what: 'a block that is no snappy',
      index: tableOf([header()], { packing: 1 }),
      says: /block at byte 0: .*(?:unpack|refers to bytes)/,
    },
    {
      what: 'the same block a thousand times',
      index: tableOf([header()], { handles: Array.from({ length: 1000 }, () => [0, 19] as const) }),
      says: /lies before byte/,
    },
    {
      what: 'a block beyond the file',
      index: tableOf([header()], { handles: [[0, 10 ** 9]] }),
      says: /should reach to byte 1000000005/,
    },
    {
      what: 'a key that shares what is not there',
      index: tableOf([header(), { shared: 9, key: 'w', value: new Uint8Array() }]),
      says: /does not lie within/,
    },
    {
      what: 'a name of 5,000 bytes',
      index: tableOf([header(), { key: 'n'.repeat(5000), value: new Uint8Array() }]),
      says: /name takes 5000 bytes; 4096/,
    },
    {
      what: 'names that outgrow the file',
      index: tableOf([
        header(),
        { key: 'n'.repeat(4000), value: new Uint8Array() },
        ...Array.from({ length: 2000 }, () => ({ shared: 4000, key: '', value: new Uint8Array() })),
      ]),
      says: /comes twice|outgrow the file/,
    },
  ])('$what: refused', async ({ index, shard = data, code = 'INVALID_MODEL', says }) => {
    const start = performance.now();
    await expect(readTfCheckpoint(checkpoint(index, shard, 'm.ckpt.index'))).rejects.toThrowError(
      expect.objectContaining({ code, message: expect.stringMatching(says) }),
    );
    expect(performance.now() - start).toBeLessThan(SECONDS_ON_A_BUSY_MACHINE * 1000);
  });
});

describe('damaged checkpoints are read, or refused with an error of ours', () => {
  const golden = (name: string) =>
    readFileSync(new URL(`../../../../tests/golden/weights/tensorflow/${name}`, import.meta.url));

  test.each([
    { name: 'types.index', isSigned: false },
    { name: 'types.index', isSigned: true },
    { name: 'keras.index', isSigned: true },
    { name: 'packed.ckpt.index', isSigned: true },
    { name: 'old.ckpt', isSigned: true },
  ])('$name, sums made right again: $isSigned', async ({ name, isSigned }) => {
    const whole = golden(name);
    const random = createRandom(20170224);
    const outcomes = new Set<string>();
    const sibling = async (other: string) =>
      name === 'old.ckpt' ? null : golden(other.replace('packed', 'alexnet'));
    for (let count = 0; count < 150; count++) {
      const damaged = mutate(whole, random);
      const bytes = isSigned ? sign(damaged) : damaged;
      const outcome = await attempt(async () => {
        const { tensors } = await readTfCheckpoint({ name, bytes, sibling });
        for (const tensor of tensors.values()) tensor.toFloat32();
      });
      outcomes.add(outcome);
    }
    expect(['INVALID_MODEL', 'NOT_FOUND', 'UNSUPPORTED', 'read']).toEqual(
      expect.arrayContaining([...outcomes]),
    );
    expect(outcomes.has('INVALID_MODEL')).toBe(true);
  });

  /** With the right sums behind the blocks, where these can be found: damage that no sum tells. */
  function sign(table: Uint8Array): Uint8Array {
    const signed = table.slice();
    const numbers = (bytes: Uint8Array) => {
      const found: number[] = [];
      let value = 0;
      let scale = 1;
      for (const byte of bytes) {
        value += (byte & 127) * scale;
        scale *= 128;
        if (byte >= 128) continue;
        found.push(value);
        [value, scale] = [0, 1];
      }
      return found;
    };
    const signBlock = (offset = 0, size = 0) => {
      const end = offset + size + 1;
      if (end + 4 > signed.length) return;
      signed.set(masked(signed.subarray(offset, end)), end);
    };
    const [, , indexAt = 0, indexSize = 0] = numbers(signed.subarray(-48, -8));
    // The handle of the only block stands right before the restarts.
    const index = signed.subarray(indexAt, indexAt + indexSize);
    const [shared = 0, own = 0, size = 0] = numbers(index.subarray(0, 3));
    const handle = numbers(index.subarray(3 + shared + own, 3 + shared + own + size));
    signBlock(handle[0], handle[1]);
    signBlock(indexAt, indexSize);
    return signed;
  }
});
