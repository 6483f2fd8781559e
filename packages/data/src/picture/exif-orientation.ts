/** How a picture must be turned to stand upright: the values of EXIF's tag 0x0112. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION_TAG = 0x0112;
const ENTRY_BYTES = 12;
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
  if (tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const isLittle = order === 0x4949;
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > tiff.length) return 1;
  const count = view.getUint16(directory, isLittle);
  for (let entry = 0; entry < count; entry++) {
    const at = directory + 2 + entry * ENTRY_BYTES;
    if (at + ENTRY_BYTES > tiff.length) return 1;
    if (view.getUint16(at, isLittle) !== ORIENTATION_TAG) continue;
    const value = view.getUint16(at + 8, isLittle);
    return isOrientation(value) ? value : 1;
  }
  return 1;
}

function isOrientation(value: number): value is Orientation {
  return value >= 1 && value <= 8;
}
