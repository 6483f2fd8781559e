import { crc32 } from '@alexnet/core';
import { damagedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import { type DirectoryEntry, readDirectory } from './directory.ts';
import { inflate } from './inflate.ts';
import { MAX_EXPANSION, MIN_UNPACKED_BYTES } from './limits.ts';
import { type EntryExtent, locateEntry } from './locate-entry.ts';
import { DEFLATED } from './signatures.ts';

/** A file in a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** Unpacked. */
  readonly sizeBytes: number;
  /**
   * The content: a view of the archive where it is stored, else unpacked anew at each call.
   *
   * @param options.isChecked - compare the checksum, true by default; PyTorch can be told to leave it out
   * @throws {@link AlexNetError} `INVALID_MODEL`
   */
  read(options?: { readonly isChecked?: boolean }): Promise<Uint8Array>;
}

/** Entries by name, in the directory's order; folders are left out. */
export type ZipArchive = ReadonlyMap<string, ZipEntry>;

/**
 * Opens a zip archive without unpacking anything: the directory and each local header are read, must
 * agree, and must lie apart from each other.
 *
 * @param place - the file, for messages
 * @throws {@link AlexNetError} `INVALID_MODEL`: damaged, climbing or doubled names, overlaps, bombs ·
 *   `UNSUPPORTED`: encrypted, split, other methods than stored and deflated
 */
export function readZip(bytes: Uint8Array, place: string): ZipArchive {
  const archive = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = readDirectory(archive, place);
  const entries = new Map<string, ZipEntry>();
  const extents: EntryExtent[] = [];
  for (const found of directory.entries) {
    const entryPlace = `${place}, entry ${quoteName(found.name)}`;
    if (entries.has(found.name))
      throw damagedFile(place, `entry ${quoteName(found.name)} is there twice`);
    const extent = locateEntry(archive, found, { place: entryPlace, limit: directory.offset });
    extents.push(extent);
    const end = extent.dataBegin + found.packedBytes;
    entries.set(
      found.name,
      createEntry(found, archive.subarray(extent.dataBegin, end), entryPlace),
    );
  }
  checkExtents(extents, place);
  checkExpansion(directory.entries, { place, archiveBytes: archive.length });
  return new Map([...entries].filter(([name]) => !name.endsWith('/')));
}

function createEntry(found: DirectoryEntry, packed: Uint8Array, place: string): ZipEntry {
  const { name, sizeBytes } = found;
  return {
    name,
    sizeBytes,
    read: async ({ isChecked = true } = {}) => {
      const content = found.method === DEFLATED ? await inflate(packed, sizeBytes, place) : packed;
      const checksum = isChecked ? crc32(content) : found.checksum;
      if (checksum !== found.checksum) {
        throw damagedFile(
          place,
          `its checksum is ${formatChecksum(checksum)}, but ${formatChecksum(found.checksum)} is declared`,
        );
      }
      return content;
    },
  };
}

function checkExtents(extents: readonly EntryExtent[], place: string): void {
  const sorted = [...extents].sort((a, b) => a.begin - b.begin);
  let previous: EntryExtent | undefined;
  for (const extent of sorted) {
    if (previous && extent.begin < previous.end) {
      throw damagedFile(
        place,
        `entries ${quoteName(previous.name)} and ${quoteName(extent.name)} overlap`,
      );
    }
    previous = extent;
  }
}

function checkExpansion(
  entries: readonly DirectoryEntry[],
  { place, archiveBytes }: { readonly place: string; readonly archiveBytes: number },
): void {
  const total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const limit = Math.max(MIN_UNPACKED_BYTES, MAX_EXPANSION * archiveBytes);
  if (total > limit) {
    throw damagedFile(
      place,
      `${archiveBytes} bytes would unpack to ${total}, more than the limit of ${limit}`,
      { hint: 'No weights are packed that small: the file is made to fill the memory.' },
    );
  }
}

function formatChecksum(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}
