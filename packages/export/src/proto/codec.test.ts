import { isAlexNetError } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { decodeModel, decodeModelOutline, encodeModel, encodeModelParts } from './codec.ts';
import { MAX_DEPTH } from './decode-fields.ts';
import {
  type AttributeProto,
  AttributeType,
  type GraphProto,
  type ModelProto,
  type TensorProto,
} from './messages.ts';
import { MAX_FIELDS } from './source.ts';

// Expected bytes are worked out by hand from https://protobuf.dev/programming-guides/encoding:
// a field starts with (number << 3) | wire type.

const EMPTY_GRAPH: GraphProto = { node: [], initializer: [], input: [], output: [] };
const EMPTY_MODEL: ModelProto = {
  irVersion: 9,
  graph: EMPTY_GRAPH,
  opsetImport: [],
  metadataProps: [],
};

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (byte) => Number.parseInt(byte, 16));
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A length-delimited field. */
function field(number: number, content: Uint8Array): Uint8Array {
  return concat(varint(number * 8 + 2), varint(content.length), content);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

function withAttribute(attribute: AttributeProto): ModelProto {
  const node = { input: [], output: [], opType: 'X', attribute: [attribute] };
  return { ...EMPTY_MODEL, graph: { ...EMPTY_GRAPH, node: [node] } };
}

function withTensor(tensor: TensorProto): ModelProto {
  return { ...EMPTY_MODEL, graph: { ...EMPTY_GRAPH, initializer: [tensor] } };
}

function refusal(bytes: Uint8Array): { code: string; message: string; hint: string | undefined } {
  try {
    decodeModel(bytes);
  } catch (error) {
    if (isAlexNetError(error)) return error;
    throw error;
  }
  throw new Error('The bytes were accepted.');
}

describe('encodeModel', () => {
  test('a model with an empty graph', () => {
    const model: ModelProto = {
      ...EMPTY_MODEL,
      graph: { ...EMPTY_GRAPH, name: 'g' },
      opsetImport: [{ domain: '', version: 20 }],
    };
    expect(encodeModel(model)).toEqual(hex('08 09  3a 03 12 01 67  42 04 0a 00 10 14'));
  });

  test('a node, and its domain only where it has one', () => {
    const node = { input: ['x'], output: ['y'], name: 'n', opType: 'Relu', attribute: [] };
    const model = { ...EMPTY_MODEL, graph: { ...EMPTY_GRAPH, node: [node] } };
    const expected = '08 09  3a 11 0a 0f  0a 01 78  12 01 79  1a 01 6e  22 04 52 65 6c 75';
    expect(encodeModel(model)).toEqual(hex(expected));
  });

  test.each<[string, AttributeProto, string]>([
    [
      'a float',
      { name: 'a', f: 0.75, floats: [], ints: [], type: AttributeType.float },
      '0a 01 61  15 00 00 40 3f  a0 01 01',
    ],
    [
      'a zero, which must be there all the same',
      { name: 'a', i: 0n, floats: [], ints: [], type: AttributeType.int },
      '0a 01 61  18 00  a0 01 02',
    ],
    [
      'a negative integer, in ten bytes',
      { name: 'a', i: -1n, floats: [], ints: [], type: AttributeType.int },
      '0a 01 61  18 ff ff ff ff ff ff ff ff ff 01  a0 01 02',
    ],
    [
      'the largest int64',
      { name: 'a', i: 2n ** 63n - 1n, floats: [], ints: [], type: AttributeType.int },
      '0a 01 61  18 ff ff ff ff ff ff ff ff 7f  a0 01 02',
    ],
    [
      'integers, one field each',
      { name: 'a', floats: [], ints: [3n, 300n], type: AttributeType.ints },
      '0a 01 61  40 03  40 ac 02  a0 01 07',
    ],
    [
      'bytes',
      { name: 'a', s: hex('ff 00'), floats: [], ints: [], type: AttributeType.string },
      '0a 01 61  22 02 ff 00  a0 01 03',
    ],
  ])('an attribute: %s', (_name, attribute, expected) => {
    const model = withAttribute(attribute);
    const bytes = encodeModel(model);
    const node = field(1, concat(hex('22 01 58'), field(5, hex(expected))));
    expect(bytes).toEqual(concat(hex('08 09'), field(7, node)));
    expect(decodeModel(bytes)).toEqual(model);
  });

  test('a tensor', () => {
    const tensor = { dims: [2], dataType: 1, name: 'w', rawData: hex('01 02'), externalData: [] };
    const expected = '08 09  3a 0d 2a 0b  08 02  10 01  42 01 77  4a 02 01 02';
    expect(encodeModel(withTensor(tensor))).toEqual(hex(expected));
  });

  test('long raw data is a part of its own, not a copy', () => {
    const rawData = new Uint8Array(10_000).fill(7);
    const model = withTensor({ dims: [2500], dataType: 1, name: 'w', rawData, externalData: [] });
    const parts = encodeModelParts(model);
    expect(parts.some((part) => part === rawData)).toBe(true);
    expect(concat(...parts)).toEqual(encodeModel(model));
    expect(decodeModel(encodeModel(model))).toEqual(model);
  });
});

describe('decodeModel', () => {
  const tensor = { dims: [1], dataType: 1, name: 'w', rawData: hex('00 00 80 3f') };
  const model = withTensor({ ...tensor, externalData: [] });

  test('raw data is a view of the bytes, plain also where a Buffer comes in', () => {
    const bytes = encodeModel(model);
    for (const given of [bytes, Buffer.from(bytes)]) {
      const rawData = decodeModel(given).graph.initializer[0]?.rawData;
      expect(rawData?.buffer).toBe(given.buffer);
      expect(Object.getPrototypeOf(rawData)).toBe(Uint8Array.prototype);
    }
  });

  test('bytes are changed only for those who own them', () => {
    const rawData = Uint8Array.from({ length: 200 }, (_, index) => index);
    const { graph } = withTensor({ ...tensor, dims: [50], rawData, externalData: [] });
    for (let shift = 0; shift < 4; shift += 1) {
      const bytes = encodeModel({ ...EMPTY_MODEL, producerName: 'x'.repeat(shift), graph });
      const before = bytes.slice();
      expect(decodeModel(bytes).graph.initializer[0]?.rawData).toEqual(rawData);
      expect(bytes).toEqual(before);
      const moved = decodeModel(bytes, { ownsBytes: true }).graph.initializer[0]?.rawData;
      expect(moved).toEqual(rawData);
      expect((moved?.byteOffset ?? 1) % 4).toBe(0);
      expect(moved?.buffer).toBe(bytes.buffer);
    }
  });

  test('numbers packed into one field are read as well', () => {
    const packed = concat(
      hex('08 09'),
      field(7, field(5, concat(field(1, hex('03 ac 02')), hex('10 01')))),
    );
    expect(decodeModel(packed).graph.initializer[0]?.dims).toEqual([3, 300]);
  });

  test('unknown fields are skipped: numbers, texts, groups', () => {
    const unknown = concat(
      hex('a0 06 05'), // 100, a varint
      field(101, hex('61 62')),
      hex('ad 06 00 00 00 00'), // 101, four bytes
      hex('a9 06 00 00 00 00 00 00 00 00'), // 101, eight bytes
      hex('a3 06  08 01  a4 06'), // 100, a group
    );
    expect(decodeModel(concat(unknown, encodeModel(model), unknown))).toEqual(model);
  });

  test('CVE-2022-25878, CVE-2023-36665: names such as __proto__ are names', () => {
    const metadataProps = [{ key: '__proto__', value: '{"polluted":true}' }];
    const node = {
      input: ['__proto__'],
      output: ['constructor'],
      name: 'toString',
      opType: '__proto__',
      attribute: [{ name: '__proto__', i: 1n, floats: [], ints: [], type: AttributeType.int }],
    };
    const hostile = { ...EMPTY_MODEL, metadataProps, graph: { ...EMPTY_GRAPH, node: [node] } };
    expect(decodeModel(encodeModel(hostile))).toEqual(hostile);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test.each([
    ['an empty file', '', 'an empty file'],
    ['a JPEG', 'ff d8 ff e0 00 10', 'a JPEG picture'],
    ['a PNG', '89 50 4e 47 0d 0a', 'a PNG picture'],
    ['a zip', '50 4b 03 04 14 00', 'a zip file'],
    ['a text', '68 65 6c 6c 6f 0a', 'a text'],
    ['a pickle', '80 02 8a 0a', 'a Python pickle'],
    ['a safetensors file', '40 00 00 00 00 00 00 00 7b 22', 'a safetensors file'],
  ])('knows %s', (_name, bytes, kind) => {
    expect(refusal(hex(bytes)).message).toContain(`not an ONNX model but ${kind}`);
  });

  test('knows the pointer that Git LFS leaves in place of a model', () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 244000000\n';
    expect(refusal(new TextEncoder().encode(pointer)).hint).toContain('git lfs pull');
  });

  test.each([
    [
      'a length beyond the end',
      '08 09  3a 7f 00',
      'graph, at byte 4 of 5: it should reach to byte 131',
    ],
    [
      'a length over 2³¹',
      '08 09  3a ff ff ff ff 7f',
      'graph, at byte 8 of 8: 34359738367 is out of range',
    ],
    ['a message that ends outside the one around it', '08 09  3a 02 0a 7f 00', 'graph.node[0]'],
    [
      'a varint without end',
      `08 ${'ff '.repeat(20)}`,
      'irVersion, at byte 11 of 21: the number does',
    ],
    [
      'an unknown varint without end',
      `08 09  a0 06 ${'ff '.repeat(20)}`,
      'the model, at byte 14 of 24',
    ],
    ['another wire type', '0d 00 00 00 00', 'irVersion, at byte 1 of 5: wire type 5 in place of 0'],
    ['a text that is not UTF-8', '08 09  3a 03 12 01 ff', 'graph.name, at byte 7 of 7'],
    [
      'a negative length of an axis',
      `08 09  3a 0f 2a 0d  08 ${'ff '.repeat(9)}01 10 01`,
      'dims[0]',
    ],
    [
      'a length of an axis over 2⁵³',
      `08 09  3a 0e 2a 0c  08 ${'ff '.repeat(8)}7f 10 01`,
      'dims[0]',
    ],
    ['no graph', '08 09', 'graph, at byte 2 of 2: it is missing'],
    ['no version', '3a 00', 'irVersion, at byte 2 of 2: it is missing'],
    ['a node without an operator', '08 09  3a 02 0a 00', 'graph.node[0].opType'],
    ['two graphs', '08 09  3a 00  3a 00', 'graph, at byte 5 of 6: the field comes twice'],
    ['an end of a group that did not start', '08 09  a4 06', 'the model'],
    ['field number 0', '08 09  00 00', 'the model'],
  ])('refuses %s', (_name, bytes, place) => {
    const { code, message, hint } = refusal(hex(bytes));
    expect(code).toBe('INVALID_MODEL');
    expect(message).toContain(place);
    expect(hint).toBeDefined();
  });

  test('refuses groups nested 100,000 deep', () => {
    const groups = Uint8Array.from({ length: 200_000 }, (_, index) => (index % 2 ? 0x06 : 0xa3));
    expect(refusal(concat(hex('08 09'), groups)).message).toContain(
      'more than 100 groups within each other',
    );
  });

  test('refuses graphs in graphs without end', () => {
    let graph = new Uint8Array();
    for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
      graph = new Uint8Array(
        field(1, concat(hex('22 01 58'), field(5, concat(hex('0a 01 61'), field(6, graph))))),
      );
    }
    const { message } = refusal(concat(hex('08 09'), field(7, graph)));
    expect(message).toContain(`more than ${MAX_DEPTH} messages within each other`);
    expect(decodeModelOutline(concat(hex('08 09'), field(7, graph))).irVersion).toBe(9);
  });

  test('refuses more fields than fit into memory', () => {
    const flood = new Uint8Array(2 * (MAX_FIELDS + 1)).fill(9);
    for (let index = 0; index < flood.length; index += 2) flood[index] = 8;
    expect(refusal(flood).message).toContain(`more than ${MAX_FIELDS} fields`);
    const packed = concat(hex('08 09'));
    const dims = new Uint8Array(MAX_FIELDS + 1).fill(1);
    const length = [...varint(dims.length)];
    const tensorLength = 1 + length.length + dims.length;
    const tensor = [0x2a, ...varint(tensorLength), 0x0a, ...length];
    const graph = [0x3a, ...varint(tensor.length + dims.length), ...tensor];
    const bytes = new Uint8Array(packed.length + graph.length + dims.length);
    bytes.set(packed);
    bytes.set(graph, packed.length);
    bytes.set(dims, packed.length + graph.length);
    expect(refusal(bytes).message).toContain(`more than ${MAX_FIELDS} fields`);
  });

  test('a file cut short at any byte is refused or is whole', () => {
    const bytes = encodeModel(model);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(refusal(bytes.subarray(0, length)).code).toBe('INVALID_MODEL');
    }
  });
});
