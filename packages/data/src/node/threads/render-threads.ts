import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { AlexNetError, fromErrorMessage } from '@alexnet/core';
import type { PictureRenderer, RenderJob } from '../../batches/picture-renderer.ts';
import type { RenderReply } from './render-protocol.ts';

/** Renders in threads of its own; ends them when it is disposed of. */
export interface RenderThreads extends PictureRenderer {
  readonly threads: number;
  /** What is being rendered fails with `ABORTED`. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RenderThreadsOptions {
  /** One less than the machine's cores unless given, and at least one: this thread decodes. */
  readonly threads?: number;
}

/** Jobs of one message: crossing costs as much as a small picture. */
const JOBS_OF_MESSAGE = 8;
/** Pictures asked for per thread: one message at work, one waiting. */
const MESSAGES_OF_THREAD = 2;
/** As many as batches are made ready at a time, and not more memory. */
const MOST_SPARES = 3;

/**
 * Threads that resize, augment and normalise pictures while this one reads and decodes them. Whatever their
 * number, the inputs are the same to the last bit.
 *
 * Threads write into shared memory, which is copied once for each batch. Decoded pictures are copied to a
 * thread, unless their pixels lie in shared memory too, as those of prepared shards do.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if the number of threads is none
 * @example
 * const renderer = createRenderThreads({ threads: 2 });
 * for await (const batch of readBatches(dataset, { ...options, renderer })) console.log(batch.count); // 128
 * await renderer.dispose();
 */
export function createRenderThreads({ threads }: RenderThreadsOptions = {}): RenderThreads {
  const count = threads ?? Math.max(1, availableParallelism() - 1);
  if (!Number.isInteger(count) || count < 1) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"threads" is a whole number from 1 on, not ${count}.`,
      hint: 'Leave "renderer" out to render without threads.',
    });
  }
  return new ThreadPool(count);
}

interface WaitingJob {
  readonly job: RenderJob;
  resolve(): void;
  reject(error: unknown): void;
}

class ThreadPool implements RenderThreads {
  readonly threads: number;
  readonly parallel: number;
  readonly #threads: readonly RenderThread[];
  readonly #waiting: WaitingJob[] = [];
  /** Arrays to be used again: fresh memory costs a fault for each of its pages. */
  readonly #spares: Float32Array[] = [];
  #isFlushDue = false;
  #failure: unknown;

  constructor(count: number) {
    this.threads = count;
    this.parallel = count * JOBS_OF_MESSAGE * MESSAGES_OF_THREAD;
    this.#threads = Array.from(
      { length: count },
      () =>
        new RenderThread({
          onIdle: () => this.#flush(),
          onFailure: (error) => this.#fail(error),
        }),
    );
  }

  allocate(length: number): Float32Array {
    const spare = this.#spares.findIndex((array) => array.length === length);
    const [array] = spare < 0 ? [] : this.#spares.splice(spare, 1);
    return (
      array ?? new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT))
    );
  }

  take(allocated: Float32Array): Float32Array {
    this.#spares.push(allocated);
    this.#spares.splice(0, Math.max(0, this.#spares.length - MOST_SPARES));
    // onnxruntime does not take shared memory.
    return allocated.slice();
  }

  render(job: RenderJob): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      if (this.#isFlushDue) return;
      this.#isFlushDue = true;
      // What is decoded in the same turn of the event loop shares a message.
      setImmediate(() => {
        this.#isFlushDue = false;
        this.#flush();
      });
    });
  }

  async dispose(): Promise<void> {
    this.#fail(
      new AlexNetError('ABORTED', { message: 'The threads that render pictures were ended.' }),
    );
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** Gives waiting jobs to idle threads, about as many to each. */
  #flush(): void {
    const idle = this.#threads.filter((thread) => thread.isIdle);
    for (const [index, thread] of idle.entries()) {
      const share = Math.ceil(this.#waiting.length / (idle.length - index));
      const jobs = this.#waiting.splice(0, Math.min(share, JOBS_OF_MESSAGE));
      if (jobs.length > 0) thread.give(jobs);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
    for (const thread of this.#threads) thread.fail(this.#failure);
  }
}

class RenderThread {
  readonly #worker: Worker;
  readonly #onIdle: () => void;
  #jobs: readonly WaitingJob[] = [];

  constructor({
    onIdle,
    onFailure,
  }: {
    readonly onIdle: () => void;
    readonly onFailure: (error: unknown) => void;
  }) {
    this.#onIdle = onIdle;
    this.#worker = new Worker(new URL('./render-thread.js', import.meta.url));
    this.#worker.on('message', (reply: RenderReply) => this.#receive(reply));
    this.#worker.on('error', onFailure);
    this.#worker.on('exit', () => onFailure(threadGone()));
    // An idle thread keeps no process alive; one at work does.
    this.#worker.unref();
  }

  get isIdle(): boolean {
    return this.#jobs.length === 0;
  }

  give(jobs: readonly WaitingJob[]): void {
    this.#jobs = jobs;
    this.#worker.ref();
    this.#worker.postMessage(jobs.map(({ job }) => withOwnPixels(job)));
  }

  fail(error: unknown): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    for (const { reject } of jobs) reject(error);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(reply: RenderReply): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    this.#worker.unref();
    for (const [index, { resolve, reject }] of jobs.entries()) {
      const error = reply[index];
      if (error) reject(fromErrorMessage(error));
      else resolve();
    }
    this.#onIdle();
  }
}

/** With a part of a buffer its whole buffer crosses: of pictures that lie in one file, all of them. */
function withOwnPixels(job: RenderJob): RenderJob {
  const { picture } = job;
  const { pixels } = picture;
  if (pixels.buffer instanceof SharedArrayBuffer) return job;
  if (pixels.byteLength === pixels.buffer.byteLength) return job;
  return { ...job, picture: { ...picture, pixels: new Uint8Array(pixels) } };
}

function threadGone(): AlexNetError {
  return new AlexNetError('INTERNAL', {
    message: 'A thread that renders pictures ended before it was told to.',
    hint: 'It may have run out of memory: try a smaller batch, or smaller pictures.',
  });
}
