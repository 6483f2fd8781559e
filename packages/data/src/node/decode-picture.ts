import { AlexNetError } from '@alexnet/core';
import { convertCmykToRgb } from '../picture/cmyk.ts';
import type { Picture } from '../picture/picture.ts';
import type { PictureHeader } from '../picture/picture-header.ts';
import { checkPictureSize, PICTURE_LIMITS, type PictureLimits } from '../picture/picture-limits.ts';
import { describeUndecodable } from '../picture/undecodable.ts';
import { decodeBmp } from './formats/bmp.ts';
import { describeUndecodableOther, isOtherFormat } from './formats/other-formats.ts';
import { type PictureInfo, readPictureInfo } from './formats/picture-info.ts';
import { planShrinkOnLoad } from './jpeg/shrink-on-load.ts';
import { loadSharp, type Sharp } from './sharp.ts';
import type { StoredFile } from './stores/file-store.ts';
import { findFile } from './stores/folder-store.ts';

/**
 * Decodes a JPEG, PNG, WebP, GIF, AVIF, TIFF or BMP picture.
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
  if (typeof source !== 'string') return decodeBytes(source, { limits });
  const file = await findFile(source);
  return decodeBytes(await readPictureFile(file, limits), { limits, name: file.name });
}

export interface DecodeOptions {
  readonly limits?: Partial<PictureLimits>;
  /** What messages call the picture. */
  readonly name?: string;
  /** As in `OpenDatasetOptions`. */
  readonly shrinkOnLoad?: number;
}

/** Decodes the bytes of a picture file, as {@link decodePicture}. */
export async function decodeBytes(
  bytes: Uint8Array,
  { limits, name = 'the picture', shrinkOnLoad }: DecodeOptions = {},
): Promise<Picture> {
  const allLimits = { ...PICTURE_LIMITS, ...limits };
  const info = await readPictureInfo(bytes, name);
  checkPictureSize(info, { limits: allLimits, name });
  if (info.format === 'bmp') return decodeBmp(bytes, name);
  const sharp = await loadSharp();
  const pipeline = sharp(bytes, {
    // Damage is an error, what decoders warn of (bytes between segments, say) is not: as in Pillow.
    failOn: 'error',
    autoOrient: mayBeTurned(info, bytes),
    ignoreIcc: true,
    limitInputPixels: allLimits.maxPixels,
  });
  const size = planShrinkOnLoad(info, bytes, shrinkOnLoad);
  const shrunk = size
    ? pipeline.resize({ ...size, fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false })
    : pipeline;
  return decodePixels(shrunk, { ...info, bytes, name });
}

/** Whether EXIF may say so. Asking sharp to look takes as long as a third of the decoding of a small JPEG. */
function mayBeTurned({ format }: PictureInfo, bytes: Uint8Array): boolean {
  if (format !== 'jpeg') return true;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('Exif');
}

/**
 * The bytes of a picture file, of a size that pictures have.
 *
 * @throws {@link AlexNetError} `INVALID_PICTURE` with both numbers, `NOT_FOUND`, `IO`
 */
export async function readPictureFile(
  file: StoredFile,
  { maxFileBytes = PICTURE_LIMITS.maxFileBytes }: Partial<PictureLimits> = {},
): Promise<Uint8Array> {
  if (file.sizeBytes > maxFileBytes) {
    throw new AlexNetError('INVALID_PICTURE', {
      message: `${file.name} has ${file.sizeBytes} bytes; the limit is ${maxFileBytes}.`,
      hint: 'Make it smaller, or raise "maxFileBytes" if you trust where it comes from.',
      path: [file.name],
    });
  }
  return file.read();
}

async function decodePixels(
  pipeline: Sharp,
  encoded: PictureInfo & { readonly bytes: Uint8Array; readonly name: string },
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
    const { format, bytes, name } = encoded;
    throw isOtherFormat(format)
      ? describeUndecodableOther(cause, { format, name })
      : describeUndecodable(cause, { format, bytes, name });
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
