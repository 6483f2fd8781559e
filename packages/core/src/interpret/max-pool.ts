import type { NodeOf } from '../graph/graph.ts';
import { createFloat64Tensor } from './float64-tensor.ts';
import type { InterpreterOp } from './interpreter-op.ts';

export const maxPool: InterpreterOp<NodeOf<'MaxPool'>> = ({ attributes }, [x], { outputShape }) => {
  const y = createFloat64Tensor(outputShape);
  const [N = 0, C = 0, outH = 0, outW = 0] = outputShape;
  const [, , H = 0, W = 0] = x.shape;
  const [kH, kW] = attributes.kernelShape;
  const [strideH, strideW] = attributes.strides;
  const [top, left] = attributes.pads;
  for (let plane = 0; plane < N * C; plane++) {
    for (let i = 0; i < outH; i++) {
      for (let j = 0; j < outW; j++) {
        let largest = Number.NEGATIVE_INFINITY;
        for (let h = Math.max(0, i * strideH - top); h < Math.min(H, i * strideH - top + kH); h++) {
          for (
            let w = Math.max(0, j * strideW - left);
            w < Math.min(W, j * strideW - left + kW);
            w++
          ) {
            largest = Math.max(largest, x.data[(plane * H + h) * W + w] ?? 0);
          }
        }
        y.data[(plane * outH + i) * outW + j] = largest;
      }
    }
  }
  return y;
};
