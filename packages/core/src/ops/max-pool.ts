import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';
import { checkRank, inferWindowedSize, parsePads, parsePair } from './window.ts';

export interface MaxPoolAttributes {
  /** [kH, kW] */
  readonly kernelShape: readonly [number, number];
  /** Smaller than the kernel in AlexNet: the windows overlap. */
  readonly strides: readonly [number, number];
  /** [top, left, bottom, right]; padding never wins the maximum. */
  readonly pads: readonly [number, number, number, number];
}

export type MaxPoolNode = NodeBase<'MaxPool', readonly [string], MaxPoolAttributes>;

/**
 * Maximum over a sliding window.
 *
 * Shape: x [N, C, H, W] → y [N, C, H', W'], H' = floor((H + top + bottom − kH) / stride) + 1
 *
 * @see Krizhevsky et al. 2012, §3.4 (overlapping pooling) · ONNX MaxPool-12
 */
export const maxPool: OpDefinition<MaxPoolNode> = {
  arity: 1,
  parseAttributes: (json) => ({
    kernelShape: parsePair(json.field('kernelShape'), 1),
    strides: parsePair(json.field('strides'), 1),
    pads: parsePads(json.field('pads')),
  }),
  inferShape({ name, attributes: { kernelShape, strides, pads } }, [x]) {
    checkRank(name, 'MaxPool', x, 4);
    const [N, C, H, W] = x as [number, number, number, number];
    return [
      N,
      C,
      inferWindowedSize({
        name,
        size: H,
        axis: 'height',
        kernel: kernelShape[0],
        stride: strides[0],
        padBegin: pads[0],
        padEnd: pads[2],
      }),
      inferWindowedSize({
        name,
        size: W,
        axis: 'width',
        kernel: kernelShape[1],
        stride: strides[1],
        padBegin: pads[1],
        padEnd: pads[3],
      }),
    ];
  },
};
