import { invariant, type NodeOf } from '@alexnet/core';
import { type ConvGeometry, isFourierQuicker, type OnnxBuilder, type Value } from '@alexnet/export';
import {
  blockedConvolution,
  blockTurnedWeights,
  blockWeights,
  canBlock,
} from './blocked-convolution.ts';
import { weightGradientByColumns, weightGradientByConvolution } from './conv-weight-gradient.ts';
import { lowerFourierConvolution } from './fourier-convolution.ts';
import type { LoweringContext, OpLowering } from './op-lowering.ts';

/**
 * y = x ⋆ w + b. dx is the transposed convolution of dy with w, in two recipes below, db the sum of dy over pictures and pixels;
 * dw has two recipes, see `conv-weight-gradient.ts`.
 *
 * Shape: x [N, I, H, W], w [O, I / group, kH, kW], b [O], y [N, O, H', W']
 */
export const conv: OpLowering<NodeOf<'Conv'>> = {
  lower(context, node, [x, weight, bias]) {
    const { builder } = context;
    const geometry = toGeometry(context, node);
    if (usesFourier(context, geometry)) {
      return lowerFourierConvolution(builder, geometry, [x, weight, bias]);
    }
    return {
      output: forward(context, geometry, [x, weight, bias]),
      backward: (dy, [wantsX, wantsWeight, wantsBias]) => {
        return [
          wantsX ? builder.scope('data', () => dataGradient(context, geometry, weight, dy)) : null,
          wantsWeight
            ? builder.scope('weight', () => weightGradient(builder, geometry, x, dy))
            : null,
          wantsBias
            ? builder.op('ReduceSum', [dy, builder.ints(0, 2, 3)], { keepdims: { i: 0 } })
            : null,
        ];
      },
    };
  },
};

function usesFourier({ convolutions }: LoweringContext, geometry: ConvGeometry): boolean {
  if (geometry.strides.some((stride) => stride > 1)) return false;
  return convolutions === 'quickest' ? isFourierQuicker(geometry) : convolutions === 'fourier';
}

function forward(
  { builder, blockedChannels }: LoweringContext,
  geometry: ConvGeometry,
  [x, weight, bias]: readonly [Value, Value, Value],
): Value {
  const { kernel, strides, pads, group, dy } = geometry;
  const attributes = {
    kernel_shape: { ints: kernel },
    strides: { ints: strides },
    pads: { ints: pads },
    group: { i: group },
  };
  if (blockedChannels === null || !canBlock(geometry, blockedChannels)) {
    return builder.op('Conv', [x, weight, bias], attributes);
  }
  const blocked = blockWeights(builder, geometry, weight, blockedChannels);
  return blockedConvolution(builder, [x, blocked, bias], dy.channels, attributes);
}

function weightGradient(builder: OnnxBuilder, geometry: ConvGeometry, x: Value, dy: Value): Value {
  const isStrided = geometry.strides.some((stride) => stride > 1);
  return isStrided
    ? weightGradientByConvolution(builder, geometry, x, dy)
    : weightGradientByColumns(builder, geometry, x, dy);
}

/** dx: at stride 1 a convolution of dy with the kernel turned round, which is the quicker form. */
function dataGradient(
  { builder, blockedChannels }: LoweringContext,
  geometry: ConvGeometry,
  weight: Value,
  dy: Value,
): Value {
  const { strides, pads, kernel, group, x } = geometry;
  const isStrided = strides.some((stride) => stride > 1);
  const isPaddedFurther = pads.some((pad, side) => pad >= (kernel[side % 2] ?? 0));
  if (isStrided || isPaddedFurther) {
    return dataGradientByTransposedConvolution(builder, geometry, weight, dy);
  }
  const attributes = {
    kernel_shape: { ints: kernel },
    pads: { ints: turnedPads(geometry) },
    group: { i: group },
  };
  if (blockedChannels !== null && canBlock(geometry, blockedChannels)) {
    const turned = blockTurnedWeights(builder, geometry, weight, blockedChannels);
    return blockedConvolution(builder, [dy, turned], x.channels, attributes);
  }
  return builder.op('Conv', [dy, turnWeights(builder, geometry, weight)], attributes);
}

/** Padding of dy, so that the kernel turned round gives the size of x again. */
function turnedPads({ kernel: [kernelH, kernelW], pads }: ConvGeometry): readonly number[] {
  const [top, left, bottom, right] = pads;
  return [kernelH - 1 - top, kernelW - 1 - left, kernelH - 1 - bottom, kernelW - 1 - right];
}

/** w [O, I / group, kH, kW] → [I, O / group, kH, kW], both kernel axes backwards. */
function turnWeights(
  builder: OnnxBuilder,
  { x, dy: output, kernel: [kernelH, kernelW], group }: ConvGeometry,
  weight: Value,
): Value {
  const taps = kernelH * kernelW;
  const inPerGroup = x.channels / group;
  const outPerGroup = output.channels / group;
  const grouped = builder.op('Reshape', [
    weight,
    builder.ints(group, outPerGroup, inPerGroup, taps),
  ]);
  const tapsFirst = builder.op('Transpose', [grouped], { perm: { ints: [3, 0, 2, 1] } });
  const backwards = builder.constant(Int32Array.from({ length: taps }, (_tap, i) => taps - 1 - i));
  const turned = builder.op('Gather', [tapsFirst, backwards], { axis: { i: 0 } });
  const tapsLast = builder.op('Transpose', [turned], { perm: { ints: [1, 2, 3, 0] } });
  return builder.op('Reshape', [tapsLast, builder.ints(x.channels, outPerGroup, kernelH, kernelW)]);
}

/**
 * The pixels at the right and bottom edge that no window reaches, because the stride does not divide,
 * take no gradient: `output_padding` adds them as zeros.
 */
function dataGradientByTransposedConvolution(
  builder: OnnxBuilder,
  { x, dy: output, kernel, strides, pads, group }: ConvGeometry,
  weight: Value,
  dy: Value,
): Value {
  const [top, left, bottom, right] = pads;
  const rest = (size: number, windows: number, stride: number, window: number) =>
    size - ((windows - 1) * stride + window);
  return builder.op('ConvTranspose', [dy, weight], {
    kernel_shape: { ints: kernel },
    strides: { ints: strides },
    pads: { ints: pads },
    output_padding: {
      ints: [
        rest(x.height + top + bottom, output.height, strides[0], kernel[0]),
        rest(x.width + left + right, output.width, strides[1], kernel[1]),
      ],
    },
    group: { i: group },
  });
}

function toGeometry({ shapeOf }: LoweringContext, node: NodeOf<'Conv'>): ConvGeometry {
  const { kernelShape, strides, pads, group } = node.attributes;
  return {
    x: toExtent(shapeOf(node.inputs[0]), node.name),
    dy: toExtent(shapeOf(node.output), node.name),
    kernel: kernelShape,
    strides,
    pads,
    group,
  };
}

function toExtent(shape: readonly number[], name: string): ConvGeometry['x'] {
  const [batch, channels, height, width] = shape;
  invariant(
    batch !== undefined && channels !== undefined && height !== undefined && width !== undefined,
    `${name} is not 4-D`,
  );
  return { batch, channels, height, width };
}
