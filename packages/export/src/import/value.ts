import type { AlexNetError, Shape } from '@alexnet/core';
import type { Constant } from './constant.ts';
import type { OnnxGraphNode } from './graph-node.ts';
import type { Axis, View } from './view.ts';

/** What a value of an ONNX graph is, once its node has been read. */
export type Value = Constant | Activation | Divisor | RowMeans | Part | Unreadable;

/** A value of the IR, seen as the file sees it. */
export interface Activation {
  readonly kind: 'activation';
  /** Name of the IR's value. */
  readonly value: string;
  /** As the IR has it, for one picture: [C, H, W] or [features]. */
  readonly shape: Shape;
  readonly view: View;
  /** The name in the file that alone stands for this value; null where several might. */
  readonly owner: string | null;
  /** What the file has multiplied and added since, and the next layer takes into its weights. */
  readonly affine?: Affine;
  /** Zeros that the file has put around the picture, and the next window takes into its pads. */
  readonly padding?: Padding;
  readonly origin?: Origin;
}

/** y = scale · x + shift for each channel. */
export interface Affine {
  /** One for all, or one for each channel. */
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

export interface Padding {
  /** [top, left, bottom, right] */
  readonly pads: readonly [number, number, number, number];
  /** What the frame is filled with. */
  readonly fill: number;
}

/**
 * On the way to a local response normalisation: (shift + scale · mean of x² over a window)^power.
 *
 * @see normalization.ts
 */
export interface Divisor {
  readonly kind: 'divisor';
  readonly of: Activation;
  /** Over the data of `of`. */
  readonly view: View;
  /** Zeros around the axes of the view, before the window has been applied. */
  readonly padding: readonly AxisPadding[];
  readonly windows: readonly Window[];
  /** Whether the mean was taken over the places of a window inside the map alone, so that a factor has to follow. */
  readonly isInside: boolean;
  readonly scale: number;
  readonly shift: number;
  readonly power: number;
  readonly origin?: Origin;
}

export interface AxisPadding {
  readonly begin: number;
  readonly end: number;
}

/** A mean over `before + 1 + after` places along an axis; what is beyond it is zero. */
export interface Window {
  readonly axis: Axis;
  /** Index of the axis in the view that the window was applied to. */
  readonly place: number;
  readonly before: number;
  readonly after: number;
}

/** Half of an adaptive average pool: rows · x. */
export interface RowMeans {
  readonly kind: 'row-means';
  readonly of: Activation;
  readonly rows: Constant;
  readonly origin?: Origin;
}

/** Some channels of a value, for one of several towers. */
export interface Part {
  readonly kind: 'part';
  readonly of: Activation;
  readonly begin: number;
  readonly end: number;
  readonly origin?: Origin;
}

/** A value that no node here can make; the error is thrown where something needs it. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly error: AlexNetError;
  readonly origin?: Origin;
}

/** The node that made a value, and of what. */
export interface Origin {
  readonly node: OnnxGraphNode;
  readonly inputs: readonly (Value | undefined)[];
}

/** What towers make together. */
export interface Joined {
  readonly value: Activation;
  /** Whether all towers read the same value, and not each its own channels. */
  readonly isShared: boolean;
}
