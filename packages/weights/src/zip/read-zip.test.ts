import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readZip } from './read-zip.ts';

// Archives are put together here byte by byte, after PKWARE's APPNOTE 6.3.10.

type Field = readonly [value: number, bytes: 1 | 2 | 4 | 8];

function encode(...fields: readonly Field[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [, length]) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, length] of fields) {
    if (length === 8) view.setBigUint64(at, BigInt(value), true);
    else if (length === 4) view.setUint32(at, value, true);
    else if (length === 2) view.setUint16(at, value, true);
    else view.setUint8(at, value);
    at += length;
  }
  return bytes;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const text = (value: string) => new TextEncoder().encode(value);

/** What a header says: the truth unless said otherwise. */
interface Header {
  readonly name?: string;
  readonly nameBytes?: Uint8Array;
  readonly flags?: number;
  readonly method?: number;
  readonly checksum?: number;
  readonly packed?: number;
  readonly size?: number;
  readonly extra?: Uint8Array;
}

interface Entry extends Header {
  readonly content?: Uint8Array;
  /** Pack the content by deflate. */
  readonly isDeflated?: boolean;
  readonly local?: Header;
  readonly directory?: Header & {
    readonly offset?: number;
    readonly attributes?: number;
    readonly host?: number;
  };
  readonly descriptor?: Uint8Array;
}

interface End {
  readonly count?: number;
  readonly countHere?: number;
  readonly size?: number;
  readonly offset?: number;
  readonly disk?: number;
  readonly comment?: string;
  readonly zip64?: { readonly count?: number; readonly size?: number; readonly offset?: number };
}

function makeZip(entries: readonly Entry[], end: End = {}): Uint8Array {
  const locals: Uint8Array[] = [];
  const headers: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = entry.content ?? text('content');
    const packed = entry.isDeflated ? new Uint8Array(deflateRawSync(content)) : content;
    const truth = {
      name: 'a',
      flags: 0,
      method: entry.isDeflated ? 8 : 0,
      checksum: crc32(content),
      packed: packed.length,
      size: content.length,
      extra: new Uint8Array(),
    };
    const here = { ...truth, ...entry, ...entry.local };
    const there = { offset, attributes: 0, host: 0, ...truth, ...entry, ...entry.directory };
    const nameHere = here.nameBytes ?? text(here.name);
    const nameThere = there.nameBytes ?? text(there.name);
    const local = join(
      encode([0x04034b50, 4], [20, 2], ...describeEntry(here)),
      encode([nameHere.length, 2], [here.extra.length, 2]),
      nameHere,
      here.extra,
      packed,
      entry.descriptor ?? new Uint8Array(),
    );
    const header = join(
      encode([0x02014b50, 4], [20, 1], [there.host, 1], [20, 2], ...describeEntry(there)),
      encode([nameThere.length, 2], [there.extra.length, 2], [0, 2], [0, 2], [0, 2]),
      encode([there.attributes, 4], [there.offset, 4]),
      nameThere,
      there.extra,
    );
    locals.push(local);
    headers.push(header);
    offset += local.length;
  }
  const size = headers.reduce((sum, { length }) => sum + length, 0);
  const zip64 = end.zip64 && { count: entries.length, size, offset, ...end.zip64 };
  const record = zip64
    ? join(
        encode([0x06064b50, 4], [44, 8], [45, 2], [45, 2], [0, 4], [0, 4]),
        encode([zip64.count, 8], [zip64.count, 8], [zip64.size, 8], [zip64.offset, 8]),
        encode([0x07064b50, 4], [0, 4], [offset + size, 8], [1, 4]),
      )
    : new Uint8Array();
  const comment = text(end.comment ?? '');
  const count = end.count ?? entries.length;
  return join(
    ...locals,
    ...headers,
    record,
    encode([0x06054b50, 4], [end.disk ?? 0, 2], [0, 2], [end.countHere ?? count, 2], [count, 2]),
    encode([end.size ?? size, 4], [end.offset ?? offset, 4], [comment.length, 2]),
    comment,
  );
}

function describeEntry(
  header: Required<Omit<Header, 'nameBytes' | 'name' | 'extra'>>,
): readonly Field[] {
  const { flags, method, checksum, packed, size } = header;
  return [
    [flags, 2],
    [method, 2],
    [0, 4],
    [checksum, 4],
    [packed, 4],
    [size, 4],
  ];
}

async function readAll(bytes: Uint8Array): Promise<Readonly<Record<string, string>>> {
  const contents: [string, string][] = [];
  for (const entry of readZip(bytes, 'x.npz').values()) {
    contents.push([entry.name, new TextDecoder().decode(await entry.read())]);
  }
  return Object.fromEntries(contents);
}

async function expectRefusal(
  bytes: Uint8Array,
  says: RegExp,
  code = 'INVALID_MODEL',
): Promise<void> {
  await expect(readAll(bytes)).rejects.toThrowError(
    expect.objectContaining({ code, message: expect.stringMatching(says) }),
  );
}

const ZIP64 = 0xffffffff;
const CONTENT = text('content');

describe('readZip', () => {
  test('stored and deflated entries, folders, comments', async () => {
    const bytes = makeZip(
      [
        { name: 'a.npy' },
        { name: 'b/', content: text('') },
        { name: 'b/c.npy', content: text('more'.repeat(100)), isDeflated: true },
        { name: 'empty', content: text('') },
        { name: 'deflated and empty', content: text(''), isDeflated: true },
      ],
      { comment: 'by hand PK' },
    );
    expect(await readAll(bytes)).toEqual({
      'a.npy': 'content',
      'b/c.npy': 'more'.repeat(100),
      empty: '',
      'deflated and empty': '',
    });
  });

  test('zip64: sizes, offsets and the end record, in the extra field and apart', async () => {
    const local = { packed: ZIP64, size: ZIP64, extra: encode([1, 2], [16, 2], [7, 8], [7, 8]) };
    const other = encode([0x4246, 2], [3, 2], [1, 1], [2, 1], [3, 1]);
    const extra = join(other, encode([1, 2], [24, 2], [7, 8], [7, 8], [0, 8]));
    const directory = { packed: ZIP64, size: ZIP64, offset: ZIP64, extra };
    const end = { count: 0xffff, size: ZIP64, offset: ZIP64, zip64: {} };
    expect(await readAll(makeZip([{ local, directory }], end))).toEqual({ a: 'content' });
  });

  const sum = crc32(CONTENT);
  test.each([
    { what: 'signed', descriptor: encode([0x08074b50, 4], [sum, 4], [7, 4], [7, 4]) },
    { what: 'unsigned', descriptor: encode([sum, 4], [7, 4], [7, 4]) },
    { what: 'signed, of zip64', descriptor: encode([0x08074b50, 4], [sum, 4], [7, 8], [7, 8]) },
    { what: 'unsigned, of zip64', descriptor: encode([sum, 4], [7, 8], [7, 8]) },
  ])('a data descriptor, $what', async ({ descriptor }) => {
    const local = { checksum: 0, packed: 0, size: 0 };
    expect(await readAll(makeZip([{ flags: 8, local, descriptor }, { name: 'b' }]))).toEqual({
      a: 'content',
      b: 'content',
    });
  });

  test.each([
    { what: 'nothing', bytes: new Uint8Array(), says: /no zip directory at its end/ },
    { what: 'a cut archive', bytes: makeZip([{}]).subarray(0, -1), says: /no zip directory/ },
    {
      what: 'a cut start',
      bytes: makeZip([{}]).subarray(1),
      says: /directory is said to lie at 38–85, but should end at 84/,
    },
    { what: 'bytes behind the end', bytes: join(makeZip([{}]), text('x')), says: /no zip/ },
    {
      what: 'more entries than the directory holds',
      bytes: makeZip([{}], { count: 2 }),
      says: /2 entries in a directory of 47 bytes/,
    },
    {
      what: 'fewer entries than the directory holds',
      bytes: makeZip([{}, { name: 'b' }], { count: 1 }),
      says: /directory of 1 entries has 47 bytes, but 94/,
    },
    {
      what: 'a count that promises terabytes',
      bytes: makeZip([{}], { count: 0xffff, zip64: { count: 2 ** 40 } }),
      says: /claims 1099511627776 entries, more than the limit of 10000/,
    },
    {
      what: 'end records that disagree',
      bytes: makeZip([{}], { zip64: { offset: 1 } }),
      says: /end records disagree on the offset of the directory: 38 and 1/,
    },
    {
      what: 'a name that is not UTF-8',
      bytes: makeZip([{ nameBytes: Uint8Array.of(0xff) }]),
      says: /name is not UTF-8/,
    },
    { what: 'no name', bytes: makeZip([{ name: '' }]), says: /entry "" has no name/ },
    { what: 'a long name', bytes: makeZip([{ name: 'a'.repeat(1025) }]), says: /1025 bytes/ },
    {
      what: 'an entry beyond the file',
      bytes: makeZip([{ directory: { offset: 500 } }]),
      says: /local header is said to lie at byte 500 of 38/,
    },
    {
      what: 'content that reaches into the directory',
      bytes: makeZip([{ packed: 8, size: 8 }]),
      says: /its data at byte 31 needs 8 bytes, but 7 are left/,
    },
    {
      what: 'altered content',
      bytes: makeZip([{ checksum: 1 }]),
      says: /its checksum is [\da-f]{8}, but 00000001 is declared/,
    },
    {
      what: 'damaged deflate',
      bytes: makeZip([{ content: Uint8Array.of(7, 7, 7), method: 8, size: 90 }]),
      says: /its compressed bytes are damaged/,
    },
    {
      what: 'deflate that ends too early',
      bytes: makeZip([{ isDeflated: true, size: 8 }]),
      says: /unpacks to 7 bytes, but 8 are declared/,
    },
    {
      what: 'zip64 sizes that are not there',
      bytes: makeZip([{ packed: ZIP64, size: ZIP64 }]),
      says: /said to stand in a zip64 field, and there is none/,
    },
    {
      what: 'a zip64 field that is cut',
      bytes: makeZip([{ size: ZIP64, packed: ZIP64, extra: encode([1, 2], [8, 2], [7, 8]) }]),
      says: /number in the zip64 field at byte 8 needs 8 bytes, but 0/,
    },
  ])('$what is refused', async ({ bytes, says }) => {
    await expectRefusal(bytes, says);
  });

  test.each([
    { what: 'encryption', entry: { flags: 1 }, says: /it is encrypted/ },
    { what: 'strong encryption', entry: { flags: 0x41 }, says: /it is encrypted/ },
    { what: 'another method', entry: { method: 12 }, says: /packed by method 12/ },
    { what: 'a patch', entry: { flags: 0x20 }, says: /packed by method 0/ },
  ])('$what is named as not read', async ({ entry, says }) => {
    await expectRefusal(makeZip([entry]), says, 'UNSUPPORTED');
  });

  test('one part of several is named as not read', async () => {
    await expectRefusal(makeZip([{}], { disk: 1 }), /one part of several/, 'UNSUPPORTED');
  });
});

describe('zip slip: names with "../", absolute, drive letters, links out', () => {
  test.each([
    { name: '../a.npy', says: /entry "\.\.\/a\.npy" climbs out/ },
    { name: 'a/../../b.npy', says: /climbs out/ },
    { name: 'a\\..\\..\\b.npy', says: /climbs out/ },
    { name: '..', says: /climbs out/ },
    { name: '/etc/passwd', says: /absolute path/ },
    { name: '\\\\server\\share', says: /absolute path/ },
    { name: 'C:\\a.npy', says: /names a drive/ },
    { name: 'c:a.npy', says: /names a drive/ },
    { name: 'a.npy\0.txt', says: /null byte/ },
  ])('$name', async ({ name, says }) => {
    await expectRefusal(makeZip([{ name }]), says);
  });

  test('a symbolic link', async () => {
    const directory = { host: 3, attributes: (0o120777 << 16) >>> 0 };
    await expectRefusal(makeZip([{ directory }]), /entry "a" is a link/);
  });

  test('names that only look alike are names', async () => {
    const names = ['..a', 'a..', 'a/.../b', 'conv1/weights:0.npy', '__proto__'];
    const archive = readZip(makeZip(names.map((name) => ({ name }))), 'x.npz');
    expect([...archive.keys()]).toEqual(names);
  });
});

describe('zip: bombs (ratio, nesting, overlapping entries)', () => {
  const zeros = new Uint8Array(17 * 2 ** 20);

  test('ratio', async () => {
    await expectRefusal(
      makeZip([{ content: zeros, isDeflated: true }]),
      /bytes would unpack to 17825792, more than the limit of 4194304/,
    );
  });

  test('ratio, hidden by a size that lies: unpacking stops where it ends', async () => {
    await expectRefusal(
      makeZip([{ content: zeros, isDeflated: true, size: 100 }]),
      /unpacks to more than the 100 bytes that are declared/,
    );
  });

  test('ratio, over many entries', async () => {
    const content = new Uint8Array(2 ** 20);
    const entries = Array.from({ length: 17 }, (_, index) => ({
      name: String(index),
      content,
      isDeflated: true,
    }));
    await expectRefusal(makeZip(entries), /more than the limit of 4194304/);
  });

  test('nesting: an archive in an archive is bytes', async () => {
    const inner = makeZip([{ content: new Uint8Array(1000), isDeflated: true }]);
    const [entry] = readZip(makeZip([{ content: inner }]), 'x.npz').values();
    expect(await entry?.read()).toEqual(inner);
  });

  test('overlapping entries: one content under many names', async () => {
    const bytes = makeZip([{}, { name: 'a', directory: { name: 'b', offset: 0 }, local: {} }]);
    await expectRefusal(bytes, /has another name than the directory/);
  });

  test('overlapping entries: one within another', async () => {
    // The outer entry's content begins with a whole entry.
    const inner = join(
      encode([0x04034b50, 4], [20, 2], [0, 2], [0, 2], [0, 4], [crc32(CONTENT), 4], [7, 4], [7, 4]),
      encode([1, 2], [0, 2]),
      text('b'),
      CONTENT,
    );
    const outer = { name: 'a', content: inner };
    const hidden = { name: 'b', directory: { offset: 31 } };
    await expectRefusal(makeZip([outer, hidden]), /entries "a" and "b" overlap/);
  });
});

test('zip: duplicate names', async () => {
  await expectRefusal(makeZip([{}, {}]), /entry "a" is there twice/);
});

describe('zip: sizes that lie between local header and directory', () => {
  test.each([
    { what: 'packed size', entry: { local: { packed: 6 } }, says: /packed size is 6 here, but 7/ },
    { what: 'size', entry: { local: { size: 9 } }, says: /size is 9 here, but 7/ },
    { what: 'checksum', entry: { local: { checksum: 5 } }, says: /checksum is 5 here/ },
    { what: 'method', entry: { local: { method: 8 } }, says: /method is 8 here, but 0/ },
    { what: 'encryption', entry: { local: { flags: 1 } }, says: /encryption is 1 here, but 0/ },
    { what: 'name', entry: { local: { name: 'b' } }, says: /another name/ },
    { what: 'a stored size', entry: { size: 9 }, says: /stored in 7 bytes, but its size/ },
    {
      what: 'zip64',
      entry: {
        local: { packed: ZIP64, size: ZIP64, extra: encode([1, 2], [16, 2], [8, 8], [7, 8]) },
      },
      says: /size is 8 here, but 7/,
    },
    {
      what: 'the data descriptor',
      entry: { flags: 8, descriptor: encode([0x08074b50, 4], [1, 4], [7, 4], [7, 4]) },
      says: /data descriptor at byte 38 is not what the directory says/,
    },
    {
      what: 'no data descriptor',
      entry: { flags: 8 },
      says: /data descriptor at byte 38/,
    },
  ])('$what', async ({ entry, says }) => {
    await expectRefusal(makeZip([entry]), says);
  });
});
