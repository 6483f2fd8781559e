import { AlexNetError } from '@alexnet/core';
import { checkPicture, dropAlpha, type Picture } from '@alexnet/data';

/** Pixels as they lie in memory, from a canvas, a camera or another library. */
export interface RawPicture {
  readonly width: number;
  readonly height: number;
  /** 1 is grey, 3 is RGB, 4 is RGBA; alpha is dropped, the colours stay as they are. */
  readonly channels: 1 | 3 | 4;
  /** [height, width, channels], rows from the top without padding. */
  readonly pixels: Uint8Array | Uint8ClampedArray;
}

/**
 * Checks raw pixels and drops their alpha channel.
 *
 * @throws {@link AlexNetError} `INVALID_PICTURE` with both numbers
 */
export function toPicture({ width, height, channels, pixels }: RawPicture): Picture {
  if (!(pixels instanceof Uint8Array || pixels instanceof Uint8ClampedArray)) {
    throw new AlexNetError('INVALID_PICTURE', {
      message: `The pixels of a raw picture should be bytes, but are ${describeKind(pixels)}.`,
      hint: 'Give a Uint8Array or Uint8ClampedArray with values from 0 to 255.',
    });
  }
  const bytes =
    pixels instanceof Uint8Array
      ? pixels
      : new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  if (channels === 4 && bytes.length !== width * height * 4) {
    throw new AlexNetError('INVALID_PICTURE', {
      message: `${width} × ${height} pixels of 4 channels are ${width * height * 4} bytes, but ${bytes.length} were given.`,
      hint: 'Check the sides, and that rows are not padded.',
    });
  }
  const picture: Picture =
    channels === 4
      ? { width, height, channels: 3, pixels: dropAlpha(bytes) }
      : { width, height, channels, pixels: bytes };
  checkPicture(picture);
  return picture;
}

function describeKind(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  return value.constructor.name;
}
