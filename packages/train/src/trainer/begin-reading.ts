import { invariant } from '@alexnet/core';
import type { Batch } from '@alexnet/data';

/** Batches that are being made before the first is asked for. */
export interface ReadingAhead {
  /** @throws what reading throws */
  next(): Promise<Batch>;
  /** Ends all reading before it returns. */
  end(): Promise<void>;
}

/** Begins to read at once, for whoever has something else to wait for first. */
export function beginReading(batches: AsyncIterable<Batch>): ReadingAhead {
  const reading = batches[Symbol.asyncIterator]();
  let begun: Promise<IteratorResult<Batch>> | null = reading.next();
  // Its failure is told when its turn comes; before that it must not count as unheard.
  begun.catch(() => {});
  return {
    next: async () => {
      const coming = begun ?? reading.next();
      begun = null;
      const { done, value } = await coming;
      invariant(!done, 'there is no batch for the step');
      return value;
    },
    end: async () => {
      await reading.return?.();
    },
  };
}
