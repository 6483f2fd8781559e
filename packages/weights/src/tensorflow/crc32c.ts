/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
/** Bytes that go into the sum at a time. */
const STRIDE = 8;

/**
 * A check sum for many pieces of bytes, each at a gigabyte in a second or so.
 *
 * @see RFC 3720, appendix B.4
 */
export type Crc32c = (bytes: Uint8Array) => number;

/** Makes the tables once, for as long as the function that comes back is kept. */
export function createCrc32c(): Crc32c {
  // tables[k * 256 + byte]: what a byte does to the sum k bytes later.
  const tables = new Uint32Array(STRIDE * 256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? POLYNOMIAL : 0);
    tables[byte] = sum;
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256] ?? 0;
    tables[index] = (before >>> 8) ^ (tables[before & 255] ?? 0);
  }
  const at = (step: number, byte: number): number => tables[step * 256 + (byte & 255)] ?? 0;
  return (bytes) => {
    let sum = -1;
    let i = 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (; i + STRIDE <= bytes.length; i += STRIDE) {
      const low = sum ^ view.getInt32(i, true);
      const high = view.getInt32(i + 4, true);
      sum =
        at(7, low) ^
        at(6, low >>> 8) ^
        at(5, low >>> 16) ^
        at(4, low >>> 24) ^
        at(3, high) ^
        at(2, high >>> 8) ^
        at(1, high >>> 16) ^
        at(0, high >>> 24);
    }
    for (; i < bytes.length; i++) sum = (sum >>> 8) ^ at(0, sum ^ (bytes[i] ?? 0));
    return ~sum >>> 0;
  };
}

const MASK = 0xa282ead8;

/** How LevelDB and TensorFlow store a sum, so that sums of bytes that hold sums are none of their own. */
export function maskCrc(sum: number): number {
  return (((sum >>> 15) | (sum << 17)) + MASK) >>> 0;
}
