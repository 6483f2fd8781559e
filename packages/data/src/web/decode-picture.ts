import { AlexNetError } from '@alexnet/core';
import { dropAlpha } from '../channels.ts';
import type { Picture } from '../picture.ts';
import { isCutShort } from '../picture-end.ts';
import { type PictureHeader, readPictureHeader } from '../picture-header.ts';
import { checkPictureSize, PICTURE_LIMITS, type PictureLimits } from '../picture-limits.ts';
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
 * The same bytes as in Node: turned as EXIF says, colour profiles left alone, alpha dropped, the first frame of
 * several; grey comes in three channels. Two exceptions, measured in Chromium 156: CMYK differs by a level, and WebP
 * is not turned.
 *
 * @throws {@link AlexNetError} `INVALID_PICTURE` saying what is wrong with it, before anything is decoded where the
 *   header tells · `UNSUPPORTED` for a large picture with transparent parts
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
  // Browsers fill in with grey what is missing.
  if (isCutShort(bytes, header.format)) throw damaged('truncated', { ...header, name: shown });
  // By content, as in Node: what a file calls itself counts for nothing.
  const blob = new Blob([bytes], { type: `image/${header.format}` });
  const bitmap = await createImageBitmap(blob, AS_STORED).catch((cause: unknown) => {
    throw damaged('damaged', { ...header, name: shown, cause });
  });
  return readBitmap(bitmap);
}

/** The pixels of a bitmap, which is closed. Alpha is dropped; the colours stay as they are. */
export function readBitmap(bitmap: ImageBitmap): Picture {
  const { width, height } = bitmap;
  try {
    return { width, height, channels: 3, pixels: dropAlpha(readPixels(bitmap)) };
  } finally {
    bitmap.close();
  }
}

interface Damage extends PictureHeader {
  readonly name: string;
  readonly cause?: unknown;
}

function damaged(state: 'truncated' | 'damaged', { format, name, cause }: Damage): AlexNetError {
  const words = cause instanceof Error ? ` (the decoder says: ${cause.message})` : '';
  return new AlexNetError('INVALID_PICTURE', {
    message: `${name} is a ${state} ${format} picture${words}.`,
    hint: 'Fetch it again, or remove it.',
    path: [name],
    ...(cause === undefined ? {} : { cause }),
  });
}
