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
}

export type LrnNode = NodeBase<'LRN', readonly [string], LrnAttributes>;

/**
 * Local response normalisation across channels.
 *
 *   y[n,c,h,w] = x[n,c,h,w] / (k + alpha · Σᵢ x[n,i,h,w]²)^beta,
 *   i from c − floor((size − 1) / 2) to c + ceil((size − 1) / 2), inside the channels
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
  }),
  inferShape({ name }, [x]) {
    checkRank(name, 'LRN', x, 4);
    return x;
  },
};
