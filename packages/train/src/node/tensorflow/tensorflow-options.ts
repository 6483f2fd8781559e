import type { FoundTensorFlow } from './find-tensorflow.ts';

// What the package shows of TensorFlow names none of its types: they are for development, and no consumer has them.

/** What TensorFlow computes on. */
export type TensorFlowDevice = 'cpu' | 'cuda';

export interface TensorFlowOptions {
  readonly device: TensorFlowDevice;
  /** Threads of an operator, for the whole process; TensorFlow decides unless given. */
  readonly threads?: number;
  /** The package to load; one of those that are there unless given. */
  readonly found?: FoundTensorFlow;
}

/** What a package turns out to be once it is loaded. */
export interface TensorFlowFacts {
  /** The device that it computes on. */
  readonly runsOn: TensorFlowDevice;
  /** Version of the package. */
  readonly tfjs: string;
  /** Version of the library. */
  readonly tensorflow: string;
}
