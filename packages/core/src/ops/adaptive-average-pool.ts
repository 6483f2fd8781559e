import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';
import { checkRank } from './window.ts';

export interface AdaptiveAveragePoolAttributes {
  /** [H', W'] */
  readonly outputSize: readonly [number, number];
}

export type AdaptiveAveragePoolNode = NodeBase<
  'AdaptiveAveragePool',
  readonly [string],
  AdaptiveAveragePoolAttributes
>;

/**
 * Mean over windows that are laid out so that a picture of any size becomes one of this size.
 *
 * Window i of n over L pixels holds the pixels {@link adaptiveWindow}(i, n, L) of each axis: windows overlap
 * where n does not divide L, and repeat pixels where n is larger than L. A picture that has the size already
 * is left as it is.
 *
 * Shape: x [N, C, H, W] → y [N, C, H', W']
 *
 * @see PyTorch AdaptiveAvgPool2d; no operator of ONNX
 */
export const adaptiveAveragePool: OpDefinition<AdaptiveAveragePoolNode> = {
  arity: 1,
  parseAttributes: (json) => {
    const [height = 0, width = 0] = json.field('outputSize').integers(2, 1);
    return { outputSize: [height, width] };
  },
  inferShape({ name, attributes }, [x]) {
    checkRank(name, 'AdaptiveAveragePool', x, 4);
    const [N = 1, C = 0] = x;
    return [N, C, ...attributes.outputSize];
  },
};

/**
 * The pixels of window `index` of `count` over an axis of `length` pixels: the first, and one behind the last.
 *
 *   [floor(index · length / count), ceil((index + 1) · length / count))
 */
export function adaptiveWindow(
  index: number,
  count: number,
  length: number,
): readonly [begin: number, end: number] {
  return [Math.floor((index * length) / count), Math.ceil(((index + 1) * length) / count)];
}
