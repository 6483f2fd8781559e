import type { NodeOf } from '@alexnet/core';
import type { OpTranslation, TranslationContext } from './op-translation.ts';
import { readPoolAttributes, toPoolAttributes } from './pool.ts';
import { outerProduct, windowLengths } from './window-lengths.ts';

/** @see ONNX AveragePool-19 */
export const averagePool: OpTranslation<NodeOf<'AveragePool'>> = {
  toOnnx(node, context) {
    const { op, name, inputs, output, attributes } = node;
    const { countIncludePad, pads, ceilMode } = attributes;
    if (countIncludePad && pads.some((pad) => pad > 0)) {
      addWithPadding(node, context);
      return;
    }
    const onnxAttributes = toPoolAttributes(node, context);
    // Pads that stand for `ceilMode` never count, and without any the flag says nothing but is kept.
    const flag = countIncludePad && !ceilMode ? { count_include_pad: { i: 1 } } : {};
    context.builder.op(op, inputs, { ...onnxAttributes, ...flag }, { name, output });
  },
  fromOnnx: (node) => ({
    op: 'AveragePool',
    name: node.name,
    inputs: node.operands('x'),
    output: node.output,
    attributes: {
      ...readPoolAttributes(node),
      countIncludePad: node.attributes.flag('count_include_pad'),
    },
  }),
};

/**
 * AveragePool → Mul: the mean of the pixels in each window, times the share that they have in it.
 *
 * `count_include_pad` would say it in one node, but onnxruntime 1.22 to 1.24 do not count the padding at the
 * end (https://github.com/microsoft/onnxruntime/issues/24681). A Pad in front of the pool is no way out:
 * onnxruntime 1.20 fuses it into pads that do not count.
 */
function addWithPadding(node: NodeOf<'AveragePool'>, context: TranslationContext): void {
  const { op, name, inputs, output, attributes } = node;
  const { builder, shapeOf } = context;
  const { kernelShape, strides, pads } = attributes;
  const [, , H = 0, W = 0] = shapeOf(inputs[0]);
  const [, , outH = 0, outW = 0] = shapeOf(output);
  const [top, left, bottom, right] = pads;
  const shares = (axis: 0 | 1, windows: number, pixels: number, before: number, after: number) => {
    const window = { kernel: kernelShape[axis], stride: strides[axis], windows };
    const counted = windowLengths({ ...window, before: 0, pixels: before + pixels + after });
    return windowLengths({ ...window, before, pixels }).map(
      (inside, index) => inside / (counted[index] ?? Number.NaN),
    );
  };
  const factors = builder.initializer(`${name}/shares`, {
    dtype: 'float32',
    shape: [outH, outW],
    data: outerProduct(shares(0, outH, H, top, bottom), shares(1, outW, W, left, right)),
  });
  const mean = builder.op(op, inputs, toPoolAttributes(node, context), { name: `${name}/mean` });
  builder.op('Mul', [mean, factors], {}, { name, output });
}
