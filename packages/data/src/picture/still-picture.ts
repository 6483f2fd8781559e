import { type Orientation, readExifOrientation } from './exif-orientation.ts';
import type { PictureFormat } from './picture-header.ts';

/** A file without what its decoder might take differently, and how to turn what comes out. */
export interface StillPicture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly orientation: Orientation;
}

interface Chunk {
  readonly type: string;
  /** Of the whole chunk, with header and padding, in its file. */
  readonly start: number;
  readonly end: number;
}

/**
 * Takes out of a file what browsers see otherwise than Pillow and libvips do: the animation of a PNG
 * (they would give its first frame, which need not be the picture), and the orientation of a WebP (they
 * pass over it). JPEG files are left alone.
 *
 * @see PNG third edition §11.3.6 · RFC 9649 §2.7
 */
export function isolateStill(bytes: Uint8Array<ArrayBuffer>, format: PictureFormat): StillPicture {
  switch (format) {
    case 'jpeg':
      return { bytes, orientation: 1 };
    case 'png':
      return { bytes: withoutAnimation(bytes), orientation: 1 };
    case 'webp':
      return withoutExif(bytes);
    default:
      return format satisfies never;
  }
}

const PNG_ANIMATION = new Set(['acTL', 'fcTL', 'fdAT']);
const PNG_HEADER_BYTES = 8;

function withoutAnimation(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = viewOf(bytes);
  const chunks: Chunk[] = [];
  for (let at = PNG_HEADER_BYTES; at + 12 <= bytes.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) break;
    chunks.push({ type: typeAt(bytes, at + 4), start: at, end });
    at = end;
  }
  const animation = chunks.filter(({ type }) => PNG_ANIMATION.has(type));
  return animation.length === 0 ? bytes : without(bytes, animation);
}

const WEBP_HEADER_BYTES = 12;
/** In the flags of the chunk VP8X: there is EXIF. */
const EXIF_FLAG = 0x08;

function withoutExif(bytes: Uint8Array<ArrayBuffer>): StillPicture {
  const view = viewOf(bytes);
  for (let at = WEBP_HEADER_BYTES; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const end = at + 8 + length + (length % 2);
    if (end > bytes.length) break;
    if (typeAt(bytes, at) === 'EXIF') {
      const orientation = readExifOrientation(bytes.subarray(at + 8, at + 8 + length));
      const still = without(bytes, [{ type: 'EXIF', start: at, end }]);
      viewOf(still).setUint32(4, view.getUint32(4, true) - (end - at), true);
      if (typeAt(still, WEBP_HEADER_BYTES) === 'VP8X') {
        const flags = WEBP_HEADER_BYTES + 8;
        still[flags] = (still[flags] ?? 0) & ~EXIF_FLAG;
      }
      return { bytes: still, orientation };
    }
    at = end;
  }
  return { bytes, orientation: 1 };
}

/** The bytes but for some chunks, given in their order. */
function without(bytes: Uint8Array, chunks: readonly Chunk[]): Uint8Array<ArrayBuffer> {
  const removed = chunks.reduce((sum, { start, end }) => sum + end - start, 0);
  const rest = new Uint8Array(bytes.length - removed);
  let from = 0;
  let to = 0;
  for (const { start, end } of [...chunks, { start: bytes.length, end: bytes.length }]) {
    rest.set(bytes.subarray(from, start), to);
    to += start - from;
    from = end;
  }
  return rest;
}

function typeAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
