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
import { createFileReader, readSmallFile } from './file-reader.ts';

/** The picture's pixels, which the next call overwrites; `null` where it cannot be had. */
export type DeferredReader = (picture: DeferredPicture) => Promise<Picture | null>;

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
  function readStored({ width, height, channels, path, position, ...stored }: StoredPicture) {
    const length = width * height * channels;
    memory.clear();
    const pixels =
      length <= ROOM_BYTES / 4
        ? memory.bytes(memory.reserve(length), length)
        : new Uint8Array(length);
    if (!read(path, pixels, position)) return null;
    if (stored.crc32 !== null && crc32(pixels) !== stored.crc32) return null;
    return { width, height, channels, pixels };
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
