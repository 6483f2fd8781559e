import {
  AlexNetError,
  formatShape,
  isAlexNetError,
  type Preprocessing,
  sizeOf,
} from '@alexnet/core';
import { createPreprocessor, type Picture, preprocessedShape } from '@alexnet/data';
import pLimit from 'p-limit';
import { inferPictureShape } from './metadata.ts';
import type { Session } from './session.ts';

/** Pictures decoded at a time: as many as Node's pool has threads; more would only fill the memory. */
const DECODERS = 4;
/** Chunks in memory at a time: one that runs, one that is being decoded. */
const CHUNKS = 2;

export interface BatchRunnerOptions<Source> {
  readonly session: Session;
  readonly classes: number;
  readonly preprocessing: Preprocessing;
  readonly decode: (source: Source) => Promise<Picture>;
}

type PictureShape = ReturnType<typeof inferPictureShape>;

interface Chunk<Source> {
  readonly sources: readonly Source[];
  /** Index of the first of them in the call. */
  readonly first: number;
  /** Pictures in the call. */
  readonly total: number;
}

/** Takes pictures through decoding, preprocessing and the model, chunk by chunk. */
export interface BatchRunner<Source> {
  /** One row [classes] for each picture, in their order. */
  run(pictures: readonly Source[], batchSize: number): Promise<Float32Array[]>;
}

/**
 * Decodes one chunk while another one runs, over all calls together: memory stays at two chunks however
 * many calls there are, and the session never runs twice at a time.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` if the session's input is not one of pictures
 */
export function createBatchRunner<Source>({
  session,
  classes,
  preprocessing,
  decode,
}: BatchRunnerOptions<Source>): BatchRunner<Source> {
  const shape = inferPictureShape(session.info.input, 'The model');
  const size = sizeOf(shape);
  const filler = createFiller({ decode, preprocessing, shape });
  const [fixedBatch] = session.info.input.shape;
  const chunks = pLimit(CHUNKS);
  const turns = pLimit(1);
  const spare: Float32Array[] = [];

  const runChunk = (chunk: Chunk<Source>): Promise<Float32Array[]> =>
    chunks(async () => {
      const count = chunk.sources.length;
      const rows = typeof fixedBatch === 'number' ? fixedBatch : count;
      const buffer = takeBuffer(spare, rows * size);
      const input = buffer.subarray(0, rows * size);
      await filler.fill(chunk, input);
      input.fill(0, count * size);
      const output = await turns(() => session.run(input, rows));
      if (spare.length < CHUNKS) spare.push(buffer);
      return splitRows(output, { rows, count, classes, first: chunk.first });
    });
  return {
    run(pictures, batchSize) {
      const step = typeof fixedBatch === 'number' ? fixedBatch : batchSize;
      const total = pictures.length;
      const list = Array.from({ length: Math.ceil(total / step) }, (_, index) => {
        const first = index * step;
        return { sources: pictures.slice(first, first + step), first, total };
      });
      return runAhead(list, runChunk);
    },
  };
}

/** Starts each chunk when the one before it is under way, and gathers the rows in order. */
async function runAhead<Source>(
  chunks: readonly Chunk<Source>[],
  runChunk: (chunk: Chunk<Source>) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  const results: Float32Array[][] = [];
  let current: Promise<Float32Array[]> | undefined;
  for (const chunk of chunks) {
    const next = runChunk(chunk);
    const settled = Promise.allSettled([next]);
    try {
      if (current) results.push(await current);
    } catch (error) {
      // A call that has failed leaves nothing running behind: the model may be freed after it.
      await settled;
      throw error;
    }
    current = next;
  }
  if (current) results.push(await current);
  return results.flat();
}

/** Writes the pictures of a chunk into the input of a run. */
interface Filler<Source> {
  fill(chunk: Chunk<Source>, input: Float32Array): Promise<void>;
}

function createFiller<Source>({
  decode,
  preprocessing,
  shape,
}: Pick<BatchRunnerOptions<Source>, 'decode' | 'preprocessing'> & {
  readonly shape: PictureShape;
}): Filler<Source> {
  const preprocessor = createPreprocessor(preprocessing);
  const size = sizeOf(shape);
  return {
    async fill({ sources, first, total }, input) {
      const decoders = pLimit(DECODERS);
      const write = async (source: Source, index: number): Promise<void> => {
        const picture = await decode(source);
        checkShape(preprocessing, picture, shape);
        preprocessor.write(picture, input, { offset: index * size });
      };
      const writes = await Promise.allSettled(
        sources.map((source, index) => decoders(() => write(source, index))),
      );
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

function takeBuffer(spare: Float32Array[], length: number): Float32Array {
  const index = spare.findIndex((buffer) => buffer.length >= length);
  const [found] = index < 0 ? [] : spare.splice(index, 1);
  if (!found) spare.length = 0;
  return found ?? new Float32Array(length);
}

function splitRows(
  output: Float32Array,
  expected: { rows: number; count: number; classes: number; first: number },
): Float32Array[] {
  const { rows, count, classes, first } = expected;
  if (output.length !== rows * classes) {
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `The model gave ${output.length / rows} values per picture, but there are ${classes} labels.`,
      hint: 'Give one label for each class.',
      path: ['labels'],
    });
  }
  return Array.from({ length: count }, (_, index) => {
    const row = output.slice(index * classes, (index + 1) * classes);
    const bad = row.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) return row;
    throw new AlexNetError('NUMERIC', {
      message: `The model gave ${row[bad]} for class ${bad} of picture ${first + index} (counted from 0).`,
      hint: 'Its weights are broken, or its training diverged: try an earlier checkpoint.',
    });
  });
}
