import type { NodeOf } from '@alexnet/core';
import { DataType, type OnnxBuilder, type Value } from '@alexnet/export';
import type { OpLowering } from './op-lowering.ts';

/** y = max(x, 0); dx = dy · (y > 0). */
export const relu: OpLowering<NodeOf<'Relu'>> = {
  lower({ builder }, _node, [x]) {
    const y = builder.op('Relu', [x]);
    return {
      output: y,
      backward: (dy, [isWanted]) => [isWanted ? maskByPositive(builder, dy, y) : null],
    };
  },
};

/** Two operators where `Sign` would be one, because that one is slower than both, and unknown to WebGPU. */
function maskByPositive(builder: OnnxBuilder, dy: Value, y: Value): Value {
  const isPositive = builder.op('Greater', [y, builder.scalar(0)]);
  return builder.op('Mul', [dy, builder.op('Cast', [isPositive], { to: { i: DataType.float } })]);
}
