import type { BmpHeader } from './bmp-header.ts';

const END_OF_LINE = 0;
const END = 1;
const JUMP = 2;

/**
 * The indices of colours that BMP's run lengths say, rows as they are stored; 0 where they say nothing.
 *
 * What leads beyond the picture is dropped: it ends with the pixels or the bytes, whichever come first.
 *
 * @see Microsoft, "Bitmap Compression"
 */
export function unpackRunLengths(
  packed: Uint8Array,
  { width, height, compression }: BmpHeader,
): Uint8Array {
  const indices = new Uint8Array(width * height);
  const isNibbles = compression === 'rle-4';
  let [column, row] = [0, 0];
  const put = (index: number) => {
    if (column < width && row < height) indices[row * width + column] = index;
    column += 1;
  };
  for (let at = 0; at + 1 < packed.length && row < height; ) {
    const [count, value] = [packed[at] as number, packed[at + 1] as number];
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(isNibbles ? nibbleOf(value, i) : value);
    } else if (value === END_OF_LINE) {
      column = 0;
      row += 1;
    } else if (value === END) {
      break;
    } else if (value === JUMP) {
      column += packed[at] ?? 0;
      row += packed[at + 1] ?? 0;
      at += 2;
    } else {
      const bytes = isNibbles ? Math.ceil(value / 2) : value;
      for (let i = 0; i < value; i++) {
        put(isNibbles ? nibbleOf(packed[at + (i >> 1)] ?? 0, i) : (packed[at + i] ?? 0));
      }
      // Such parts end on even places.
      at += bytes + (bytes % 2);
    }
  }
  return indices;
}

function nibbleOf(byte: number, place: number): number {
  return place % 2 === 0 ? byte >> 4 : byte & 15;
}
