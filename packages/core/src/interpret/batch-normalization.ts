import type { NodeOf } from '../graph/graph.ts';
import { sizeOf } from '../tensor.ts';
import { createFloat64Tensor } from './float64-tensor.ts';
import type { InterpreterOp } from './interpreter-op.ts';

/** With the running statistics, as in inference. */
export const batchNormalization: InterpreterOp<NodeOf<'BatchNormalization'>> = (
  { attributes: { epsilon } },
  [x, scale, bias, mean, variance],
) => {
  const y = createFloat64Tensor(x.shape);
  const [N = 0, C = 0, ...picture] = x.shape;
  const plane = sizeOf(picture);
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      const factor = (scale.data[c] ?? 0) / Math.sqrt((variance.data[c] ?? 0) + epsilon);
      const first = (n * C + c) * plane;
      for (let i = first; i < first + plane; i++) {
        y.data[i] = ((x.data[i] ?? 0) - (mean.data[c] ?? 0)) * factor + (bias.data[c] ?? 0);
      }
    }
  }
  return y;
};
