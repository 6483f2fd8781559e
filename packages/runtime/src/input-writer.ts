import {
  AlexNetError,
  formatShape,
  isAlexNetError,
  type Preprocessing,
  sizeOf,
} from '@alexnet/core';
import { createPreprocessor, type Picture, preprocessedShape, writeTenCrops } from '@alexnet/data';
import pLimit from 'p-limit';
import type { Crops } from './classifier.ts';
import type { inferPictureShape } from './metadata.ts';

/** Pictures decoded at a time: as many as Node's pool has threads; more would only fill the memory. */
const DECODERS = 4;

type PictureShape = ReturnType<typeof inferPictureShape>;

/** Part of a call's pictures. */
export interface Chunk<Source> {
  readonly sources: readonly Source[];
  /** Index of the first of them in the call. */
  readonly first: number;
  /** Pictures in the call. */
  readonly total: number;
  readonly crops: Crops;
  readonly signal?: AbortSignal;
}

/** Writes the pictures of a chunk into the input of a run. */
export interface InputWriter<Source> {
  /** Shape: pictures → input [pictures · crops, C, H, W] */
  write(chunk: Chunk<Source>, input: Float32Array): Promise<void>;
}

export interface InputWriterOptions<Source> {
  readonly decode: (source: Source) => Promise<Picture>;
  readonly preprocessing: Preprocessing;
  /** Of one input. */
  readonly shape: PictureShape;
}

export function createInputWriter<Source>({
  decode,
  preprocessing,
  shape,
}: InputWriterOptions<Source>): InputWriter<Source> {
  const preprocessor = createPreprocessor(preprocessing);
  const size = sizeOf(shape);
  return {
    async write({ sources, first, total, crops, signal }, input) {
      const decoders = pLimit(DECODERS);
      const write = async (source: Source, index: number): Promise<void> => {
        signal?.throwIfAborted();
        const picture = await decode(source);
        signal?.throwIfAborted();
        const offset = index * crops * size;
        checkShape(preprocessing, picture, shape);
        if (crops === 1) preprocessor.write(picture, input, { offset });
        else writeTenCrops(picture, preprocessor, { out: input, offset });
      };
      const writes = await Promise.allSettled(
        sources.map((source, index) => decoders(() => write(source, index))),
      );
      signal?.throwIfAborted();
      const failed = writes.findIndex(({ status }) => status === 'rejected');
      const failure = writes[failed];
      if (failure?.status !== 'rejected') return;
      throw total === 1 ? failure.reason : placeError(failure.reason, first + failed);
    },
  };
}

function checkShape(preprocessing: Preprocessing, picture: Picture, expected: PictureShape): void {
  const made = preprocessedShape(preprocessing, picture);
  if (made.every((length, axis) => length === expected[axis])) return;
  throw new AlexNetError('SHAPE_MISMATCH', {
    message: `A picture of ${picture.width} × ${picture.height} becomes an input of ${formatShape(made)}, but the model takes ${formatShape(expected)}.`,
    hint: `Give the preprocessing "crop": { height: ${expected[1]}, width: ${expected[2]} }.`,
    path: ['preprocessing.crop'],
  });
}

/** Says which picture of several it was. */
function placeError(reason: unknown, index: number): unknown {
  if (!isAlexNetError(reason)) return reason;
  return new AlexNetError(reason.code, {
    message: `Picture ${index} (counted from 0): ${reason.message}`,
    ...(reason.hint === undefined ? {} : { hint: reason.hint }),
    path: [...reason.path, `pictures[${index}]`],
    cause: reason,
  });
}
