import type { Tensor } from '@alexnet/core';

/** A network with its weights, in inference. */
export interface TfjsNetwork {
  /**
   * @param images - [N, C, H, W], preprocessed
   * @param outputs - values to return, by name
   */
  run(images: Tensor, outputs: readonly string[]): ReadonlyMap<string, Tensor>;
  dispose(): void;
}
