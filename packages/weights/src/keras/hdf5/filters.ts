import type { ByteReader } from '../../byte-reader.ts';
import { damagedFile, unsupportedFile } from '../../file-error.ts';
import { inflate } from '../../zip/inflate.ts';
import { checkVersion } from './hdf5-file.ts';

/** A step that a chunk went through when it was written. */
export interface Hdf5Filter {
  readonly kind: 'deflate' | 'shuffle' | 'fletcher32';
}

const KINDS: ReadonlyMap<number, Hdf5Filter['kind']> = new Map([
  [1, 'deflate'],
  [2, 'shuffle'],
  [3, 'fletcher32'],
]);
/** For messages. */
const FOREIGN_KINDS: ReadonlyMap<number, string> = new Map([
  [4, 'szip'],
  [5, 'nbit'],
  [6, 'scale-offset'],
  [32_000, 'lzf'],
  [32_001, 'blosc'],
  [32_004, 'lz4'],
  [32_015, 'zstd'],
]);
/** Filters below this have no name in version 2. */
const FIRST_NAMED = 256;
const MAX_FILTERS = 32;

const FLETCHER_BYTES = 4;
const ZLIB_HEAD_BYTES = 2;
const ZLIB_TAIL_BYTES = 4;

/**
 * @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED` naming a filter that is not read
 * @see HDF5 File Format Specification Version 3.0, IV.A.2.l
 */
export function readFilters(reader: ByteReader): readonly Hdf5Filter[] {
  const version = checkVersion(reader, [1, 2]);
  const count = reader.uint8('the number of filters');
  if (count > MAX_FILTERS) {
    throw damagedFile(reader.place, `it has ${count} filters: ${MAX_FILTERS} is the limit`);
  }
  if (version === 1) reader.skip(6, 'reserved bytes');
  return Array.from({ length: count }, () => {
    const id = reader.uint16("a filter's number");
    const hasName = version === 1 || id >= FIRST_NAMED;
    const nameBytes = hasName ? reader.uint16("a name's length") : 0;
    reader.skip(2, 'flags');
    const values = reader.uint16('the number of settings');
    reader.skip(version === 1 ? nameBytes + (-nameBytes & 7) : nameBytes, 'a name');
    reader.skip(4 * (version === 1 ? values + (values & 1) : values), 'settings');
    const kind = KINDS.get(id);
    if (kind !== undefined) return { kind };
    const name = FOREIGN_KINDS.get(id) ?? 'unknown here';
    const hint = 'Save it again without compression, or with gzip.';
    throw unsupportedFile(reader.place, `it is packed by filter ${id} (${name})`, hint);
  });
}

export interface PackedChunk {
  readonly bytes: Uint8Array;
  /** Size when unpacked. */
  readonly sizeBytes: number;
  readonly elementBytes: number;
  /** Bit i is set where filter i was left out. */
  readonly skipped: number;
  readonly place: string;
}

/** Undoes the filters of a chunk, the last one first. */
export async function unpackChunk(
  chunk: PackedChunk,
  filters: readonly Hdf5Filter[],
): Promise<Uint8Array> {
  const { sizeBytes, elementBytes, place } = chunk;
  const used = filters.filter((_, index) => ((chunk.skipped >>> index) & 1) === 0);
  let { bytes } = chunk;
  for (let index = used.length - 1; index >= 0; index -= 1) {
    // Checksums that were added before this filter are part of what it yields.
    const added = used.slice(0, index).filter(({ kind }) => kind === 'fletcher32').length;
    bytes = await undo(used[index]?.kind, bytes, {
      sizeBytes: sizeBytes + added * FLETCHER_BYTES,
      elementBytes,
      place,
    });
  }
  if (bytes.length === sizeBytes) return bytes;
  throw damagedFile(place, `a chunk has ${bytes.length} bytes, but ${sizeBytes} are declared`);
}

async function undo(
  kind: Hdf5Filter['kind'] | undefined,
  bytes: Uint8Array,
  { sizeBytes, elementBytes, place }: Pick<PackedChunk, 'sizeBytes' | 'elementBytes' | 'place'>,
): Promise<Uint8Array> {
  switch (kind) {
    case 'deflate':
      return inflate(stripZlib(bytes, place), sizeBytes, place);
    case 'shuffle':
      return unshuffle(bytes, elementBytes);
    case 'fletcher32':
      return bytes.subarray(0, Math.max(0, bytes.length - FLETCHER_BYTES));
    default:
      return bytes;
  }
}

/** The raw stream inside zlib's frame. */
function stripZlib(bytes: Uint8Array, place: string): Uint8Array {
  const [method = 0, flags = 0] = bytes;
  const hasFrame = bytes.length >= ZLIB_HEAD_BYTES + ZLIB_TAIL_BYTES;
  if (hasFrame && (method & 0xf) === 8 && (method * 256 + flags) % 31 === 0 && !(flags & 0x20)) {
    return bytes.subarray(ZLIB_HEAD_BYTES, bytes.length - ZLIB_TAIL_BYTES);
  }
  throw damagedFile(place, 'a compressed chunk does not begin as one');
}

/** First bytes of all elements, second bytes of all elements … back into elements; a rest stays as it is. */
function unshuffle(bytes: Uint8Array, elementBytes: number): Uint8Array {
  const count = Math.floor(bytes.length / elementBytes);
  const whole = new Uint8Array(bytes.length);
  for (let byte = 0; byte < elementBytes; byte += 1) {
    for (let index = 0; index < count; index += 1) {
      whole[index * elementBytes + byte] = bytes[byte * count + index] ?? 0;
    }
  }
  whole.set(bytes.subarray(count * elementBytes), count * elementBytes);
  return whole;
}
