import { availableParallelism } from 'node:os';
import { AlexNetError } from '@alexnet/core';
import type {
  BatchRendering,
  BatchSettings,
  PictureRenderer,
} from '../../batches/picture-renderer.ts';
import { RenderThread } from './render-connection.ts';

/** Renders in threads of its own; ends them when it is disposed of. */
export interface RenderThreads extends PictureRenderer {
  readonly threads: number;
  /** What is being rendered fails with `ABORTED`. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RenderThreadsOptions {
  /** As many as the machine has cores unless given. */
  readonly threads?: number;
}

/** Pictures asked for per thread: two messages of eight, one at work and one waiting. */
const PICTURES_OF_THREAD = 16;

/**
 * Threads that read, decode, resize, augment and normalise pictures, each a batch at a time. Whatever their number,
 * the inputs are the same to the last bit.
 *
 * JPEGs of the usual kinds and pictures of prepared shards are read where they are rendered. Other pictures are
 * decoded by sharp and copied to a thread, unless their pixels lie in shared memory.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if the number of threads is none
 * @example
 * const renderer = createRenderThreads({ threads: 2 });
 * for await (const batch of readBatches(dataset, { ...options, renderer })) console.log(batch.count); // 128
 * await renderer.dispose();
 */
export function createRenderThreads({ threads }: RenderThreadsOptions = {}): RenderThreads {
  const count = threads ?? availableParallelism();
  if (!Number.isInteger(count) || count < 1) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"threads" is a whole number from 1 on, not ${count}.`,
      hint: 'Leave "renderer" out to render without threads.',
    });
  }
  return new ThreadPool(count);
}

class ThreadPool implements RenderThreads {
  readonly threads: number;
  readonly parallel: number;
  readonly parallelBatches: number;
  readonly takesDeferred = true;
  readonly #threads: readonly RenderThread[];

  constructor(count: number) {
    this.threads = count;
    this.parallel = count * PICTURES_OF_THREAD;
    this.parallelBatches = count;
    this.#threads = Array.from(
      { length: count },
      () => new RenderThread((error) => this.#fail(error)),
    );
  }

  openBatch(settings: BatchSettings): BatchRendering {
    const thread = this.#threads.reduce((a, b) => (b.openBatches < a.openBatches ? b : a));
    return thread.openBatch(settings);
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

  #fail(error: unknown): void {
    for (const thread of this.#threads) thread.fail(error);
  }
}
