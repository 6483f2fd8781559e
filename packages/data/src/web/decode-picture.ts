import { AlexNetError } from '@alexnet/core';
import type { Picture } from '../picture/picture.ts';
import { readPictureHeader } from '../picture/picture-header.ts';
import { checkPictureSize, PICTURE_LIMITS, type PictureLimits } from '../picture/picture-limits.ts';
import { isolateStill } from '../picture/still-picture.ts';
import { turnPicture } from '../picture/turn-picture.ts';
import { describeUndecodable } from '../picture/undecodable.ts';
import { dropAlpha, takeGrey } from '../preprocess/channels.ts';
import { toPrintable } from '../printable.ts';
import { readPixels } from './read-pixels.ts';

/** The bytes of a picture file as they are: no colour management, no multiplication by alpha. */
const AS_STORED = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;

export interface DecodeOptions {
  /** What messages call the picture. */
  readonly name?: string;
  readonly limits?: Partial<PictureLimits>;
}

/**
 * Decodes a JPEG, PNG or WebP picture by the browser's own decoder.
 *
 * The same bytes as in Node, and with that as Pillow: turned as EXIF says, colour profiles left alone, alpha
 * dropped, the first frame of several; grey stays one channel. CMYK alone differs, by a level:
 * docs/preprocessing.md.
 *
 * @throws {@link AlexNetError} `INVALID_PICTURE` saying what is wrong with it, before anything is decoded where the
 *   header tells · `UNSUPPORTED` for a picture with transparent parts where there is no WebGL
 */
export async function decodePicture(
  file: Blob,
  { name = 'the picture', limits = {} }: DecodeOptions = {},
): Promise<Picture> {
  const shown = toPrintable(name);
  const allLimits = { ...PICTURE_LIMITS, ...limits };
  if (file.size > allLimits.maxFileBytes) {
    throw new AlexNetError('INVALID_PICTURE', {
      message: `${shown} has ${file.size} bytes; the limit is ${allLimits.maxFileBytes}.`,
      hint: 'Make it smaller, or raise "maxFileBytes" if you trust where it comes from.',
      path: [shown],
    });
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const header = readPictureHeader(bytes, shown);
  checkPictureSize(header, { limits: allLimits, name: shown });
  const still = isolateStill(bytes, header.format);
  // By content, as in Node: what a file calls itself counts for nothing.
  const blob = new Blob([still.bytes], { type: `image/${header.format}` });
  const bitmap = await createImageBitmap(blob, AS_STORED).catch((cause: unknown) => {
    throw describeUndecodable(cause, { ...header, bytes, name: shown });
  });
  return turnPicture(readBitmap(bitmap, header.colours === 'grey' ? 1 : 3), still.orientation);
}

/**
 * The pixels of a bitmap, which is closed. Alpha is dropped; the colours stay as they are.
 *
 * @param channels - 1 for a bitmap that is known to be grey
 */
export function readBitmap(bitmap: ImageBitmap, channels: 1 | 3 = 3): Picture {
  const { width, height } = bitmap;
  try {
    const rgba = readPixels(bitmap);
    return { width, height, channels, pixels: channels === 1 ? takeGrey(rgba) : dropAlpha(rgba) };
  } finally {
    bitmap.close();
  }
}
