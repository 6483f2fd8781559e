import type { NodeOf } from '../graph/graph.ts';
import { adaptiveWindow } from '../ops/adaptive-average-pool.ts';
import { createFloat64Tensor } from './float64-tensor.ts';
import type { InterpreterOp } from './interpreter-op.ts';

export const adaptiveAveragePool: InterpreterOp<NodeOf<'AdaptiveAveragePool'>> = (
  _node,
  [x],
  { outputShape },
) => {
  const y = createFloat64Tensor(outputShape);
  const [N = 0, C = 0, outH = 0, outW = 0] = outputShape;
  const [, , H = 0, W = 0] = x.shape;
  for (let i = 0; i < outH; i++) {
    const [h0, h1] = adaptiveWindow(i, outH, H);
    for (let j = 0; j < outW; j++) {
      const [w0, w1] = adaptiveWindow(j, outW, W);
      for (let plane = 0; plane < N * C; plane++) {
        let sum = 0;
        for (let h = h0; h < h1; h++) {
          for (let w = w0; w < w1; w++) sum += x.data[(plane * H + h) * W + w] ?? 0;
        }
        y.data[(plane * outH + i) * outW + j] = sum / ((h1 - h0) * (w1 - w0));
      }
    }
  }
  return y;
};
