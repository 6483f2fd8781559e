import type { Shape, Tensor } from '@alexnet/core';
import type { ParameterRole } from '../place/parameter-name.ts';
import type { LayersDraft } from './layers-draft.ts';

/** What a node is written with. */
export interface LayerContext {
  readonly draft: LayersDraft;
  /** Name of the layer that makes what the node reads. */
  readonly input: string;
  /** [N, C, H, W] or [N, features] */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Whether what it reads has no negative numbers. */
  readonly isPositive: boolean;
  readonly lrn: 'refuse' | 'class';
  /**
   * Adds an array of the node's to a layer.
   *
   * @param take - the layer's part of it, in TensorFlow's layout
   */
  addArray(layer: string, role: ParameterRole, take?: (tensor: Tensor) => Tensor): void;
}
