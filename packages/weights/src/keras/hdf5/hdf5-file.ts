import { ByteReader } from '../../byte-reader.ts';
import { damagedFile } from '../../file-error.ts';
import { MAX_EXPANSION, MIN_UNPACKED_BYTES } from '../../zip/limits.ts';
import { MAX_PARTS, MAX_STRUCTURE_BYTES, MAX_STRUCTURE_PASSES } from './limits.ts';

/**
 * An HDF5 file, open. Addresses count from its superblock.
 *
 * Why no library reads it: h5wasm 0.10.3, HDF5's own C code, does not come back from some damaged files
 * (4 of 6,000 mutations of a Keras file), and nothing can stop WebAssembly that runs in one's own thread.
 * Keras uses a small part of the format; that part is read here, each structure at most once, nothing followed
 * out of the file, and arrays are views.
 *
 * @see HDF5 File Format Specification Version 3.0
 */
export interface Hdf5File {
  /** Which file, for messages. */
  readonly place: string;
  readonly bytes: Uint8Array;
  /** Bytes of an address, and of a length. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Address of the root group's header. */
  readonly rootAddress: number;
  /** Collections of texts that were read, by their addresses. */
  readonly textHeaps: Map<number, ReadonlyMap<number, Uint8Array>>;
  /** The bytes of an array, as a view. */
  view(address: number, sizeBytes: number, what: string): Uint8Array;
  /** The bytes of a part of the file's structure; all that are read together are bounded. */
  open(address: number, sizeBytes: number, what: string): ByteReader;
  /**
   * Counts bytes of structure that were read otherwise.
   *
   * @param parts - how many parts they are; 1 unless given
   */
  spend(sizeBytes: number, what: string, parts?: number): void;
  /** Counts bytes of arrays: no byte belongs to two. */
  spendStored(sizeBytes: number, what: string): void;
  /** Counts bytes that are about to be unpacked. */
  spendUnpacked(sizeBytes: number, what: string): void;
}

interface Superblock {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly rootAddress: number;
}

export function createHdf5File(place: string, bytes: Uint8Array, block: Superblock): Hdf5File {
  let structureLeft = Math.min(bytes.length * MAX_STRUCTURE_PASSES, MAX_STRUCTURE_BYTES);
  const mostUnpacked = Math.max(bytes.length * MAX_EXPANSION, MIN_UNPACKED_BYTES);
  let unpackedLeft = mostUnpacked;
  let storedLeft = bytes.length;
  let partsLeft = MAX_PARTS;
  const file: Hdf5File = {
    ...block,
    place,
    bytes,
    textHeaps: new Map(),
    view: (address, sizeBytes, what) => {
      const end = address + sizeBytes;
      if (!Number.isSafeInteger(end) || sizeBytes < 0 || end > bytes.length) {
        throw damagedFile(
          place,
          `${what} at byte ${address} needs ${sizeBytes} bytes, but the file ends at ${bytes.length}`,
        );
      }
      return bytes.subarray(address, end);
    },
    open: (address, sizeBytes, what) => {
      const part = file.view(address, sizeBytes, what);
      file.spend(sizeBytes, what);
      return new ByteReader(part, `${place}, ${what} at byte ${address}`);
    },
    spend: (sizeBytes, what, parts = 1) => {
      structureLeft -= sizeBytes;
      partsLeft -= parts;
      if (structureLeft >= 0 && partsLeft >= 0) return;
      throw damagedFile(
        place,
        `${what} is one part too many: parts of the file overlap, run in circles, or are more than ${MAX_PARTS}`,
      );
    },
    spendStored: (sizeBytes, what) => {
      storedLeft -= sizeBytes;
      if (storedLeft >= 0) return;
      const reason = `${what} is one array too many: together they are larger than the file, ${bytes.length} bytes`;
      throw damagedFile(place, reason);
    },
    spendUnpacked: (sizeBytes, what) => {
      unpackedLeft -= sizeBytes;
      if (unpackedLeft >= 0) return;
      throw damagedFile(
        place,
        `${what} takes ${sizeBytes} bytes when unpacked, with which the file would unpack to more than ${mostUnpacked} bytes`,
        { hint: 'Save it again without compression.' },
      );
    },
  };
  return file;
}

/** A number of so many bytes, little-endian. */
export function readUnsigned(reader: ByteReader, sizeBytes: number, field: string): number {
  const value = toNumber(reader.take(sizeBytes, field));
  if (Number.isSafeInteger(value)) return value;
  throw damagedFile(reader.place, `${field} is ${value}, more than any file holds`);
}

/** @returns null for HDF5's "undefined address", all bits set */
export function readAddress(
  { offsetBytes }: Hdf5File,
  reader: ByteReader,
  field: string,
): number | null {
  const value = toNumber(reader.take(offsetBytes, field));
  if (Number.isSafeInteger(value) && value < 2 ** (8 * offsetBytes) - 1) return value;
  if (value >= 2 ** (8 * offsetBytes) - 1) return null;
  throw damagedFile(reader.place, `${field} is ${value}, more than any file holds`);
}

/** Little-endian; rounded beyond 2⁵³. */
function toNumber(bytes: Uint8Array): number {
  let value = 0;
  for (let index = bytes.length - 1; index >= 0; index -= 1) {
    value = value * 256 + (bytes[index] ?? 0);
  }
  return value;
}

/** An address that must be there. */
export function needAddress(file: Hdf5File, reader: ByteReader, field: string): number {
  const address = readAddress(file, reader, field);
  if (address !== null) return address;
  throw damagedFile(reader.place, `${field} is missing`);
}

export function readLength({ lengthBytes }: Hdf5File, reader: ByteReader, field: string): number {
  return readUnsigned(reader, lengthBytes, field);
}

/** Checks the four letters that a structure begins with. */
export function checkSignature(reader: ByteReader, signature: string): void {
  const found = String.fromCharCode(...reader.take(4, 'the signature'));
  if (found === signature) return;
  throw damagedFile(reader.place, `"${signature}" should stand there`);
}

/** Checks a version, and returns it. */
export function checkVersion(reader: ByteReader, versions: readonly number[]): number {
  const version = reader.uint8('the version');
  if (versions.includes(version)) return version;
  throw damagedFile(reader.place, `its version is ${version}, not ${versions.join(' or ')}`);
}

/** Bytes that HDF5 gives to numbers up to this one. */
export function bytesFor(limit: number): number {
  return Math.floor(Math.log2(Math.max(1, limit)) / 8) + 1;
}
