import { ByteReader } from '../../byte-reader.ts';
import { damagedFile, unsupportedFile } from '../../file-error.ts';
import { CHECKSUM_BYTES, checkChecksum } from './checksum.ts';
import { createHdf5File, type Hdf5File, readUnsigned } from './hdf5-file.ts';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] as const;
const FIRST_USER_BLOCK = 512;
/** Bytes that an address or a length may take. */
const SIZES: readonly number[] = [2, 4, 8];

/**
 * Where an HDF5 file's superblock lies: at 0, or behind a block of the user's own of 512, 1024, 2048 … bytes.
 *
 * @returns -1 where there is none
 */
function findSuperblock(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at = at === 0 ? FIRST_USER_BLOCK : at * 2) {
    if (SIGNATURE.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

/**
 * Opens an HDF5 file of version 0 to 3, as every release of HDF5 since 1.0 writes unless asked for more.
 *
 * @param place - which file, for messages
 * @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED`
 * @see HDF5 File Format Specification Version 3.0, II.A
 */
export function openHdf5(source: Uint8Array, place: string): Hdf5File {
  const begin = findSuperblock(source);
  if (begin < 0) throw damagedFile(place, 'it is no HDF5 file: its signature is missing');
  const bytes = source.subarray(begin);
  const reader = new ByteReader(bytes, `${place}, the superblock`);
  reader.skip(SIGNATURE.length, 'the signature');
  const version = reader.uint8('the version');
  if (version > 3) {
    const hint = "Save it with HDF5's default settings (h5py: without libver).";
    throw unsupportedFile(place, `its HDF5 format is version ${version}, not 0 to 3`, hint);
  }
  const opened = version < 2 ? openVersion0(reader, version) : openVersion2(reader);
  if (opened.end > source.length) {
    const reason = `it was cut short: it should have ${opened.end} bytes, but has ${source.length}`;
    throw damagedFile(place, reason);
  }
  return createHdf5File(place, reader.bytes, opened);
}

function openVersion0(reader: ByteReader, version: number) {
  reader.skip(4, 'versions');
  const sizes = readSizes(reader);
  reader.skip(version === 0 ? 9 : 13, 'sizes of groups');
  const { offsetBytes } = sizes;
  reader.skip(offsetBytes * 2, 'the base address');
  const end = readUnsigned(reader, offsetBytes, 'the end of the file');
  reader.skip(offsetBytes * 2, 'the root group');
  return { ...sizes, end, rootAddress: readUnsigned(reader, offsetBytes, 'the root group') };
}

function openVersion2(reader: ByteReader) {
  const sizes = readSizes(reader);
  const { offsetBytes } = sizes;
  reader.skip(1 + offsetBytes * 2, 'flags and base address');
  const end = readUnsigned(reader, offsetBytes, 'the end of the file');
  const rootAddress = readUnsigned(reader, offsetBytes, 'the root group');
  reader.skip(CHECKSUM_BYTES, 'the checksum');
  checkChecksum(new ByteReader(reader.bytes.subarray(0, reader.offset), reader.place));
  return { ...sizes, end, rootAddress };
}

function readSizes(reader: ByteReader) {
  const offsetBytes = reader.uint8('the size of an address');
  const lengthBytes = reader.uint8('the size of a length');
  if (SIZES.includes(offsetBytes) && SIZES.includes(lengthBytes)) {
    return { offsetBytes, lengthBytes };
  }
  throw damagedFile(
    reader.place,
    `addresses of ${offsetBytes} and lengths of ${lengthBytes} bytes: they may have 2, 4 or 8`,
  );
}
