import { AlexNetError } from '@alexnet/core';
import { readTiffTag } from '../../picture/tiff-directory.ts';

const COMPRESSION = 259;
const PHOTOMETRIC = 262;
const YCBCR = 6;
/** The old one and that of today: both have their colours converted by the decoder. */
const JPEG_COMPRESSIONS: readonly (number | null)[] = [6, 7];

/**
 * Refuses a TIFF whose colours libvips gives back as they are stored, brightness in place of red.
 *
 * @throws {@link AlexNetError} `INVALID_PICTURE`
 * @see TIFF 6.0 §21
 */
export function checkTiffColours(bytes: Uint8Array, name: string): void {
  if (readTiffTag(bytes, PHOTOMETRIC) !== YCBCR) return;
  if (JPEG_COMPRESSIONS.includes(readTiffTag(bytes, COMPRESSION))) return;
  throw new AlexNetError('INVALID_PICTURE', {
    message: `${name} is a TIFF of YCbCr colours without JPEG compression, which is not read.`,
    hint: 'Convert it to RGB, or remove it.',
    path: [name],
  });
}
