import type { NodeOf } from '../graph/graph.ts';
import { createFloat64Tensor } from './float64-tensor.ts';
import type { InterpreterOp } from './interpreter-op.ts';

export const gemm: InterpreterOp<NodeOf<'Gemm'>> = (_node, [x, weight, bias], { outputShape }) => {
  const y = createFloat64Tensor(outputShape);
  const [N = 0, out = 0] = outputShape;
  const [, features = 0] = x.shape;
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < out; o++) {
      let sum = bias.data[o] ?? 0;
      for (let i = 0; i < features; i++) {
        sum += (x.data[n * features + i] ?? 0) * (weight.data[o * features + i] ?? 0);
      }
      y.data[n * out + o] = sum;
    }
  }
  return y;
};
