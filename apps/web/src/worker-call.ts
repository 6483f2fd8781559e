import { AlexNetError, type ErrorCode, isAlexNetError } from '@alexnet/core';
import { describeError, type PlainError } from './describe-error.ts';

/** What a worker of the page answers to its one message. */
type WorkerAnswer<Result> =
  | { readonly result: Result }
  | { readonly error: PlainError; readonly code: ErrorCode };

export interface WorkerCall {
  readonly message: unknown;
  /** Parts of the message that are given away. */
  readonly transfer?: readonly Transferable[];
  readonly signal: AbortSignal;
}

/**
 * Asks a worker one thing, and ends it.
 *
 * @typeParam Result - what its {@link answerCall} gives
 * @throws {@link AlexNetError} what the worker throws · the signal's reason
 */
export async function callWorker<Result>(
  worker: Worker,
  { message, transfer = [], signal }: WorkerCall,
): Promise<Result> {
  try {
    signal.throwIfAborted();
    const answer = await new Promise<WorkerAnswer<Result>>((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<WorkerAnswer<Result>>) =>
        resolve(data),
      );
      worker.addEventListener('error', (event) => reject(new Error(event.message)));
      signal.addEventListener('abort', () => reject(signal.reason));
      worker.postMessage(message, [...transfer]);
    });
    if ('result' in answer) return answer.result;
    throw new AlexNetError(answer.code, answer.error);
  } finally {
    worker.terminate();
  }
}

/** The other side: answers the message of {@link callWorker}. */
export function answerCall<Message, Result>(
  work: (message: Message) => Result | Promise<Result>,
): void {
  addEventListener('message', async ({ data }: MessageEvent<Message>) => {
    postMessage(await attempt(() => work(data)));
  });
}

async function attempt<Result>(
  work: () => Result | Promise<Result>,
): Promise<WorkerAnswer<Result>> {
  try {
    return { result: await work() };
  } catch (error) {
    return { error: describeError(error), code: isAlexNetError(error) ? error.code : 'INTERNAL' };
  }
}
