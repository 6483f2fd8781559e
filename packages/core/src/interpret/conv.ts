import type { NodeOf } from '../graph/graph.ts';
import { createFloat64Tensor } from './float64-tensor.ts';
import type { InterpreterOp } from './interpreter-op.ts';

/** @see the formula at {@link ConvNode} in core/src/ops/conv.ts */
export const conv: InterpreterOp<NodeOf<'Conv'>> = (
  { attributes: { strides, pads, group } },
  [x, weight, bias],
  { outputShape },
) => {
  const y = createFloat64Tensor(outputShape);
  const [N = 0, O = 0, outH = 0, outW = 0] = outputShape;
  const [, I = 0, H = 0, W = 0] = x.shape;
  const [, channels = 0, kH = 0, kW = 0] = weight.shape;
  const [strideH, strideW] = strides;
  const [top, left] = pads;
  const outPerGroup = O / group;
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      const outAt = (n * O + o) * outH * outW;
      y.data.fill(bias.data[o] ?? 0, outAt, outAt + outH * outW);
      const firstChannel = Math.floor(o / outPerGroup) * channels;
      for (let c = 0; c < channels; c++) {
        const inAt = (n * I + firstChannel + c) * H * W;
        for (let u = 0; u < kH; u++) {
          for (let v = 0; v < kW; v++) {
            const w = weight.data[((o * channels + c) * kH + u) * kW + v] ?? 0;
            for (let i = 0; i < outH; i++) {
              const h = i * strideH + u - top;
              if (h < 0 || h >= H) continue;
              const row = inAt + h * W + v - left;
              const outRow = outAt + i * outW;
              const first = Math.max(0, Math.ceil((left - v) / strideW));
              const last = Math.min(outW - 1, Math.floor((W - 1 + left - v) / strideW));
              for (let j = first; j <= last; j++) {
                y.data[outRow + j] =
                  (y.data[outRow + j] ?? 0) + w * (x.data[row + j * strideW] ?? 0);
              }
            }
          }
        }
      }
    }
  }
  return y;
};
