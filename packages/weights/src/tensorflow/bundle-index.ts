import { damagedFile, unsupportedFile } from '../file-error.ts';
import { MessageReader } from '../protobuf/message-reader.ts';
import { quoteName } from '../quote-name.ts';
import type { VisitEntry } from './sorted-table.ts';
import { readShape } from './tensor-proto.ts';

// Field numbers: tensorflow/core/protobuf/tensor_bundle.proto.
const HEADER = { shardCount: 1, endianness: 2, version: 3 } as const;
const MIN_CONSUMER = 2;
const ENTRY = { dtype: 1, shape: 2, shard: 3, offset: 4, size: 5, crc: 6, slices: 7 } as const;

/** The newest form that this reads: TensorFlow's kTensorBundleVersion. */
const BUNDLE_VERSION = 1;
/** Files that a checkpoint may be spread over: their names have five digits. */
const MAX_SHARDS = 99_999;

export interface BundleHeader {
  readonly shardCount: number;
}

/** Where a tensor lies. */
export interface BundleEntry {
  /** Code of `DataType`. */
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  /** Masked. */
  readonly crc: number;
  /** Whether it is in pieces, each an entry of its own. */
  readonly isSliced: boolean;
}

/** What the index of a checkpoint says. */
export interface BundleIndex {
  readonly header: BundleHeader;
  readonly entries: ReadonlyMap<string, BundleEntry>;
}

/** Gathers the entries of an index, of which the first is its header. */
export function createBundleCollector(place: string): {
  readonly visit: VisitEntry;
  finish(): BundleIndex;
} {
  let header: BundleHeader | undefined;
  const entries = new Map<string, BundleEntry>();
  return {
    visit(key, value) {
      if (!header) {
        if (key.length > 0) throw damagedFile(place, 'its first entry is not the header');
        header = readBundleHeader(value, place);
        return;
      }
      // A piece of a variable, which has an entry of its own that says so.
      if (key[0] === 0) return;
      const name = new TextDecoder().decode(key);
      if (entries.has(name)) throw damagedFile(place, `${quoteName(name)} comes twice`);
      entries.set(name, readBundleEntry(name, value, header, place));
    },
    finish() {
      if (header) return { header, entries };
      throw damagedFile(place, 'it has no entries');
    },
  };
}

/** @throws AlexNetError `INVALID_MODEL`, `UNSUPPORTED` */
function readBundleHeader(bytes: Uint8Array, place: string): BundleHeader {
  const reader = MessageReader.open(bytes, 'TensorFlow checkpoint');
  let shardCount = 0;
  let isBigEndian = false;
  let needed = 0;
  while (reader.next()) {
    if (reader.field === HEADER.shardCount) shardCount = reader.integer();
    else if (reader.field === HEADER.endianness) isBigEndian = reader.integer() !== 0;
    else if (reader.field === HEADER.version) needed = readMinConsumer(reader.message('version'));
  }
  if (isBigEndian || needed > BUNDLE_VERSION) {
    throw unsupportedFile(
      place,
      isBigEndian
        ? 'its numbers are big-endian'
        : `it asks for a reader of version ${needed}; this one is of ${BUNDLE_VERSION}`,
      'Load the checkpoint in TensorFlow on another machine and save it again.',
    );
  }
  if (shardCount < 1 || shardCount > MAX_SHARDS) {
    throw damagedFile(place, `it claims to be spread over ${shardCount} files`);
  }
  return { shardCount };
}

function readMinConsumer(reader: MessageReader): number {
  let version = 0;
  while (reader.next()) if (reader.field === MIN_CONSUMER) version = reader.integer();
  return version;
}

/** @throws AlexNetError `INVALID_MODEL` naming the tensor */
function readBundleEntry(
  name: string,
  bytes: Uint8Array,
  { shardCount }: BundleHeader,
  place: string,
): BundleEntry {
  const reader = MessageReader.open(bytes, 'TensorFlow checkpoint');
  const entry = { dtype: 0, shard: 0, offset: 0, size: 0, crc: 0, isSliced: false };
  let shape: readonly number[] = [];
  while (reader.next()) {
    if (reader.field === ENTRY.dtype) entry.dtype = reader.integer();
    else if (reader.field === ENTRY.shape) shape = readShape(reader.message('shape'));
    else if (reader.field === ENTRY.shard) entry.shard = reader.integer();
    else if (reader.field === ENTRY.offset) entry.offset = reader.integer();
    else if (reader.field === ENTRY.size) entry.size = reader.integer();
    else if (reader.field === ENTRY.crc) entry.crc = reader.fixed32();
    else if (reader.field === ENTRY.slices) entry.isSliced = true;
  }
  const { shard, offset, size } = entry;
  if (shard < 0 || shard >= shardCount || offset < 0 || size < 0) {
    throw damagedFile(
      `${place}, ${quoteName(name)}`,
      `it should lie in file ${shard} of ${shardCount}, ${size} bytes at ${offset}`,
    );
  }
  return { ...entry, shape };
}
