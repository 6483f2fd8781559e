import { describe, expect, test } from 'vitest';
import { crc32 } from '../crc32.ts';
import { createTensor } from '../tensor.ts';
import { decodeSafetensors, encodeSafetensors, encodeSummed } from './safetensors.ts';

const tensors = new Map([
  ['conv1.weight', createTensor([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))],
  ['__proto__', createTensor([1], Float32Array.of(7))],
  ['scalar', createTensor([], Float32Array.of(8))],
]);

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** A file with this header and this many bytes of tensors. */
function fileOf(header: unknown, bodyBytes: number): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const head = new Uint8Array(8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  head.set(json, 8);
  return join([head, new Uint8Array(bodyBytes)]);
}

describe('safetensors', () => {
  test('comes back as it was written, names and metadata included', () => {
    const file = decodeSafetensors(join(encodeSafetensors(tensors, { step: '3' })));
    expect([...file.tensors]).toEqual([...tensors]);
    expect({ ...file.metadata }).toEqual({ step: '3' });
  });

  test('a small file, byte for byte', () => {
    const parts = encodeSafetensors(new Map([['a', createTensor([1], Float32Array.of(1))]]));
    const header = '{"__metadata__":{},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    expect(new TextDecoder().decode(parts[0]?.subarray(8)).trimEnd()).toBe(header);
    expect([...(parts[0]?.subarray(0, 8) ?? [])]).toEqual([72, 0, 0, 0, 0, 0, 0, 0]);
    expect([...(parts[1] ?? [])]).toEqual([0, 0, 0x80, 0x3f]);
  });

  test('a header padded with spaces, and metadata with signs that JSON escapes', () => {
    const header =
      '  {"__metadata__":{"a\\"b":"\\\\"} ,\n "x" : {"data_offsets":[0,4],"shape":[],"dtype":"F32"} }   ';
    const { tensors: found, metadata } = decodeSafetensors(fileOf(header, 4));
    expect({ ...metadata }).toEqual({ 'a"b': '\\' });
    expect(found.get('x')?.shape).toEqual([]);
  });

  test('tensors are views where the file is aligned', () => {
    const bytes = join(encodeSafetensors(tensors));
    expect(decodeSafetensors(bytes).tensors.get('conv1.weight')?.data.buffer).toBe(bytes.buffer);
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    expect(decodeSafetensors(shifted).tensors.get('conv1.weight')?.data).toEqual(
      tensors.get('conv1.weight')?.data,
    );
  });

  const entry = (begin: number, end: number, shape = [1]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  });
  test.each([
    {
      what: 'cut short',
      bytes: join(encodeSafetensors(tensors)).subarray(0, -1),
      says: /needs 4 bytes, but is said to lie at/,
    },
    { what: 'fewer than eight bytes', bytes: new Uint8Array(5), says: /only 5 bytes/ },
    {
      what: 'a header longer than the file',
      bytes: fileOf({}, 0).subarray(0, 9),
      says: /claims 2 bytes of a file of 9/,
    },
    { what: 'a header that is not JSON', bytes: fileOf('{"a":', 0), says: /header is not JSON/ },
    {
      what: 'an overlap',
      bytes: fileOf({ a: entry(0, 4), b: entry(0, 4) }, 4),
      says: /"b" starts at 0, but 4 is next/,
    },
    { what: 'a gap', bytes: fileOf({ a: entry(4, 8) }, 8), says: /"a" starts at 4, but 0 is next/ },
    {
      what: 'bytes behind the tensors',
      bytes: fileOf({ a: entry(0, 4) }, 8),
      says: /end at 4 of 8/,
    },
    {
      what: 'a shape that lies',
      bytes: fileOf({ a: entry(0, 4, [2]) }, 4),
      says: /\[2\] needs 8 bytes/,
    },
    {
      what: 'a product that overflows',
      bytes: fileOf({ a: entry(0, 4, [2 ** 40, 2 ** 40]) }, 4),
      says: /needs/,
    },
    {
      what: 'another dtype',
      bytes: fileOf({ a: { ...entry(0, 4), dtype: 'F16' } }, 4),
      says: /a\.dtype should be one of "F32"/,
    },
    {
      what: 'a name that is there twice',
      bytes: fileOf(
        `{"a":${JSON.stringify(entry(0, 4))},"\\u0061":${JSON.stringify(entry(4, 8))}}`,
        8,
      ),
      says: /the header has "a" twice/,
    },
    {
      what: 'a field that is there twice',
      bytes: fileOf('{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,4]}}', 4),
      says: /"a" has "shape" twice/,
    },
    {
      what: 'a tensor without offsets',
      bytes: fileOf('{"a":{"dtype":"F32","shape":[1]}}', 4),
      says: /"a" has not all of/,
    },
    {
      what: 'a negative length',
      bytes: fileOf({ a: entry(0, 4, [-1]) }, 4),
      says: /a\.shape is no list of whole numbers/,
    },
    {
      what: 'a header of lists within lists',
      bytes: fileOf(`{"a":${'['.repeat(1_000_000)}`, 0),
      says: /is not JSON/,
    },
    {
      what: 'a text that does not end',
      bytes: fileOf(`{"${'\\"'.repeat(1_000_000)}`, 0),
      says: /is no text/,
    },
  ])('$what is refused', ({ bytes, says }) => {
    expect(() => decodeSafetensors(bytes)).toThrowError(
      expect.objectContaining({ code: 'INVALID_CHECKPOINT', message: expect.stringMatching(says) }),
    );
  });
});

/** By Python's zlib and json. */
const SUMS =
  '{"header":"a0fc2787","tensors":{"conv1.weight":"1939e524","__proto__":"09e66d60","scalar":"209fae1a"}}';

describe('checksums', () => {
  const metadata = { step: '3', größe: '"ä"\n' };
  const { views, encodeHeader } = encodeSummed(tensors, metadata);
  const sums = views.map((view) => crc32(view));
  const whole = join([encodeHeader(sums), ...views]);

  test("are those of Python's zlib, of each tensor and of what the header says", () => {
    const { tensors: found, metadata: read } = decodeSafetensors(whole);
    expect([...found]).toEqual([...tensors]);
    // zlib.crc32 of json.dumps([sorted metadata, sorted [name, dtype, shape, sum]]), without spaces.
    expect({ ...read }).toEqual({ ...metadata, 'alexnet.crc32': SUMS });
  });

  test('change nothing about the length of the header', () => {
    expect(encodeHeader(sums.map(() => 0))).toHaveLength(encodeHeader(sums).length);
  });

  test('are computed by what is given', () => {
    const other = (bytes: Uint8Array) => crc32(bytes) ^ 1;
    expect(() => decodeSafetensors(whole, { crc32: other })).toThrowError(/is damaged: tensor/);
  });

  test('hold in a header that another program wrote in another order', () => {
    const end = 8 + new DataView(whole.buffer).getUint32(0, true);
    const header: Record<string, unknown> = JSON.parse(
      new TextDecoder().decode(whole.subarray(8, end)),
    );
    const turned = Object.fromEntries(Object.entries(header).reverse());
    const text = new TextEncoder().encode(JSON.stringify(turned, null, 1));
    const length = new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer);
    const bytes = join([length, text, whole.subarray(end)]);
    expect(decodeSafetensors(bytes).tensors.get('scalar')?.data[0]).toBe(8);
  });

  /** The file with the lowest bit turned of the sign behind a text. */
  function damageBehind(text: string): Uint8Array {
    const bytes = whole.slice();
    const at = new TextDecoder('latin1').decode(bytes).indexOf(text) + text.length;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  }
  test.each([
    ['"step":"', /its header has the CRC-32 [0-9a-f]{8} where/],
    ['"ste', /its header has the CRC-32/],
    ['"shape":[', /"conv1\.weight" of shape \[3, 3\] needs 36 bytes/],
    ['"scala', /its header has no CRC-32 of/],
    ['{\\"header\\":\\"', /its header has the CRC-32/],
    ['{\\"heade', /its header has "alexnet\.crc32" that cannot be read/],
    ['\\"scalar\\":\\"', /its header has the CRC-32/],
  ])('a bit turned behind %s is told of as one of the header', (text, says) => {
    expect(() => decodeSafetensors(damageBehind(text))).toThrowError(
      expect.objectContaining({ code: 'INVALID_CHECKPOINT', message: expect.stringMatching(says) }),
    );
  });

  test('a bit turned in a tensor is told of by its name, with both sums', () => {
    const places = [...tensors.keys()].map((name, index) => ({
      name,
      place: whole.length - views.slice(index).reduce((sum, { length }) => sum + length, 0),
    }));
    for (const { name, place } of places) {
      const bytes = whole.slice();
      bytes[place] = (bytes[place] ?? 0) ^ 0x10;
      expect(() => decodeSafetensors(bytes)).toThrowError(
        expect.objectContaining({
          code: 'INVALID_CHECKPOINT',
          message: expect.stringMatching(
            new RegExp(`tensor "${name}" has the CRC-32 [0-9a-f]{8} where [0-9a-f]{8} was written`),
          ),
          path: [name],
        }),
      );
    }
  });
});
