import type { NodeOf } from '../graph/graph.ts';
import { createFloat64Tensor } from './float64-tensor.ts';
import type { InterpreterOp } from './interpreter-op.ts';

/** @see the formula at {@link LrnNode} in core/src/ops/lrn.ts */
export const lrn: InterpreterOp<NodeOf<'LRN'>> = ({ attributes }, [x]) => {
  const { size, alpha, beta, k, groups } = attributes;
  const y = createFloat64Tensor(x.shape);
  const [N = 0, C = 0, H = 0, W = 0] = x.shape;
  const plane = H * W;
  const below = Math.floor((size - 1) / 2);
  const above = Math.ceil((size - 1) / 2);
  const perGroup = C / groups;
  for (let n = 0; n < N; n++) {
    for (let p = 0; p < plane; p++) {
      const at = (c: number) => (n * C + c) * plane + p;
      for (let c = 0; c < C; c++) {
        const first = c - (c % perGroup);
        const last = first + perGroup - 1;
        let squares = 0;
        for (let i = Math.max(first, c - below); i <= Math.min(last, c + above); i++) {
          squares += (x.data[at(i)] ?? 0) ** 2;
        }
        y.data[at(c)] = (x.data[at(c)] ?? 0) / (k + alpha * squares) ** beta;
      }
    }
  }
  return y;
};
