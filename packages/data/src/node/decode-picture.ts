import { readFile, stat } from 'node:fs/promises';
import { AlexNetError, isAlexNetError } from '@alexnet/core';
import { convertCmykToRgb } from '../picture/cmyk.ts';
import type { Picture } from '../picture/picture.ts';
import { type PictureHeader, readPictureHeader } from '../picture/picture-header.ts';
import { checkPictureSize, PICTURE_LIMITS, type PictureLimits } from '../picture/picture-limits.ts';
import { describeUndecodable, type EncodedPicture } from '../picture/undecodable.ts';
import { toPrintable } from '../printable.ts';
import { loadSharp, type Sharp } from './sharp.ts';
import { toSystemError } from './system-error.ts';

/**
 * Decodes a JPEG, PNG or WebP picture.
 *
 * Bit for bit what Pillow gives: turned as EXIF says, colour profiles left alone, alpha dropped, the first
 * frame of several, 16 bits cut to 8, CMYK by Pillow's formula; grey stays one channel. (16-bit grey alone
 * differs: Pillow clips it, here the upper byte counts.)
 *
 * @param source - a path, or the bytes of a file
 * @throws {@link AlexNetError} `INVALID_PICTURE` naming the file and what is wrong with it, before anything
 *   is decoded where the header tells; `NOT_FOUND`, `IO`; `MISSING_DEPENDENCY` without sharp
 * @example
 * const picture = await decodePicture('cat.jpg');
 * console.log(picture.width, picture.height, picture.channels); // 341 256 3
 */
export async function decodePicture(
  source: string | Uint8Array,
  limits: Partial<PictureLimits> = {},
): Promise<Picture> {
  const allLimits = { ...PICTURE_LIMITS, ...limits };
  const name = typeof source === 'string' ? toPrintable(source) : 'the picture';
  const bytes =
    typeof source === 'string' ? await readPictureFile(source, allLimits, name) : source;
  const header = readPictureHeader(bytes, name);
  checkPictureSize(header, { limits: allLimits, name });
  const sharp = await loadSharp();
  const pipeline = sharp(bytes, {
    // Damage is an error, what decoders warn of (bytes between segments, say) is not: as in Pillow.
    failOn: 'error',
    autoOrient: true,
    ignoreIcc: true,
    limitInputPixels: allLimits.maxPixels,
  });
  return decodePixels(pipeline, { ...header, bytes, name });
}

async function readPictureFile(
  path: string,
  { maxFileBytes }: PictureLimits,
  name: string,
): Promise<Uint8Array> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) {
      throw new AlexNetError('INVALID_PICTURE', {
        message: `${name} is not a file.`,
        hint: 'Give the path of a JPEG, PNG or WebP file.',
        path: [path],
      });
    }
    if (stats.size > maxFileBytes) {
      throw new AlexNetError('INVALID_PICTURE', {
        message: `${name} has ${stats.size} bytes; the limit is ${maxFileBytes}.`,
        hint: 'Make it smaller, or raise "maxFileBytes" if you trust where it comes from.',
        path: [path],
      });
    }
    return await readFile(path);
  } catch (error) {
    throw isAlexNetError(error) ? error : toSystemError(error, path);
  }
}

async function decodePixels(
  pipeline: Sharp,
  encoded: PictureHeader & EncodedPicture,
): Promise<Picture> {
  const { colours } = encoded;
  try {
    const { data, info } = await selectChannels(pipeline, colours)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const decoded = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const pixels = colours === 'cmyk' ? convertCmykToRgb(decoded) : decoded;
    const channels = colours === 'grey' ? 1 : 3;
    if (pixels.length !== width * height * channels) {
      throw new Error(`${pixels.length} bytes for ${width} × ${height} × ${channels}`);
    }
    return { width, height, channels, pixels };
  } catch (cause) {
    throw describeUndecodable(cause, encoded);
  }
}

function selectChannels(pipeline: Sharp, colours: PictureHeader['colours']): Sharp {
  switch (colours) {
    case 'grey':
      // Not by way of the colour space "b-w", which rounds 16 bits otherwise.
      return pipeline.removeAlpha().extractChannel(0);
    case 'rgb':
      return pipeline.removeAlpha();
    case 'cmyk':
      // As stored: libvips would convert by a colour profile of its own.
      return pipeline.pipelineColourspace('cmyk').toColourspace('cmyk');
    default:
      return colours satisfies never;
  }
}
