import { AlexNetError, crc32 } from '@alexnet/core';
import {
  DIRECTORY_HEADER,
  END_OF_DIRECTORY,
  FLAG_UTF8,
  IN_ZIP64_16,
  IN_ZIP64_32,
  LOCAL_HEADER,
  STORED,
} from './signatures.ts';

const LOCAL_BYTES = 30;
const HEADER_BYTES = 46;
const END_BYTES = 22;
/** Where an entry's content starts, as PyTorch has it: a multiple of this, so that it can be mapped. */
const ALIGNMENT = 64;
/** PyTorch's extra field for padding, "FB". */
const PADDING_FIELD = 0x4246;
const PADDING_HEADER_BYTES = 4;
const PADDING_BYTE = 0x5a;
const VERSION = 20;
/** 1980-01-01, the first day that zip knows: the same content gives the same bytes. */
const DATE = (1 << 5) | 1;

export interface ZipContent {
  readonly name: string;
  /** Written one after another. */
  readonly parts: readonly Uint8Array[];
}

interface PlacedEntry {
  readonly name: Uint8Array;
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly checksum: number;
  readonly offset: number;
  readonly padding: number;
}

/**
 * Writes a zip archive of stored entries, each content at a multiple of 64 bytes.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` beyond 4 GiB, which needs zip64
 */
export function writeZip(contents: readonly ZipContent[]): Uint8Array {
  const entries: PlacedEntry[] = [];
  let offset = 0;
  for (const { name, parts } of contents) {
    const entry = placeEntry(new TextEncoder().encode(name), parts, offset);
    entries.push(entry);
    offset += LOCAL_BYTES + entry.name.length + entry.padding + entry.sizeBytes;
  }
  const directoryBytes = entries.reduce((sum, { name }) => sum + HEADER_BYTES + name.length, 0);
  const length = offset + directoryBytes + END_BYTES;
  if (length >= IN_ZIP64_32 || entries.length >= IN_ZIP64_16) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `A zip archive of ${entries.length} entries and ${length} bytes needs zip64, which is not written.`,
      hint: 'Write safetensors instead.',
    });
  }
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (const entry of entries) writeLocal(view, entry);
  let at = offset;
  for (const entry of entries) at = writeHeader(view, at, entry);
  view.setUint32(at, END_OF_DIRECTORY, true);
  view.setUint16(at + 8, entries.length, true);
  view.setUint16(at + 10, entries.length, true);
  view.setUint32(at + 12, directoryBytes, true);
  view.setUint32(at + 16, offset, true);
  return bytes;
}

function placeEntry(name: Uint8Array, parts: readonly Uint8Array[], offset: number): PlacedEntry {
  const unpadded = offset + LOCAL_BYTES + name.length + PADDING_HEADER_BYTES;
  const padding = PADDING_HEADER_BYTES + ((ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT);
  const sizeBytes = parts.reduce((sum, { length }) => sum + length, 0);
  const checksum = parts.reduce((sum, part) => crc32(part, sum), 0);
  return { name, parts, sizeBytes, checksum, offset, padding };
}

function writeLocal(view: DataView, entry: PlacedEntry): void {
  const { name, parts, offset, padding } = entry;
  view.setUint32(offset, LOCAL_HEADER, true);
  writeShared(view, offset + 4, entry);
  view.setUint16(offset + 28, padding, true);
  const bytes = new Uint8Array(view.buffer);
  bytes.set(name, offset + LOCAL_BYTES);
  const extra = offset + LOCAL_BYTES + name.length;
  view.setUint16(extra, PADDING_FIELD, true);
  view.setUint16(extra + 2, padding - PADDING_HEADER_BYTES, true);
  let at = extra + padding;
  bytes.fill(PADDING_BYTE, extra + PADDING_HEADER_BYTES, at);
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
}

/** @returns the offset behind it */
function writeHeader(view: DataView, at: number, entry: PlacedEntry): number {
  view.setUint32(at, DIRECTORY_HEADER, true);
  view.setUint16(at + 4, VERSION, true);
  writeShared(view, at + 6, entry);
  view.setUint32(at + 42, entry.offset, true);
  new Uint8Array(view.buffer).set(entry.name, at + HEADER_BYTES);
  return at + HEADER_BYTES + entry.name.length;
}

/** The fields that both kinds of header have in the same order: version needed … length of the name. */
function writeShared(view: DataView, at: number, entry: PlacedEntry): void {
  view.setUint16(at, VERSION, true);
  view.setUint16(at + 2, FLAG_UTF8, true);
  view.setUint16(at + 4, STORED, true);
  view.setUint16(at + 8, DATE, true);
  view.setUint32(at + 10, entry.checksum, true);
  view.setUint32(at + 14, entry.sizeBytes, true);
  view.setUint32(at + 18, entry.sizeBytes, true);
  view.setUint16(at + 22, entry.name.length, true);
}
