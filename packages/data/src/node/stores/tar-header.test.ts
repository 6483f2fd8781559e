import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, parseTarHeader } from './tar-header.ts';

/** A header whose fields stand where POSIX has them; the sum is that of the definition unless given. */
function makeHeader({
  name = 'a.jpg',
  size = '00000000017',
  sum = sumOf,
}: {
  name?: string;
  size?: string | Uint8Array;
  sum?: (block: Uint8Array) => number;
} = {}): Uint8Array {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write(name, 0, 'latin1');
  block.set(typeof size === 'string' ? Buffer.from(size) : size, 124);
  block.write('        0', 148);
  block.write(`${sum(block).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

const sumOf = (block: Uint8Array) => block.reduce((sum, byte) => sum + byte, 0);
const signedSumOf = (block: Uint8Array) =>
  new Int8Array(block).reduce((sum, byte) => sum + byte, 0);

describe('a header', () => {
  test.each([
    ['00000000017', 15],
    ['       17 \0', 15],
    ['\0\0\0', 0],
    // GNU's, for what eleven octal digits cannot hold.
    [Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1), 3 * 2 ** 32 + 1],
  ])('of size %j has %d bytes', (size, expected) => {
    expect(parseTarHeader(makeHeader({ size }))?.sizeBytes).toBe(expected);
  });

  test.each(['00000000018', '0x17', '1 7', '-17'])('of size "%s" is none', (size) => {
    expect(parseTarHeader(makeHeader({ size }))).toBeNull();
  });

  test('has the sum of its bytes, or of signed ones as old programs wrote it', () => {
    const name = '\xfcber.jpg';
    expect(parseTarHeader(makeHeader({ name }))?.name).toBe(name);
    expect(parseTarHeader(makeHeader({ name, sum: signedSumOf }))?.name).toBe(name);
    expect(parseTarHeader(makeHeader({ name, sum: (block) => sumOf(block) + 1 }))).toBeNull();
    expect(parseTarHeader(makeHeader({ name, sum: (block) => signedSumOf(block) - 1 }))).toBeNull();
  });
});
