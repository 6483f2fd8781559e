import {
  type PictureFormat,
  type PictureHeader,
  readPictureHeader,
} from '../../picture/picture-header.ts';
import { loadSharp } from '../sharp.ts';
import { readBmpHeader } from './bmp-header.ts';
import { describeUndecodableOther, detectOtherFormat, type OtherFormat } from './other-formats.ts';
import { checkTiffColours } from './tiff-colours.ts';

/** Every format of pictures that is read in Node. */
export type NodePictureFormat = PictureFormat | OtherFormat;

/** What a picture file says before it is decoded. */
export interface PictureInfo {
  /** By content, never by the name's ending. */
  readonly format: NodePictureFormat;
  /** As stored: before the EXIF orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly colours: PictureHeader['colours'];
}

/**
 * Reads format, sides and colours of a picture; nothing is decoded.
 *
 * @param name - what messages call the picture
 * @throws AlexNetError `INVALID_PICTURE` saying what the bytes are instead, where that can be told;
 *   `MISSING_DEPENDENCY` without sharp, for GIF, AVIF and TIFF
 */
export async function readPictureInfo(
  bytes: Uint8Array,
  name = 'the picture',
): Promise<PictureInfo> {
  const format = detectOtherFormat(bytes);
  if (format === null) return readPictureHeader(bytes, name);
  if (format === 'bmp') {
    const { width, height } = readBmpHeader(bytes, name);
    return { format, width, height, colours: 'rgb' };
  }
  if (format === 'tiff') checkTiffColours(bytes, name);
  const sharp = await loadSharp();
  try {
    // The limit is checked by the caller, with both numbers.
    const { width, height, space } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { format, width, height, colours: coloursOf(space) };
  } catch (cause) {
    throw describeUndecodableOther(cause, { format, name });
  }
}

function coloursOf(space: string): PictureInfo['colours'] {
  if (space === 'cmyk') return 'cmyk';
  return space === 'b-w' || space === 'grey16' ? 'grey' : 'rgb';
}
