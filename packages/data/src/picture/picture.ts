import { AlexNetError } from '@alexnet/core';

/** A decoded picture: bytes, rows from the top, channels of a pixel side by side. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1 is grey, 3 is red, green, blue. */
  readonly channels: 1 | 3;
  /** [height, width, channels]; not to be written to: pictures may be shared. */
  readonly pixels: Uint8Array;
}

/**
 * Checks a picture that somebody else made.
 *
 * @throws {@link AlexNetError} `INVALID_PICTURE` with both numbers
 */
export function checkPicture(picture: Picture): void {
  const { width, height, channels, pixels } = picture;
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new AlexNetError('INVALID_PICTURE', {
      message: `A picture cannot be ${width} × ${height} pixels.`,
      hint: 'Give width and height as whole numbers above 0.',
    });
  }
  if (channels !== 1 && channels !== 3) {
    throw new AlexNetError('INVALID_PICTURE', {
      message: `A picture has 1 channel (grey) or 3 (RGB), not ${channels}.`,
      hint: 'Give grey or RGB pixels, without alpha.',
    });
  }
  const expected = width * height * channels;
  if (pixels.length !== expected) {
    throw new AlexNetError('INVALID_PICTURE', {
      message: `${width} × ${height} pixels of ${channels} channels are ${expected} bytes, but ${pixels.length} were given.`,
      hint: 'Check the sides, and that rows are not padded.',
    });
  }
}
