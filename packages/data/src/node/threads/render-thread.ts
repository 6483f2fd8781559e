import { parentPort } from 'node:worker_threads';
import { invariant, toErrorMessage } from '@alexnet/core';
import {
  type BatchSettings,
  createRowWriters,
  type RenderJob,
  type RowWriter,
} from '../../batches/picture-renderer.ts';
import { copyToShared } from '../../picture/shared-picture.ts';
import { createKernelMemory } from '../simd/kernel-memory.ts';
import { createSimdKernels, createSimdResample } from '../simd/simd-kernels.ts';
import { createDeferredReader, UnreadRows } from './deferred-reader.ts';
import type { RenderOutcome, RenderReply, RenderRequest } from './render-protocol.ts';

// A thread that reads, decodes and renders pictures. See render-threads.ts for the other side.
const port = parentPort;
invariant(port, 'render-thread.ts runs as a worker thread only.');

interface OpenBatch {
  readonly images: Float32Array;
  readonly rowSize: number;
  readonly writeRow: RowWriter;
}

const batches = new Map<number, OpenBatch>();
const memory = createKernelMemory();
const resample = createSimdResample(memory);
const createRowWriter = createRowWriters((preprocessing) =>
  createSimdKernels(preprocessing, { memory, resample }),
);
const readDeferred = createDeferredReader({ resample, memory });
let last: Promise<void> = Promise.resolve();
port.on('message', (request: RenderRequest) => {
  last = last.then(() => answer(request));
});

async function answer(request: RenderRequest): Promise<void> {
  if (request.kind === 'open') {
    const { batch, settings } = request;
    const { rowSize } = settings;
    const writeRow = createRowWriter(settings);
    batches.set(batch, { images: allocate(settings), rowSize, writeRow });
    return;
  }
  const batch = batches.get(request.batch);
  invariant(batch, `there is no batch ${request.batch}`);
  switch (request.kind) {
    case 'render': {
      const outcomes: RenderOutcome[] = [];
      for (const job of request.jobs) outcomes.push(await render(job, batch));
      send({ kind: 'rendered', outcomes });
      break;
    }
    case 'take':
      send({ kind: 'taken', images: batch.images });
      break;
    case 'free':
      batches.delete(request.batch);
      if (memory.find(batch.images) !== null) memory.free(batch.images);
      break;
    default:
      request satisfies never;
  }
}

/** Where the kernels can write to, as long as there is room. */
function allocate({ rows, rowSize }: BatchSettings): Float32Array {
  const length = rows * rowSize;
  return (
    memory.allocate(length) ??
    new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT))
  );
}

async function render(
  { picture, index, row }: RenderJob,
  { images, rowSize, writeRow }: OpenBatch,
): Promise<RenderOutcome> {
  try {
    const isDeferred = 'kind' in picture;
    const read = isDeferred ? await readDeferred(picture) : picture;
    if (read === null) return false;
    // Before the kernels write where it may lie.
    const wanted = isDeferred && picture.wantsPixels ? copyToShared(read) : null;
    writeRow(read, images.subarray(row * rowSize, (row + 1) * rowSize), index);
    return wanted ?? true;
  } catch (error) {
    if (error instanceof UnreadRows) return false;
    return toErrorMessage(error);
  }
}

function send(reply: RenderReply): void {
  port?.postMessage(reply);
}
