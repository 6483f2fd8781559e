/** The polynomial of CRC-32C (Castagnoli), reversed. */
const POLYNOMIAL = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;
const LENGTH_BYTES = 8;
const SUM_BYTES = 4;

/**
 * Puts a message between its length and check sums, as TensorFlow's event files hold them.
 *
 *   uint64 length · masked CRC-32C of the length · data · masked CRC-32C of the data; little-endian
 *
 * @see tensorflow/core/lib/io/record_writer.h
 */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(LENGTH_BYTES + SUM_BYTES + data.length + SUM_BYTES);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(LENGTH_BYTES, maskedCrc32c(record.subarray(0, LENGTH_BYTES)), true);
  record.set(data, LENGTH_BYTES + SUM_BYTES);
  view.setUint32(LENGTH_BYTES + SUM_BYTES + data.length, maskedCrc32c(data), true);
  return record;
}

/** Rotated and shifted, because the sum of bytes that hold their own sum says nothing. */
function maskedCrc32c(bytes: Uint8Array): number {
  const sum = crc32c(bytes);
  return (((sum >>> 15) | (sum << 17)) + MASK_DELTA) >>> 0;
}

/** @see RFC 3720, appendix B.4 */
export function crc32c(bytes: Uint8Array): number {
  const table = makeTable();
  let sum = 0xffffffff;
  for (const byte of bytes) sum = (sum >>> 8) ^ (table[(sum ^ byte) & 0xff] ?? 0);
  return (sum ^ 0xffffffff) >>> 0;
}

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
    return sum;
  });
}
