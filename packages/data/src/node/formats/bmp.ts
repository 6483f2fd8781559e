import { AlexNetError } from '@alexnet/core';
import type { Picture } from '../../picture/picture.ts';
import { type BmpHeader, readBmpHeader } from './bmp-header.ts';
import { unpackRunLengths } from './bmp-run-lengths.ts';

/**
 * Decodes a BMP, which sharp does not read: 1, 4 and 8 bits with a palette (also in run lengths), 16, 24 and 32
 * bits (also with masks), rows from the bottom or from the top. Alpha is dropped; a palette of greys gives one
 * channel.
 *
 * @param name - what messages call the picture
 * @throws {@link AlexNetError} `INVALID_PICTURE` for a file that is cut short or of a kind that is not read
 * @see Microsoft, "Bitmap Storage", BITMAPINFOHEADER and BITMAPCOREHEADER
 */
export function decodeBmp(bytes: Uint8Array, name: string): Picture {
  const header = readBmpHeader(bytes, name);
  const { width, height } = header;
  const isGrey =
    header.palette?.every(([red, green, blue]) => red === green && green === blue) ?? false;
  const channels = isGrey ? 1 : 3;
  const pixels = new Uint8Array(width * height * channels);
  const readRow = chooseReader(bytes, header, name);
  for (let row = 0; row < height; row++) {
    const stored = header.isTopDown ? row : height - 1 - row;
    const colourOf = readRow(stored);
    for (let column = 0; column < width; column++) {
      const [red, green, blue] = colourOf(column);
      const at = (row * width + column) * channels;
      pixels[at] = red;
      if (channels === 3) {
        pixels[at + 1] = green;
        pixels[at + 2] = blue;
      }
    }
  }
  return { width, height, channels, pixels };
}

type Colour = readonly [red: number, green: number, blue: number];
type RowReader = (row: number) => (column: number) => Colour;

const BLACK: Colour = [0, 0, 0];

function chooseReader(bytes: Uint8Array, header: BmpHeader, name: string): RowReader {
  const { width, height, bits, palette } = header;
  if (palette && header.compression !== 'none') {
    const indices = unpackRunLengths(bytes.subarray(header.offset), header);
    return (row) => (column) => palette[indices[row * width + column] ?? 0] ?? BLACK;
  }
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  // Some programs leave the padding of the last row away.
  const neededBytes = header.offset + (height - 1) * rowBytes + Math.ceil((width * bits) / 8);
  if (bytes.length < neededBytes) {
    throw new AlexNetError('INVALID_PICTURE', {
      message: `${name} is a truncated bmp picture: its pixels end at byte ${neededBytes}, but there are ${bytes.length}.`,
      hint: 'Fetch it again, or remove it.',
      path: [name],
    });
  }
  const rowOf = (row: number) => bytes.subarray(header.offset + row * rowBytes);
  if (palette) {
    const perByte = 8 / bits;
    const mask = (1 << bits) - 1;
    return (row) => {
      const stored = rowOf(row);
      return (column) => {
        const shift = 8 - bits * ((column % perByte) + 1);
        return palette[((stored[Math.floor(column / perByte)] ?? 0) >> shift) & mask] ?? BLACK;
      };
    };
  }
  return readDirect(rowOf, header);
}

function readDirect(rowOf: (row: number) => Uint8Array, { bits, masks }: BmpHeader): RowReader {
  const [red, green, blue] = masks.map(createScaler);
  const bytesPerPixel = bits / 8;
  return (row) => {
    const stored = rowOf(row);
    return (column) => {
      const at = column * bytesPerPixel;
      let value = 0;
      for (let byte = bytesPerPixel - 1; byte >= 0; byte--)
        value = value * 256 + (stored[at + byte] ?? 0);
      return [red?.(value) ?? 0, green?.(value) ?? 0, blue?.(value) ?? 0];
    };
  };
}

/** Takes the bits of a mask out of a pixel, as a number from 0 to 255, rounded down as Pillow does. */
function createScaler(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (value) => Math.floor((((value & mask) >>> shift) * 255) / most);
}
