import type { ByteReader } from '../../byte-reader.ts';
import { damagedFile } from '../../file-error.ts';

export const CHECKSUM_BYTES = 4;

/**
 * Checks the four bytes at a structure's end, which must be all that is left to read.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`
 */
export function checkChecksum(reader: ByteReader): void {
  const { bytes } = reader;
  const end = bytes.length - CHECKSUM_BYTES;
  reader.seek(Math.max(0, end), 'the checksum');
  const stored = reader.uint32('the checksum');
  const computed = lookup3(bytes.subarray(0, end));
  if (stored === computed) return;
  throw damagedFile(
    reader.place,
    `its checksum is ${stored.toString(16)}, but its bytes give ${computed.toString(16)}`,
  );
}

/** Bob Jenkins' lookup3, "hashlittle", from 0: the checksum of HDF5's metadata. */
export function lookup3(bytes: Uint8Array): number {
  let a = (0xdeadbeef + bytes.length) | 0;
  let b = a;
  let c = a;
  const word = (at: number) =>
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24);
  const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by));
  let at = 0;
  for (; bytes.length - at > 12; at += 12) {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  if (at === bytes.length) return c >>> 0;
  a = (a + word(at)) | 0;
  b = (b + word(at + 4)) | 0;
  c = (c + word(at + 8)) | 0;
  c = (c ^ b) - rotate(b, 14);
  a = (a ^ c) - rotate(c, 11);
  b = (b ^ a) - rotate(a, 25);
  c = (c ^ b) - rotate(b, 16);
  a = (a ^ c) - rotate(c, 4);
  b = (b ^ a) - rotate(a, 14);
  c = (c ^ b) - rotate(b, 24);
  return c >>> 0;
}
