import { AlexNetError, formatShape, type Preprocessing, sizeOf, type Tensor } from '@alexnet/core';
import type { Picture } from '@alexnet/data';
import pLimit from 'p-limit';
import type { BatchOptions, Crops } from './classifier.ts';
import { type Chunk, createInputWriter } from './input-writer.ts';
import { inferPictureShape } from './metadata.ts';
import { outputOf, type Session } from './session.ts';

/** Chunks in memory at a time: one that runs, one that is being decoded. */
const CHUNKS = 2;

export interface BatchRunnerOptions<Source> {
  readonly session: Session;
  readonly preprocessing: Preprocessing;
  readonly decode: (source: Source) => Promise<Picture>;
}

export interface BatchCall<Result> extends BatchOptions<Result> {
  /** Inputs per run. */
  readonly batchSize: number;
  readonly crops: Crops;
  /** Name of the output that is wanted. */
  readonly output: string;
  /**
   * Makes a picture's result of its part of the output.
   *
   * Shape: [crops, …] → result
   *
   * @param index - of the picture in the call
   */
  readonly finish: (tensor: Tensor, index: number) => Result;
}

/** Takes pictures through decoding, preprocessing and the model, chunk by chunk. */
export interface BatchRunner<Source> {
  /** One result for each picture, in their order. */
  run<Result>(pictures: readonly Source[], call: BatchCall<Result>): Promise<Result[]>;
}

/**
 * Decodes one chunk while another one runs, over all calls together: memory stays at two chunks however
 * many calls there are, and the session never runs twice at a time.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` if the session's input is not one of pictures
 */
export function createBatchRunner<Source>({
  session,
  preprocessing,
  decode,
}: BatchRunnerOptions<Source>): BatchRunner<Source> {
  const shape = inferPictureShape(session.info.input, 'The model');
  const size = sizeOf(shape);
  const writer = createInputWriter({ decode, preprocessing, shape });
  const [batch] = session.info.input.shape;
  const fixedBatch = typeof batch === 'number' ? batch : null;
  const chunks = pLimit(CHUNKS);
  const turns = pLimit(1);
  const buffers = createBufferPool(CHUNKS);

  const runChunk = (chunk: Chunk<Source>, output: string): Promise<Tensor[]> =>
    chunks(async () => {
      chunk.signal?.throwIfAborted();
      const count = chunk.sources.length * chunk.crops;
      const rows = fixedBatch === null ? count : Math.ceil(count / fixedBatch) * fixedBatch;
      const buffer = buffers.take(rows * size);
      const input = buffer.subarray(0, rows * size);
      await writer.write(chunk, input);
      input.fill(0, count * size);
      const tensors: Tensor[] = [];
      const step = fixedBatch ?? rows;
      for (let row = 0; row < rows; row += step) {
        const part = input.subarray(row * size, (row + step) * size);
        const results = await turns(() => {
          chunk.signal?.throwIfAborted();
          return session.run(part, step, [output]);
        });
        tensors.push(checkBatchAxis(outputOf(results, output), step, output));
      }
      buffers.giveBack(buffer);
      return splitByPicture(tensors, chunk);
    });
  return {
    run(pictures, { batchSize, crops, output, finish, signal, onResults }) {
      const step = Math.max(1, Math.floor((fixedBatch ?? batchSize) / crops));
      const total = pictures.length;
      const list = Array.from({ length: Math.ceil(total / step) }, (_, index) => {
        const first = index * step;
        const sources = pictures.slice(first, first + step);
        return { sources, first, total, crops, ...(signal ? { signal } : {}) };
      });
      return runAhead(list, async (chunk) => {
        const tensors = await runChunk(chunk, output);
        const results = tensors.map((tensor, index) => finish(tensor, chunk.first + index));
        return { results, announce: () => onResults?.(results, chunk.first) };
      });
    },
  };
}

interface ChunkResults<Result> {
  readonly results: readonly Result[];
  announce(): void;
}

/** Starts each chunk when the one before it is under way, and gathers the results in order. */
async function runAhead<Source, Result>(
  chunks: readonly Chunk<Source>[],
  runChunk: (chunk: Chunk<Source>) => Promise<ChunkResults<Result>>,
): Promise<Result[]> {
  const gathered: Result[] = [];
  const gather = async (chunk: Promise<ChunkResults<Result>>): Promise<void> => {
    const { results, announce } = await chunk;
    for (const result of results) gathered.push(result);
    announce();
  };
  let current: Promise<ChunkResults<Result>> | undefined;
  for (const chunk of chunks) {
    const next = runChunk(chunk);
    const settled = Promise.allSettled([next]);
    try {
      if (current) await gather(current);
    } catch (error) {
      // A call that has failed leaves nothing running behind: the model may be freed after it.
      await settled;
      throw error;
    }
    current = next;
  }
  if (current) await gather(current);
  return gathered;
}

function checkBatchAxis(tensor: Tensor, rows: number, output: string): Tensor {
  if (tensor.shape[0] === rows) return tensor;
  throw new AlexNetError('UNSUPPORTED', {
    message: `"${output}" is ${formatShape(tensor.shape)} for ${rows} inputs: it has no row for each.`,
    hint: 'Ask for a layer whose first axis is the batch.',
    path: [output],
  });
}

/**
 * Each picture's own part, copied: the whole may be large, and belong to the runtime.
 *
 * Shape: tensors [rows, …] of one chunk → [crops, …] for each picture
 */
function splitByPicture<Source>(
  tensors: readonly Tensor[],
  { sources, crops }: Chunk<Source>,
): Tensor[] {
  const [first] = tensors;
  if (first === undefined) return [];
  const [rows = 1, ...rest] = first.shape;
  const size = sizeOf(rest);
  return sources.map((_, picture) => {
    const data = new Float32Array(crops * size);
    for (let crop = 0; crop < crops; crop++) {
      const row = picture * crops + crop;
      const from = (row % rows) * size;
      const part = tensors[Math.floor(row / rows)]?.data.subarray(from, from + size) ?? [];
      data.set(part, crop * size);
    }
    return { shape: [crops, ...rest], data };
  });
}

interface BufferPool {
  /** A buffer of at least this length, with anything in it. */
  take(length: number): Float32Array;
  giveBack(buffer: Float32Array): void;
}

/** Keeps the inputs of past runs for those to come; a larger size puts the smaller ones out of use. */
function createBufferPool(capacity: number): BufferPool {
  const spare: Float32Array[] = [];
  return {
    take(length) {
      const index = spare.findIndex((buffer) => buffer.length >= length);
      const [found] = index < 0 ? [] : spare.splice(index, 1);
      if (!found) spare.length = 0;
      return found ?? new Float32Array(length);
    },
    giveBack(buffer) {
      if (spare.length < capacity) spare.push(buffer);
    },
  };
}
