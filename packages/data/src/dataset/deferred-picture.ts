import type { PictureLimits } from '../picture/picture-limits.ts';

/** A picture that is not decoded or not even read yet: a renderer that can does it where it works. */
export type DeferredPicture = EncodedPicture | StoredPicture;

interface Deferred {
  /** Whether {@link Dataset.confirmPicture} is to be given its pixels; not unless given. */
  readonly wantsPixels?: boolean;
}

/**
 * A file that may be a JPEG. Where it is one that decodes without complaint, within the limits, and needs no turning,
 * its pixels are those of {@link Dataset.readPicture}.
 */
export interface EncodedPicture extends Deferred {
  readonly kind: 'jpeg';
  /** The file, or its path. */
  readonly file: Uint8Array | string;
  readonly limits: Partial<PictureLimits>;
  /** A longer short side is resized to this one first (bilinear, antialiased); `null` for none. */
  readonly shortSide: number | null;
  /** As in `OpenDatasetOptions`: what is shrunk while it is decoded is left to {@link Dataset.readPicture}. */
  readonly shrinkOnLoad?: number;
}

/** Pixels as they lie in a file. */
export interface StoredPicture extends Deferred {
  readonly kind: 'stored';
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly path: string;
  /** Of the first byte. */
  readonly position: number;
  /** What their CRC-32 has to be; `null` where it was found to be so before. */
  readonly crc32: number | null;
}
