// The check sums of a TensorFlow checkpoint's index, made right again after a mutation: damage that no sum tells. Of
// its own, because it must not use the reader that it tries.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0x82f63b78 : 0);
  return sum;
});

/** A LevelDB table whose blocks, as far as they can be found, have the sums that fit. */
export function signTable(bytes) {
  const signed = bytes.slice();
  const [, , indexAt, indexSize] = readNumbers(signed.subarray(-48, -8));
  const end = indexAt + indexSize;
  if (!(end + 5 <= signed.length)) return signed;
  let at = indexAt;
  while (at < end) {
    const [shared, own, size] = readNumbers(signed.subarray(at, at + 15));
    if (![shared, own, size].every(Number.isSafeInteger)) break;
    const from = at + lengthOf(shared) + lengthOf(own) + lengthOf(size) + own;
    const [offset, length] = readNumbers(signed.subarray(from, from + size));
    if (!Number.isFinite(offset + length) || !(from + size > at)) break;
    sign(signed, offset, length);
    at = from + size;
  }
  sign(signed, indexAt, indexSize);
  return signed;
}

function sign(bytes, offset, size) {
  const end = offset + size + 1;
  if (end + 4 > bytes.length) return;
  let sum = 0xffffffff;
  for (const byte of bytes.subarray(offset, end)) sum = (sum >>> 8) ^ TABLE[(sum ^ byte) & 255];
  sum = ~sum >>> 0;
  const masked = (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(end, masked, true);
}

function readNumbers(bytes) {
  const numbers = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    numbers.push(value);
    value = 0;
    scale = 1;
  }
  return numbers;
}

/** Bytes of a number. */
function lengthOf(number) {
  return number < 128 ? 1 : 1 + lengthOf(Math.floor(number / 128));
}
