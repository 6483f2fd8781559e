import type { NodeOf } from '../graph/graph.ts';
import { createFloat64Tensor } from './float64-tensor.ts';
import type { InterpreterOp } from './interpreter-op.ts';

/** @see the formula at {@link SpatialLrnNode} in core/src/ops/spatial-lrn.ts */
export const spatialLrn: InterpreterOp<NodeOf<'SpatialLRN'>> = ({ attributes }, [x]) => {
  const { size, alpha, beta, k } = attributes;
  const y = createFloat64Tensor(x.shape);
  const [N = 0, C = 0, H = 0, W = 0] = x.shape;
  const before = Math.floor((size - 1) / 2);
  const after = Math.ceil((size - 1) / 2);
  for (let plane = 0; plane < N * C; plane++) {
    const at = (h: number, w: number) => (plane * H + h) * W + w;
    for (let i = 0; i < H; i++) {
      for (let j = 0; j < W; j++) {
        let squares = 0;
        for (let h = Math.max(0, i - before); h <= Math.min(H - 1, i + after); h++) {
          for (let w = Math.max(0, j - before); w <= Math.min(W - 1, j + after); w++) {
            squares += (x.data[at(h, w)] ?? 0) ** 2;
          }
        }
        y.data[at(i, j)] = (x.data[at(i, j)] ?? 0) / (k + alpha * squares) ** beta;
      }
    }
  }
  return y;
};
