import type { ByteReader } from '../../byte-reader.ts';
import { damagedFile } from '../../file-error.ts';
import {
  checkSignature,
  checkVersion,
  type Hdf5File,
  readAddress,
  readLength,
} from './hdf5-file.ts';

/** Objects of a collection begin at multiples of this. */
const ALIGNMENT = 8;

/**
 * A text of any length: the element of an array says in which collection of the file's global heap it lies, and
 * which of its objects it is.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`
 * @see HDF5 File Format Specification Version 3.0, III.E
 */
export function readHeapText(file: Hdf5File, element: ByteReader): string {
  const length = element.uint32("a text's length");
  const address = readAddress(file, element, "a text's place");
  const index = element.uint32("a text's number");
  if (address === null || length === 0) return '';
  const texts = file.textHeaps.get(address) ?? readTexts(file, address);
  file.textHeaps.set(address, texts);
  const bytes = texts.get(index);
  if (bytes === undefined || length > bytes.length) {
    const found = bytes === undefined ? 'no such text' : `${bytes.length} bytes`;
    throw damagedFile(
      element.place,
      `text ${index} of ${length} bytes is said to lie at byte ${address}, where there are ${found}`,
    );
  }
  file.spend(length, 'a text');
  const text = bytes.subarray(0, length);
  const end = text.indexOf(0);
  return new TextDecoder().decode(end < 0 ? text : text.subarray(0, end));
}

/** A whole collection, by the numbers of its texts. */
function readTexts(file: Hdf5File, address: number): ReadonlyMap<number, Uint8Array> {
  const headBytes = 8 + file.lengthBytes;
  const head = file.open(address, headBytes, 'a heap of texts');
  checkSignature(head, 'GCOL');
  checkVersion(head, [1]);
  head.skip(3, 'reserved bytes');
  const sizeBytes = readLength(file, head, 'the size');
  const collection = file.view(address, sizeBytes, 'a heap of texts');
  const texts = new Map<number, Uint8Array>();
  let at = headBytes;
  while (at + headBytes <= collection.length) {
    const reader = file.open(address + at, headBytes, 'a text');
    const index = reader.uint16('the number');
    reader.skip(6, 'references');
    const length = readLength(file, reader, 'the length');
    if (index === 0) break;
    const begin = at + headBytes;
    if (begin + length > collection.length) {
      throw damagedFile(reader.place, `${length} bytes at ${begin} leave a heap of ${sizeBytes}`);
    }
    texts.set(index, collection.subarray(begin, begin + length));
    at = begin + Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  }
  return texts;
}
