import { ByteReader } from '../byte-reader.ts';
import { damagedFile } from '../file-error.ts';
import { IN_ZIP64_32 } from './signatures.ts';

const ZIP64_FIELD = 1;
const FIELD_HEADER_BYTES = 4;

/**
 * Replaces the numbers that stand in the zip64 extra field instead, which has them in the same order.
 *
 * @see PKWARE APPNOTE 6.3.10, §4.5.3
 * @throws {@link AlexNetError} `INVALID_MODEL` where one is announced and missing
 */
export function readZip64(
  extra: Uint8Array,
  numbers: readonly number[],
  place: string,
): readonly number[] {
  if (!numbers.includes(IN_ZIP64_32)) return numbers;
  const field = findField(extra, place);
  if (field === undefined) {
    throw damagedFile(
      place,
      'its size or offset is said to stand in a zip64 field, and there is none',
    );
  }
  return numbers.map((number) =>
    number === IN_ZIP64_32 ? field.uint64('number in the zip64 field') : number,
  );
}

/** Extra fields are often padded with what is no field: what does not fit ends the search. */
function findField(extra: Uint8Array, place: string): ByteReader | undefined {
  const reader = new ByteReader(extra, place);
  while (reader.remaining >= FIELD_HEADER_BYTES) {
    const id = reader.uint16('extra field');
    const length = reader.uint16('length of the extra field');
    if (length > reader.remaining) return undefined;
    const content = reader.take(length, 'extra field');
    if (id === ZIP64_FIELD) return new ByteReader(content, place);
  }
  return undefined;
}
