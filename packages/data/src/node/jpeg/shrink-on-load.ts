import type { Size } from '../../preprocess/geometry.ts';
import { inferResizedSize } from '../../resize/resize.ts';
import type { PictureInfo } from '../formats/picture-info.ts';
import { readJpegOrientation } from './plain-jpeg.ts';

/**
 * How often the side wanted has to fit into the short side: half of the scale is then left out of the decoding, and
 * at least a factor of two is left to the resize behind it.
 *
 * @see sharp 0.35, src/pipeline.cc: `jpegShrinkOnLoad`, with `fastShrinkOnLoad: false`
 */
const LEAST_RATIO = 4;

/** Whether a JPEG of these sides is decoded at a reduced scale, down to this short side. */
export function isShrunkOnLoad({ width, height }: Size, shortSide: number): boolean {
  return Math.min(width, height) >= LEAST_RATIO * shortSide;
}

/** The sides, upright, that a picture is shrunk to while it is decoded; `null` for those it has. */
export function planShrinkOnLoad(
  { format, colours, ...stored }: PictureInfo,
  bytes: Uint8Array,
  shortSide: number | undefined,
): Size | null {
  if (shortSide === undefined || format !== 'jpeg' || colours === 'cmyk') return null;
  if (!isShrunkOnLoad(stored, shortSide)) return null;
  const isTurned = readJpegOrientation(bytes) > 4;
  const upright = isTurned ? { width: stored.height, height: stored.width } : stored;
  return inferResizedSize(
    { mode: 'short-side', size: shortSide, filter: 'bilinear', antialias: true },
    upright,
  );
}
