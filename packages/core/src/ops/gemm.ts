import { AlexNetError } from '../errors.ts';
import { formatShape, sizeOf } from '../tensor.ts';
import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';
import { checkRank } from './window.ts';

/** inputs: x [N, in], weight [out, in], bias [out] → [N, out] */
export type GemmNode = NodeBase<
  'Gemm',
  readonly [string, string, string],
  Readonly<Record<string, never>>
>;

/**
 * Fully connected layer: y = x · wᵀ + b.
 *
 * Shape: x [N, in], w [out, in], b [out] → y [N, out]
 *
 * @see ONNX Gemm-13 with transB = 1
 */
export const gemm: OpDefinition<GemmNode> = {
  arity: 3,
  parseAttributes: () => ({}),
  inferShape({ name, inputs }, [x, weight, bias]) {
    checkRank(name, 'Gemm', x, 2);
    const [N = 1, features = 0] = x;
    const [out = 0, expected = 0] = weight;
    if (weight.length !== 2 || expected !== features) {
      throw new AlexNetError('SHAPE_MISMATCH', {
        message: `${name} expects ${expected} inputs but ${inputs[0]} gives ${features}.`,
        hint: `${inputs[1]} is ${formatShape(weight)}, laid out [out, in]. Another input size changes what reaches ${name}.`,
        path: [name, inputs[0]],
      });
    }
    if (formatShape(bias) !== formatShape([out])) {
      throw new AlexNetError('SHAPE_MISMATCH', {
        message: `${inputs[2]} is ${formatShape(bias)}, but ${name} has ${out} outputs.`,
        hint: `Expected ${formatShape([out])}.`,
        path: [name, inputs[2]],
      });
    }
    return [N, out];
  },
  countMultiplyAdds: (_node, [[N = 1], weight]) => N * sizeOf(weight),
};
