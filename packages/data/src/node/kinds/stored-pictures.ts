import type { Dataset } from '../../dataset/dataset.ts';
import type { EncodedPicture } from '../../dataset/deferred-picture.ts';
import type { PictureLimits } from '../../picture/picture-limits.ts';
import { decodeBytes, readPictureFile } from '../decode-picture.ts';
import type { FileStore } from '../stores/file-store.ts';

/** Pictures that lie in a store, each a file of its own. */
export interface StoredPictures {
  readonly name: string;
  readonly store: FileStore;
  readonly labels: readonly string[];
  readonly length: number;
  readonly limits: Partial<PictureLimits> | undefined;
  /** In the store. */
  pathOf(index: number): string;
  labelOf(index: number): number;
}

/** A data set of them: the files' names are held in memory, the pictures are read when asked for. */
export function createStoredDataset(pictures: StoredPictures): Dataset {
  const { name, store, labels, length, limits } = pictures;
  const readFile = async (index: number) =>
    readPictureFile(await store.find(pictures.pathOf(index)), limits);
  const decode = (bytes: Uint8Array, index: number) =>
    decodeBytes(bytes, {
      ...(limits && { limits }),
      name: store.nameOf(pictures.pathOf(index)),
    });
  return {
    name,
    labels,
    length,
    labelOf: (index) => pictures.labelOf(index),
    nameOf: (index) => store.nameOf(pictures.pathOf(index)),
    // Without the root: a data set that was moved is split as before.
    keyOf: (index) => pictures.pathOf(index),
    readFile,
    readPicture: async (index) => decode(await readFile(index), index),
    deferPicture: async (index) => {
      const path = pictures.pathOf(index);
      const place = store.placeOf?.(path);
      if (place && JPEG_NAME.test(place)) return deferJpeg(place, limits);
      const bytes = await readFile(index);
      return isJpeg(bytes) ? deferJpeg(bytes, limits) : decode(bytes, index);
    },
  };
}

/** A file that is read somewhere else is taken for what its name says. */
const JPEG_NAME = /\.jpe?g$/i;

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

function deferJpeg(file: Uint8Array | string, limits: Partial<PictureLimits> = {}): EncodedPicture {
  return { kind: 'jpeg', file, limits, shortSide: null };
}
