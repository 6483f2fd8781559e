/**
 * A key that says what the bytes are: 64 bits in hexadecimal, FNV-1a beside a hash of another make. It
 * tells pictures apart; it proves nothing.
 *
 * @see RFC 9923 for FNV-1a
 */
export function createContentKey(bytes: Uint8Array): string {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul((high + byte) ^ (high >>> 15), 0x85ebca6b);
  }
  return toHex(high) + toHex(low);
}

function toHex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
