import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';
import { checkRank } from './window.ts';

export interface SpatialLrnAttributes {
  /** Height and width of the window, the middle included. An even window reaches one further down and right. */
  readonly size: number;
  /** Per element. cuda-convnet divides its `scale` by size². */
  readonly alpha: number;
  readonly beta: number;
  /** The constant k; 1 in cuda-convnet. */
  readonly k: number;
}

export type SpatialLrnNode = NodeBase<'SpatialLRN', readonly [string], SpatialLrnAttributes>;

/**
 * Local response normalisation inside each map: cuda-convnet's `rnorm`, which the released 2012 network has
 * after norm2.
 *
 *   y[n,c,i,j] = x[n,c,i,j] / (k + alpha · Σ_{u,v} x[n,c,u,v]²)^beta,
 *   u from i − floor((size − 1) / 2) to i + ceil((size − 1) / 2), v likewise, inside the map
 *
 * Shape: x [N, C, H, W] → y [N, C, H, W]
 *
 * @see the 2012 source, `layers-145` · cuda-convnet `rnorm`; no operator of ONNX
 */
export const spatialLrn: OpDefinition<SpatialLrnNode> = {
  arity: 1,
  parseAttributes: (json) => ({
    size: json.field('size').integer(1),
    alpha: json.field('alpha').number(),
    beta: json.field('beta').number(),
    k: json.field('k').number(),
  }),
  inferShape({ name }, [x]) {
    checkRank(name, 'SpatialLRN', x, 4);
    return x;
  },
};
