import { AlexNetError, type Resize } from '@alexnet/core';
import type { Picture } from '../picture/picture.ts';
import { copyToShared } from '../picture/shared-picture.ts';
import { resizePicture } from '../resize/resize.ts';
import type { Dataset } from './dataset.ts';
import type { DeferredPicture } from './deferred-picture.ts';

export interface CacheOptions {
  /**
   * Pictures with a longer short side are kept at this one, in pixels (bilinear, antialiased): give the
   * `size` of a preprocessing that resizes so, and inputs stay the same bit for bit. Kept as they are
   * unless given.
   */
  readonly shortSide?: number;
  /** Pixels kept in memory at most. What does not fit is decoded every time. */
  readonly limitBytes: number;
}

/**
 * The same data set with its pictures decoded once and kept in memory.
 *
 * A picture has the same pixels whether it was kept or not.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if the limit is not a number from 0 on
 */
export function cachePictures(dataset: Dataset, { shortSide, limitBytes }: CacheOptions): Dataset {
  if (!(limitBytes >= 0)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The limit of a cache is a number of bytes from 0 on, not ${limitBytes}.`,
      hint: 'Half a gigabyte is 2 ** 29.',
    });
  }
  const kept = new Map<number, Promise<Picture>>();
  let sizeBytes = 0;
  let isFull = false;

  function readPicture(index: number): Promise<Picture> {
    return kept.get(index) ?? keep(index, dataset.readPicture(index));
  }

  /** @returns whether there is room for it */
  function takeRoom({ pixels }: Picture): boolean {
    if (sizeBytes + pixels.length > limitBytes) {
      isFull = true;
      return false;
    }
    sizeBytes += pixels.length;
    return true;
  }

  /** Kept while it is being read, so that two who ask at once cause one decoding. */
  function keep(index: number, read: Promise<Picture>): Promise<Picture> {
    const reading = read.then(
      (whole) => {
        const picture = shortSide === undefined ? whole : shrink(whole, shortSide);
        if (takeRoom(picture)) return share(picture);
        kept.delete(index);
        return picture;
      },
      (error: unknown) => {
        kept.delete(index);
        throw error;
      },
    );
    kept.set(index, reading);
    return reading;
  }

  /** What is not kept is left to whoever can decode it where it is rendered; what comes of it is kept. */
  async function deferPicture(index: number): Promise<Picture | DeferredPicture> {
    if (kept.has(index) || !dataset.deferPicture) return readPicture(index);
    const picture = await dataset.deferPicture(index);
    if (!('kind' in picture)) return kept.get(index) ?? keep(index, Promise.resolve(picture));
    const wantsPixels = !isFull;
    if (shortSide === undefined) return { ...picture, wantsPixels };
    if (picture.kind === 'jpeg') return { ...picture, shortSide, wantsPixels };
    const isSmall = Math.min(picture.width, picture.height) <= shortSide;
    return isSmall ? { ...picture, wantsPixels } : readPicture(index);
  }

  function confirmPicture(index: number, picture?: Picture): void {
    dataset.confirmPicture?.(index);
    if (picture && !kept.has(index) && takeRoom(picture)) kept.set(index, Promise.resolve(picture));
  }

  const readFile = dataset.readFile?.bind(dataset);
  return {
    name: dataset.name,
    labels: dataset.labels,
    length: dataset.length,
    ...(dataset.channels && { channels: dataset.channels }),
    ...(shortSide === undefined && dataset.pictureSize && { pictureSize: dataset.pictureSize }),
    ...(dataset.shrinkOnLoad && { shrinkOnLoad: dataset.shrinkOnLoad }),
    labelOf: (index) => dataset.labelOf(index),
    nameOf: (index) => dataset.nameOf(index),
    keyOf: (index) => dataset.keyOf(index),
    readPicture,
    ...(dataset.deferPicture && { deferPicture }),
    confirmPicture,
    ...(readFile && { readFile }),
  };
}

function shrink(picture: Picture, shortSide: number): Picture {
  if (Math.min(picture.width, picture.height) <= shortSide) return picture;
  return resizePicture(picture, toShortSide(shortSide));
}

function toShortSide(size: number): Resize {
  return { mode: 'short-side', size, filter: 'bilinear', antialias: true };
}

/** The same picture in memory that threads need no copy of, where the engine has such. */
function share(picture: Picture): Picture {
  if (typeof SharedArrayBuffer === 'undefined') return picture;
  return picture.pixels.buffer instanceof SharedArrayBuffer ? picture : copyToShared(picture);
}
