import type * as TensorFlowModule from '@tensorflow/tfjs-core';

/** tfjs-node or tfjs-node-gpu, as far as they are tfjs-core on TensorFlow's own kernels. */
export type TensorFlow = typeof TensorFlowModule;

/** An array of TensorFlow's, of any rank. */
export type Value = TensorFlowModule.Tensor;

/** Maps of pictures, [N, H, W, C]; kernels, [kH, kW, I / group, O]. */
export type Maps = TensorFlowModule.Tensor4D;

/** [N, features] */
export type Rows = TensorFlowModule.Tensor2D;

/** A TensorFlow that runs, and on what. */
export interface TensorFlowBackend {
  readonly tf: TensorFlow;
  /** The device that really computes. */
  readonly device: 'cpu' | 'cuda';
  /** Of the npm package and of the library under it. */
  readonly version: string;
  /** Threads of an operator; 0 if TensorFlow decides. */
  readonly threads: number;
}
