import type { Dataset } from '../../dataset/dataset.ts';
import type { EncodedPicture } from '../../dataset/deferred-picture.ts';
import { decodeBytes, readPictureFile } from '../decode-picture.ts';
import type { OpenDatasetOptions } from '../open-dataset-options.ts';
import type { FileStore } from '../stores/file-store.ts';

/** Pictures that lie in a store, each a file of its own. */
export interface StoredPictures {
  readonly name: string;
  readonly store: FileStore;
  readonly labels: readonly string[];
  readonly length: number;
  readonly decoding: Pick<OpenDatasetOptions, 'limits' | 'shrinkOnLoad'>;
  /** In the store. */
  pathOf(index: number): string;
  labelOf(index: number): number;
}

/** A data set of them: the files' names are held in memory, the pictures are read when asked for. */
export function createStoredDataset(pictures: StoredPictures): Dataset {
  const { name, store, labels, length } = pictures;
  const { limits, shrinkOnLoad } = pictures.decoding;
  const readFile = async (index: number) =>
    readPictureFile(await store.find(pictures.pathOf(index)), limits);
  const decode = (bytes: Uint8Array, index: number) =>
    decodeBytes(bytes, {
      ...(limits && { limits }),
      ...(shrinkOnLoad && { shrinkOnLoad }),
      name: store.nameOf(pictures.pathOf(index)),
    });
  const defer = (file: Uint8Array | string): EncodedPicture => ({
    kind: 'jpeg',
    file,
    limits: limits ?? {},
    shortSide: null,
    ...(shrinkOnLoad && { shrinkOnLoad }),
  });
  return {
    name,
    labels,
    length,
    ...(shrinkOnLoad && { shrinkOnLoad }),
    labelOf: (index) => pictures.labelOf(index),
    nameOf: (index) => store.nameOf(pictures.pathOf(index)),
    // Without the root: a data set that was moved is split as before.
    keyOf: (index) => pictures.pathOf(index),
    readFile,
    readPicture: async (index) => decode(await readFile(index), index),
    deferPicture: async (index) => {
      const path = pictures.pathOf(index);
      const place = store.placeOf?.(path);
      if (place && JPEG_NAME.test(place)) return defer(place);
      const bytes = await readFile(index);
      return isJpeg(bytes) ? defer(bytes) : decode(bytes, index);
    },
  };
}

/** A file that is read somewhere else is taken for what its name says. */
const JPEG_NAME = /\.jpe?g$/i;

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}
