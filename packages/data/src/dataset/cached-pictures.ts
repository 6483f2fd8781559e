import { AlexNetError, type Resize } from '@alexnet/core';
import type { Picture } from '../picture/picture.ts';
import { resizePicture } from '../resize/resize.ts';
import type { Dataset } from './dataset.ts';

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

  async function read(index: number): Promise<Picture> {
    const picture = await dataset.readPicture(index);
    return shortSide === undefined ? picture : shrink(picture, shortSide);
  }

  function readPicture(index: number): Promise<Picture> {
    const known = kept.get(index);
    if (known !== undefined) return known;
    // Kept while it is being read, so that two who ask at once cause one decoding.
    const reading = read(index).then(
      (picture) => {
        if (sizeBytes + picture.pixels.length <= limitBytes) sizeBytes += picture.pixels.length;
        else kept.delete(index);
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

  const readFile = dataset.readFile?.bind(dataset);
  return {
    name: dataset.name,
    labels: dataset.labels,
    length: dataset.length,
    ...(dataset.channels && { channels: dataset.channels }),
    ...(shortSide === undefined && dataset.pictureSize && { pictureSize: dataset.pictureSize }),
    labelOf: (index) => dataset.labelOf(index),
    nameOf: (index) => dataset.nameOf(index),
    keyOf: (index) => dataset.keyOf(index),
    readPicture,
    ...(readFile && { readFile }),
  };
}

function shrink(picture: Picture, shortSide: number): Picture {
  if (Math.min(picture.width, picture.height) <= shortSide) return picture;
  const resize: Resize = {
    mode: 'short-side',
    size: shortSide,
    filter: 'bilinear',
    antialias: true,
  };
  return resizePicture(picture, resize);
}
