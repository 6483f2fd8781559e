import { crc32 } from 'node:zlib';
import type {
  DeferredPicture,
  EncodedPicture,
  StoredPicture,
} from '../../dataset/deferred-picture.ts';
import type { Picture } from '../../picture/picture.ts';
import { PICTURE_LIMITS } from '../../picture/picture-limits.ts';
import type { Resample } from '../../resize/resample.ts';
import { inferResizedSize } from '../../resize/resize.ts';
import { createJpegDecoder } from '../jpeg/jpeg-decoder.ts';
import { readPlainJpeg } from '../jpeg/plain-jpeg.ts';
import { isShrunkOnLoad } from '../jpeg/shrink-on-load.ts';
import { type KernelMemory, ROOM_BYTES } from '../simd/kernel-memory.ts';
import type { ArrivingPicture } from '../simd/rows.ts';
import { createFileReader, readSmallFile } from './file-reader.ts';

/**
 * The picture's pixels, which the next call overwrites; `null` where it cannot be had. Where it was found to be
 * whole before, they are read as they are used, which throws {@link UnreadRows} where that fails.
 */
export type DeferredReader = (picture: DeferredPicture) => Promise<Picture | null>;

/** Rows of a picture can no longer be read. Whoever reads it next says why. */
export class UnreadRows extends Error {}

/** Reads and decodes deferred pictures in this thread. */
export function createDeferredReader({
  resample,
  memory,
}: {
  readonly resample: Resample;
  readonly memory: KernelMemory;
}): DeferredReader {
  const decode = createJpegDecoder();
  const read = createFileReader();
  async function readJpeg({ file, limits, shortSide, shrinkOnLoad }: EncodedPicture) {
    const { maxFileBytes } = { ...PICTURE_LIMITS, ...limits };
    const bytes = typeof file === 'string' ? readSmallFile(file, maxFileBytes) : file;
    const stored = bytes && readPlainJpeg(bytes, limits);
    if (!stored || (shrinkOnLoad && isShrunkOnLoad(stored, shrinkOnLoad))) return null;
    const picture = await decode(bytes, limits);
    if (!picture || shortSide === null) return picture;
    if (Math.min(picture.width, picture.height) <= shortSide) return picture;
    const interpolation = { filter: 'bilinear', antialias: true } as const;
    const size = inferResizedSize(
      { mode: 'short-side', size: shortSide, ...interpolation },
      picture,
    );
    const { width, height } = picture;
    return resample(picture, {
      box: { left: 0, top: 0, width, height },
      size,
      window: { left: 0, top: 0, ...size },
      interpolation,
    });
  }
  function readStored(stored: StoredPicture): Picture | null {
    const { width, height, channels, path, position } = stored;
    const length = width * height * channels;
    memory.clear();
    const isSmall = length <= ROOM_BYTES / 4;
    if (isSmall && stored.crc32 === null) return readAsUsed(stored, memory.reserve(length));
    const pixels = isSmall ? memory.bytes(memory.reserve(length), length) : new Uint8Array(length);
    if (!read(path, pixels, position)) return null;
    if (stored.crc32 !== null && crc32(pixels) !== stored.crc32) return null;
    return { width, height, channels, pixels };
  }
  /** Of a part, only the rows that it is made of are read. */
  function readAsUsed(stored: StoredPicture, at: number): ArrivingPicture {
    const { width, height, channels, path, position } = stored;
    const rowBytes = width * channels;
    const bringRows = (top: number, count: number) => {
      const rows = memory.bytes(at + top * rowBytes, count * rowBytes);
      if (!read(path, rows, position + top * rowBytes)) throw new UnreadRows();
      return at;
    };
    return {
      width,
      height,
      channels,
      get pixels() {
        bringRows(0, height);
        return memory.bytes(at, height * rowBytes);
      },
      bringRows,
    };
  }
  return async (picture) => {
    switch (picture.kind) {
      case 'jpeg':
        return readJpeg(picture);
      case 'stored':
        return readStored(picture);
      default:
        return picture satisfies never;
    }
  };
}
