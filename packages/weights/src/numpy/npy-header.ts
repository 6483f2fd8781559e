import type { Shape } from '@alexnet/core';
import { ByteReader } from '../byte-reader.ts';
import { damagedFile, unsupportedFile } from '../file-error.ts';
import { decodeLatin1 } from '../pickle/values.ts';
import { type Dtype, parseDtype } from './dtype.ts';

/** `\x93NUMPY` */
const MAGIC: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** NumPy's own limit (`max_header_size`). */
const MAX_HEADER_BYTES = 10_000;

export interface NpyHeader {
  readonly dtype: Dtype;
  readonly isFortran: boolean;
  readonly shape: Shape;
  /** Where the array begins. */
  readonly dataOffset: number;
}

export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => bytes[index] === byte);
}

/**
 * Reads the header of a `.npy` file, versions 1 to 3: a dict of three entries, as Python writes it.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED` (another version)
 * @see NumPy, numpy.lib.format
 */
export function readNpyHeader(bytes: Uint8Array, place: string): NpyHeader {
  const reader = new ByteReader(bytes, place);
  reader.skip(MAGIC.length, 'the magic');
  const major = reader.uint8('version');
  reader.skip(1, 'version');
  if (major < 1 || major > 3) {
    throw unsupportedFile(
      place,
      `it is in version ${major} of NumPy's format; 1 to 3 are read`,
      'Load it in Python and save it again with numpy.save.',
    );
  }
  const length = major === 1 ? reader.uint16('header length') : reader.uint32('header length');
  if (length > MAX_HEADER_BYTES) {
    throw damagedFile(
      place,
      `its header claims ${length} bytes, more than the limit of ${MAX_HEADER_BYTES}`,
    );
  }
  const text = decodeLatin1(reader.take(length, 'the header'));
  const fields = parseDict(text, place);
  const known = ['descr', 'fortran_order', 'shape'];
  const [descr, fortran, shape] = known.map((name) => fields.get(name));
  if (fields.size !== known.length || descr === undefined || !fortran || !shape) {
    throw damagedFile(
      place,
      `its header has ${[...fields.keys()].join(', ')}, not ${known.join(', ')}`,
    );
  }
  if (fortran !== 'True' && fortran !== 'False') {
    throw damagedFile(place, 'fortran_order in its header is neither True nor False');
  }
  return {
    dtype: /^['"]/.test(descr) ? parseDtype(descr.slice(1, -1)) : { kind: 'other', code: descr },
    isFortran: fortran === 'True',
    shape: parseShape(shape, place),
    dataOffset: reader.offset,
  };
}

const BEGIN = /\s*\{/y;
const KEY = /\s*(?:,\s*)?u?['"](\w{1,20})['"]\s*:\s*/y;
/** A text, a word, a tuple of numbers, or anything in brackets (a record's fields). */
const VALUE = /u?('[^'\\]*'|"[^"\\]*")|(\w+)|(\([\dL,\s]*\))|(\[.*\])/sy;
const END = /\s*(?:,\s*)?\}\s*$/y;

/** Python's literal of a dict with plain values. @returns the values as they are written */
function parseDict(text: string, place: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    const sticky = new RegExp(pattern);
    sticky.lastIndex = at;
    const found = sticky.exec(text);
    if (found) at = sticky.lastIndex;
    return found;
  };
  const isDict = match(BEGIN) !== null;
  while (match(END) === null) {
    const name = isDict ? match(KEY)?.[1] : undefined;
    const found = name === undefined ? null : match(VALUE);
    const value = found?.slice(1).find((part) => part !== undefined);
    if (name === undefined || value === undefined || fields.has(name)) {
      throw damagedFile(place, `its header is not the dict that NumPy writes, at character ${at}`);
    }
    fields.set(name, value);
  }
  return fields;
}

function parseShape(text: string, place: string): Shape {
  const inner = /^\((.*?),?\s*\)$/s.exec(text)?.[1];
  const lengths = inner?.trim() === '' ? [] : inner?.split(',').map((part) => part.trim());
  if (!lengths?.every((length) => /^\d{1,16}L?$/.test(length))) {
    throw damagedFile(place, 'shape in its header is no tuple of numbers');
  }
  return lengths.map((length) => Number(length.replace('L', '')));
}
