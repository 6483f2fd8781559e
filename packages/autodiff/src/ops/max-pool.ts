import { inferOverhang, invariant, type NodeOf, type Shape, sizeOf } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import { scatterByWindows, type WindowGeometry } from './max-pool-windows.ts';
import type { OpLowering } from './op-lowering.ts';

/**
 * y = maximum over a window; dx adds each dy to the place that its maximum came from (the first one of
 * equals, as onnxruntime finds them). Overlapping windows may share a place.
 */
export const maxPool: OpLowering<NodeOf<'MaxPool'>> = {
  lower({ builder, shapeOf, isDifferentiated, poolIndices }, node, [x]) {
    const { kernelShape, strides } = node.attributes;
    const pads = explicitPads(node, shapeOf(node.inputs[0]));
    const attributes = {
      kernel_shape: { ints: kernelShape },
      strides: { ints: strides },
      pads: { ints: pads },
    };
    if (!isDifferentiated || !poolIndices) {
      const y = builder.op('MaxPool', [x], attributes);
      const windows: WindowGeometry = {
        kernelShape,
        strides,
        pads,
        from: shapeOf(node.inputs[0]),
        to: shapeOf(node.output),
      };
      return {
        output: y,
        backward: (dy, [isWanted]) => [
          isWanted ? scatterByWindows(builder, { x, y, dy }, windows) : null,
        ],
      };
    }
    const [y, indices] = builder.ops('MaxPool', [x], attributes, 2);
    invariant(y !== undefined && indices !== undefined, 'two outputs were asked for');
    return {
      output: y,
      backward: (dy, [isWanted]) => [
        isWanted ? scatterByIndices(builder, { indices, dy }, shapeOf(node.inputs[0])) : null,
      ],
    };
  },
};

/** ONNX's `Indices` count through the whole tensor x, so that one flat scatter does all pictures and channels. */
function scatterByIndices(
  builder: OnnxBuilder,
  { indices, dy }: Readonly<Record<'indices' | 'dy', Value>>,
  shape: Shape,
): Value {
  const flat = builder.ints(-1);
  const zeros = builder.op('ConstantOfShape', [builder.ints(sizeOf(shape))]);
  const dx = builder.op(
    'ScatterElements',
    [zeros, builder.op('Reshape', [indices, flat]), builder.op('Reshape', [dy, flat])],
    { axis: { i: 0 }, reduction: { s: 'add' } },
  );
  return builder.op('Reshape', [dx, builder.ints(...shape)]);
}

/**
 * The pads with which a window rounded down goes where `ceilMode` has it go: releases of onnxruntime have
 * disagreed on `ceil_mode`.
 */
function explicitPads(
  { name, attributes }: NodeOf<'MaxPool'>,
  [, , H, W]: Shape,
): readonly [number, number, number, number] {
  invariant(H !== undefined && W !== undefined, `${name} is not 4-D`);
  const [top, left, bottom, right] = attributes.pads;
  const [below, beside] = inferOverhang(name, [H, W], attributes);
  return [top, left, bottom + below, right + beside];
}
