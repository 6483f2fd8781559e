import type { NodeOf } from '../graph/graph.ts';
import { createFloat64Tensor } from './float64-tensor.ts';
import type { InterpreterOp } from './interpreter-op.ts';

/** @see the definition at {@link AveragePoolNode} in core/src/ops/average-pool.ts */
export const averagePool: InterpreterOp<NodeOf<'AveragePool'>> = (
  { attributes: { kernelShape, strides, pads, countIncludePad } },
  [x],
  { outputShape },
) => {
  const y = createFloat64Tensor(outputShape);
  const [N = 0, C = 0, outH = 0, outW = 0] = outputShape;
  const [, , H = 0, W = 0] = x.shape;
  const [top, left, bottom, right] = pads;
  for (let i = 0; i < outH; i++) {
    const h0 = i * strides[0] - top;
    const h1 = Math.min(h0 + kernelShape[0], H + bottom);
    for (let j = 0; j < outW; j++) {
      const w0 = j * strides[1] - left;
      const w1 = Math.min(w0 + kernelShape[1], W + right);
      const inside = {
        h0: Math.max(h0, 0),
        h1: Math.min(h1, H),
        w0: Math.max(w0, 0),
        w1: Math.min(w1, W),
      };
      const count = countIncludePad
        ? (h1 - h0) * (w1 - w0)
        : (inside.h1 - inside.h0) * (inside.w1 - inside.w0);
      for (let plane = 0; plane < N * C; plane++) {
        let sum = 0;
        for (let h = inside.h0; h < inside.h1; h++) {
          for (let w = inside.w0; w < inside.w1; w++) sum += x.data[(plane * H + h) * W + w] ?? 0;
        }
        y.data[(plane * outH + i) * outW + j] = sum / count;
      }
    }
  }
  return y;
};
