import { Worker } from 'node:worker_threads';
import { AlexNetError, fromErrorMessage, invariant } from '@alexnet/core';
import type {
  BatchRendering,
  BatchSettings,
  RenderedRows,
  RenderJob,
} from '../../batches/picture-renderer.ts';
import type { Picture } from '../../picture/picture.ts';
import type { RenderReply, RenderRequest } from './render-protocol.ts';

/** Jobs of one message: crossing costs as much as a small picture. */
const JOBS_OF_MESSAGE = 8;

interface Waiting {
  resolve(reply: RenderReply): void;
  reject(error: unknown): void;
}

interface WaitingJob {
  readonly job: RenderJob;
  resolve(had: boolean | Picture): void;
  reject(error: unknown): void;
}

/** A thread of render-thread.ts, seen from here. */
export class RenderThread {
  readonly #worker: Worker;
  /** In the order of the requests, as are the replies. */
  readonly #waiting: Waiting[] = [];
  readonly #batches = new Set<number>();
  #lastBatch = 0;
  #failure: unknown;

  constructor(onFailure: (error: unknown) => void) {
    this.#worker = new Worker(new URL('./render-thread.js', import.meta.url));
    this.#worker.on('message', (reply: RenderReply) => this.#receive(reply));
    this.#worker.on('error', onFailure);
    this.#worker.on('exit', () => onFailure(threadGone()));
    // An idle thread keeps no process alive; one at work does.
    this.#worker.unref();
  }

  /** Batches that are being rendered. */
  get openBatches(): number {
    return this.#batches.size;
  }

  openBatch(settings: BatchSettings): BatchRendering {
    this.#lastBatch += 1;
    const batch = this.#lastBatch;
    this.#batches.add(batch);
    this.#worker.postMessage({ kind: 'open', batch, settings } satisfies RenderRequest);
    const jobs: WaitingJob[] = [];
    return {
      render: (job) =>
        new Promise((resolve, reject) => {
          jobs.push({ job, resolve, reject });
          // What comes in the same turn of the event loop shares a message.
          if (jobs.length === 1) setImmediate(() => this.#render(batch, jobs.splice(0)));
        }),
      take: () => this.#take(batch),
    };
  }

  fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #render(batch: number, waiting: readonly WaitingJob[]): void {
    for (let first = 0; first < waiting.length; first += JOBS_OF_MESSAGE) {
      const some = waiting.slice(first, first + JOBS_OF_MESSAGE);
      this.#ask({ kind: 'render', batch, jobs: some.map(({ job }) => withOwnBytes(job)) })
        .then((reply) => {
          invariant(reply.kind === 'rendered', `pictures were asked for, not "${reply.kind}"`);
          for (const [index, { resolve, reject }] of some.entries()) {
            const outcome = reply.outcomes[index];
            invariant(outcome !== undefined, `picture ${index} of ${some.length} has no outcome`);
            if (typeof outcome === 'boolean' || 'pixels' in outcome) resolve(outcome);
            else reject(fromErrorMessage(outcome));
          }
        })
        .catch((error: unknown) => {
          for (const { reject } of some) reject(error);
        });
    }
  }

  async #take(batch: number): Promise<RenderedRows> {
    const reply = await this.#ask({ kind: 'take', batch }).finally(() =>
      this.#batches.delete(batch),
    );
    invariant(reply.kind === 'taken', `a batch was asked for, not "${reply.kind}"`);
    const { images } = reply;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      this.#worker.postMessage({ kind: 'free', batch } satisfies RenderRequest);
    };
    return {
      images,
      release,
      keep: () => {
        const kept = images.slice();
        release();
        return kept;
      },
    };
  }

  #ask(request: RenderRequest): Promise<RenderReply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage(request);
    });
  }

  #receive(reply: RenderReply): void {
    this.#waiting.shift()?.resolve(reply);
    if (this.#waiting.length === 0) this.#worker.unref();
  }
}

/** With a part of a buffer its whole buffer crosses: of pictures that lie in one file, all of them. */
function withOwnBytes(job: RenderJob): RenderJob {
  const { picture } = job;
  if (!('kind' in picture)) {
    return { ...job, picture: { ...picture, pixels: ownBytes(picture.pixels) } };
  }
  if (picture.kind === 'stored' || typeof picture.file === 'string') return job;
  return { ...job, picture: { ...picture, file: ownBytes(picture.file) } };
}

function ownBytes(bytes: Uint8Array): Uint8Array {
  const isShared = bytes.buffer instanceof SharedArrayBuffer;
  return isShared || bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

function threadGone(): AlexNetError {
  return new AlexNetError('INTERNAL', {
    message: 'A thread that renders pictures ended before it was told to.',
    hint: 'It may have run out of memory: try a smaller batch, or smaller pictures.',
  });
}
