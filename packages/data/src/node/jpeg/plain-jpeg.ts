import { type Orientation, readExifOrientation } from '../../picture/exif-orientation.ts';
import { PICTURE_LIMITS, type PictureLimits } from '../../picture/picture-limits.ts';
import type { Size } from '../../preprocess/geometry.ts';

/** Larger ones are left to sharp, as a decoder in WebAssembly never gives memory back. */
const MOST_PIXELS = 2 ** 24;
/** Sampling factors of three components: of 4:4:4, 4:2:2 and 4:2:0. */
const SAMPLINGS = ['11,11,11', '21,11,11', '22,11,11'];

/**
 * The sides of a JPEG of which libjpeg-turbo gives the pixels that `decodePicture` gives: 8 bits, three components,
 * no odd sampling, upright, within the limits. `null` for everything else, which `decodePicture` decodes or refuses.
 *
 * @see ITU-T T.81 annex B
 */
export function readPlainJpeg(bytes: Uint8Array, limits: Partial<PictureLimits>): Size | null {
  const segments = readSegments(bytes);
  if (segments === null) return null;
  const { frame, exif } = segments;
  if (exif.some((data) => readExifOrientation(data) !== 1)) return null;
  const { maxPixels, minSide } = { ...PICTURE_LIMITS, ...limits };
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 15 || view.getUint8(0) !== 8 || view.getUint8(5) !== 3) return null;
  const height = view.getUint16(1);
  const width = view.getUint16(3);
  const sampling = [7, 10, 13].map((at) => view.getUint8(at).toString(16)).join();
  const isWithin =
    Math.min(width, height) >= minSide && width * height <= Math.min(maxPixels, MOST_PIXELS);
  return isWithin && SAMPLINGS.includes(sampling) ? { width, height } : null;
}

/** How a JPEG must be turned to stand upright; 1 where nothing says so, or the file is out of the ordinary. */
export function readJpegOrientation(bytes: Uint8Array): Orientation {
  const turned = readSegments(bytes)
    ?.exif.map(readExifOrientation)
    .find((value) => value !== 1);
  return turned ?? 1;
}

interface Segments {
  /** What stands in the header of the frame behind its length. */
  readonly frame: Uint8Array;
  readonly exif: readonly Uint8Array[];
}

/** Up to the frame: `null` if anything is out of the ordinary. */
function readSegments(bytes: Uint8Array): Segments | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  const exif: Uint8Array[] = [];
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1] ?? 0;
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const end = at + 2 + length;
    if (bytes[at] !== 0xff || marker < 0xc0 || marker === 0xff || end > bytes.length) return null;
    const content = bytes.subarray(at + 4, end);
    // Baseline, extended and progressive frames of Huffman codes.
    if (marker >= 0xc0 && marker <= 0xc2) return { frame: content, exif };
    if (marker === 0xd9 || marker === 0xda) return null;
    if (marker === 0xe1) exif.push(content);
    at = end;
  }
  return null;
}
