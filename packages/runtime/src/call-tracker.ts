import { AlexNetError } from '@alexnet/core';

/** Keeps count of the calls of something that will be disposed of. */
export interface CallTracker {
  /**
   * Makes a call, unless it is too late. The promise rejects with the signal's reason as soon as the
   * signal says so; what was begun is still waited for by `close`.
   *
   * @throws {@link AlexNetError} `INVALID_ARGUMENT` after `close`
   */
  track<T>(start: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Lets no call in any more, waits for those under way, then calls `release`: once. */
  close(release: () => Promise<void>): Promise<void>;
}

export function createCallTracker(): CallTracker {
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  return {
    track(start, signal) {
      if (closing) return Promise.reject(createDisposedError());
      if (signal?.aborted) return Promise.reject(signal.reason);
      const call = start();
      underWay.add(call);
      const forget = (): boolean => underWay.delete(call);
      call.then(forget, forget);
      return rejectOnAbort(call, signal);
    },
    close(release) {
      closing ??= Promise.allSettled(underWay).then(release);
      return closing;
    },
  };
}

/** The promise, or a rejection with the signal's reason, whichever comes first. */
export function rejectOnAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const leave = (): void => signal.removeEventListener('abort', abort);
    promise.then(resolve, reject).then(leave, leave);
  });
}

function createDisposedError(): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: 'This classifier was disposed of: its model is no longer in memory.',
    hint: 'Load the model again, or call dispose() later.',
  });
}
