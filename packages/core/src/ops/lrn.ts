import { AlexNetError } from '../errors.ts';
import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';
import { checkRank } from './window.ts';

export interface LrnAttributes {
  /** Channels in the window, the middle one included. An even window reaches one further up than down, as ONNX's. */
  readonly size: number;
  /**
   * Per element, as in the paper and TensorFlow. ONNX, Caffe and PyTorch divide theirs by `size`: pass
   * theirs / size (1e-4 / 5 = 2e-5).
   */
  readonly alpha: number;
  readonly beta: number;
  /** The constant k: 2 in the paper, 1 in Caffe. ONNX calls it `bias`. */
  readonly k: number;
  /**
   * The channels fall into this many groups, and no window crosses from one to the next: 1, or 2 for norm1 of
   * the 2012 code, which normalises each of its two towers alone.
   */
  readonly groups: number;
}

export type LrnNode = NodeBase<'LRN', readonly [string], LrnAttributes>;

/**
 * Local response normalisation across channels.
 *
 *   y[n,c,h,w] = x[n,c,h,w] / (k + alpha · Σᵢ x[n,i,h,w]²)^beta,
 *   i from c − floor((size − 1) / 2) to c + ceil((size − 1) / 2), inside the channels of c's group
 *
 * Shape: x [N, C, H, W] → y [N, C, H, W]
 *
 * @see Krizhevsky et al. 2012, §3.3 · ONNX LRN-13
 */
export const lrn: OpDefinition<LrnNode> = {
  arity: 1,
  parseAttributes: (json) => ({
    size: json.field('size').integer(1),
    alpha: json.field('alpha').number(),
    beta: json.field('beta').number(),
    k: json.field('k').number(),
    groups: json.has('groups') ? json.field('groups').integer(1) : 1,
  }),
  inferShape({ name, inputs, attributes: { groups } }, [x]) {
    checkRank(name, 'LRN', x, 4);
    const [, C = 0] = x;
    if (C % groups !== 0) {
      throw new AlexNetError('SHAPE_MISMATCH', {
        message: `${name} normalises ${groups} groups of channels, but ${inputs[0]} gives ${C}.`,
        hint: `The number of channels must divide by groups (${groups}).`,
        path: [name, inputs[0]],
      });
    }
    return x;
  },
};
