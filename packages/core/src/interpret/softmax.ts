import type { NodeOf } from '../graph/graph.ts';
import { createFloat64Tensor } from './float64-tensor.ts';
import type { InterpreterOp } from './interpreter-op.ts';

export const softmax: InterpreterOp<NodeOf<'Softmax'>> = (_node, [x]) => {
  const y = createFloat64Tensor(x.shape);
  const [N = 0, classes = 0] = x.shape;
  for (let n = 0; n < N; n++) {
    const row = x.data.subarray(n * classes, (n + 1) * classes);
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const powers = row.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    y.data.set(
      powers.map((power) => power / sum),
      n * classes,
    );
  }
  return y;
};
