import { checkPicture, type Picture } from '../picture/picture.ts';
import { loadSharp } from './sharp.ts';

/**
 * Encodes a picture as PNG: lossless, grey as grey.
 *
 * @throws AlexNetError `INVALID_PICTURE` if the pixels do not fit the sides; `MISSING_DEPENDENCY` without
 *   sharp
 */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  checkPicture(picture);
  const { width, height, channels, pixels } = picture;
  const sharp = await loadSharp();
  const encoded = await sharp(pixels, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
  return new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
}
