import type { ErrorMessage, Tensor } from '@alexnet/core';
import type { ClassifierInfo, Crops } from '../classifier.ts';
import type { Prediction } from '../top-k.ts';

/**
 * What the two sides of a worker say to each other.
 *
 * The page's side loads a model with `load`, makes calls, and ends them with `abort`. Pictures are not sent
 * along with a call: the worker asks for each with `pull` when it is about to decode it, so that the
 * pictures of a long call are never all under way. Results come as they are made, in `results`.
 */
export type ClientMessage =
  | { readonly kind: 'load'; readonly request: unknown }
  | { readonly kind: 'call'; readonly id: number; readonly call: RemoteCall }
  | { readonly kind: 'picture'; readonly pull: number; readonly answer: PullAnswer }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'dispose' };

export type WorkerMessage =
  | { readonly kind: 'loaded'; readonly info: ClassifierInfo }
  | { readonly kind: 'report'; readonly value: unknown }
  | { readonly kind: 'pull'; readonly pull: number; readonly id: number; readonly index: number }
  | {
      readonly kind: 'results';
      readonly id: number;
      readonly first: number;
      readonly results: Results;
    }
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ErrorMessage }
  | { readonly kind: 'disposed' };

/** Id of the loading, among those of the calls. */
export const LOAD_ID = 0;

export interface RemoteCall {
  readonly method: Method;
  /** How many pictures there are to pull. */
  readonly count: number;
  readonly options: {
    readonly topK?: number;
    readonly crops?: Crops;
    readonly batchSize?: number;
  };
}

export type Method =
  | { readonly name: 'classifyBatch' }
  | { readonly name: 'logits' }
  | { readonly name: 'features'; readonly layer: string };

export type Results = readonly Prediction[][] | readonly Float32Array[] | readonly Tensor[];

export type PullAnswer =
  | { readonly ok: true; readonly picture: unknown }
  | { readonly ok: false; readonly error: ErrorMessage };
