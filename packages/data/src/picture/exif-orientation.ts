import { readTiffTag } from './tiff-directory.ts';

/** How a picture must be turned to stand upright: the values of EXIF's tag 0x0112. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION_TAG = 0x0112;
/** What JPEG puts in front of EXIF; some WebP files have it too. */
const PREFIX = [0x45, 0x78, 0x69, 0x66, 0, 0];

/**
 * The orientation that EXIF data names; 1, as stored, where they name none, or none that there is.
 *
 * @param exif - a TIFF header and its first directory, with or without `Exif\0\0` in front
 * @see CIPA DC-008 (Exif 2.3) §4.6.2, §4.6.4 A
 */
export function readExifOrientation(exif: Uint8Array): Orientation {
  const hasPrefix = PREFIX.every((byte, i) => exif[i] === byte);
  const tiff = hasPrefix ? exif.subarray(PREFIX.length) : exif;
  const value = readTiffTag(tiff, ORIENTATION_TAG);
  return value !== null && isOrientation(value) ? value : 1;
}

function isOrientation(value: number): value is Orientation {
  return value >= 1 && value <= 8;
}
