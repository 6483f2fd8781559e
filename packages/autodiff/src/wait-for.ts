import { DataType, type OnnxBuilder, type Value } from '@alexnet/export';

/**
 * `value`, but not before all of `others` are computed.
 *
 * The step may write a parameter's new value over the old one, which the gradient of the layer's input
 * reads too. The parameter's own gradient does not depend on that, and onnxruntime runs nodes in an order of
 * its own. So each of `others` puts a zero into the shape that `value` is reshaped to: no data is copied, and
 * a NaN has no way in.
 *
 * @param shape - of `value`, or another one that it is seen in: onnxruntime fails to optimise a Reshape behind this one
 */
export function waitFor(
  builder: OnnxBuilder,
  value: Value,
  shape: readonly number[],
  others: readonly Value[],
): Value {
  if (others.length === 0) return value;
  const zeros = others.map((other) => {
    const flat = builder.op('Reshape', [other, builder.ints(-1)]);
    const first = builder.op('Slice', [flat, builder.ints(0), builder.ints(1)]);
    const never = builder.op('Less', [first, builder.scalar(Number.NEGATIVE_INFINITY)]);
    return builder.op('Cast', [never], { to: { i: DataType.int64 } });
  });
  const sameShape = zeros.reduce(
    (sum, zero) => builder.op('Add', [sum, zero]),
    builder.ints(...shape),
  );
  return builder.op('Reshape', [value, sameShape]);
}
