import { invariant, type NodeOf } from '@alexnet/core';
import type { ConvGeometry, OnnxBuilder, Value } from '@alexnet/export';
import {
  blockedConvolution,
  blockMakingConvolution,
  blockOutChannels,
  blockTurnedWeights,
  blockWeights,
  canBlock,
  canMakeBlocks,
} from '../blocks/blocked-convolution.ts';
import { type LayerRecipe, resolveRecipe } from '../convolution-recipe.ts';
import type { LoweringContext, OpLowering } from '../op-lowering.ts';
import { weightGradientByColumns, weightGradientByConvolution } from './conv-weight-gradient.ts';
import { findGeometry } from './convolution-geometry.ts';
import {
  createFourierConvolution,
  type FourierConvolution,
  type FourierGradients,
} from './fourier-convolution.ts';

/**
 * y = x ⋆ w + b. dx is the transposed convolution of dy with w, db the sum of dy over pictures and pixels. Each
 * pass has several recipes, see `convolution-recipe.ts`.
 *
 * Shape: x [N, I, H, W], w [O, I / group, kH, kW], b [O], y [N, O, H', W']
 */
export const conv: OpLowering<NodeOf<'Conv'>> = {
  lower(context, node, [x, weight, bias]) {
    const { builder, convolutions } = context;
    const geometry = findGeometry(node, context.shapeOf);
    const recipe = resolveRecipe(convolutions, node.name, geometry);
    let made: FourierConvolution | undefined;
    const fourier = () => {
      made ??= createFourierConvolution(builder, geometry, [x, weight, bias]);
      return made;
    };
    const output =
      recipe.forward === 'fourier'
        ? fourier().forward()
        : forward(context, geometry, [x, weight, bias]);
    return {
      output,
      backward: (dy, [wantsX, wantsWeight, wantsBias]) => {
        const usesFourier =
          (wantsX && recipe.data === 'fourier') || (wantsWeight && recipe.weight === 'fourier');
        const atPoints = usesFourier ? fourier().backward(dy) : null;
        const operands = { context, geometry, x, weight, dy, atPoints };
        return [
          wantsX ? builder.scope('data', () => DATA_GRADIENTS[recipe.data](operands)) : null,
          wantsWeight
            ? builder.scope('weight', () => WEIGHT_GRADIENTS[recipe.weight](operands))
            : null,
          wantsBias
            ? builder.op('ReduceSum', [dy, builder.ints(0, 2, 3)], { keepdims: { i: 0 } })
            : null,
        ];
      },
    };
  },
};

/** What a gradient is made of. */
interface GradientOperands {
  readonly context: LoweringContext;
  readonly geometry: ConvGeometry;
  readonly x: Value;
  readonly weight: Value;
  readonly dy: Value;
  /** dy at the points of the transform; `null` where no gradient goes through it. */
  readonly atPoints: FourierGradients | null;
}

type MakeGradient = (operands: GradientOperands) => Value;

const DATA_GRADIENTS: Readonly<Record<LayerRecipe['data'], MakeGradient>> = {
  turned: dataGradientByTurnedConvolution,
  transposed: dataGradientByTransposedConvolution,
  fourier: (operands) => throughPoints(operands).data(),
};

const WEIGHT_GRADIENTS: Readonly<Record<LayerRecipe['weight'], MakeGradient>> = {
  columns: ({ context: { builder }, geometry, x, dy }) =>
    weightGradientByColumns(builder, geometry, x, dy),
  convolution: ({ context: { builder }, geometry, x, dy }) =>
    weightGradientByConvolution(builder, geometry, x, dy),
  fourier: (operands) => throughPoints(operands).weight(),
};

function throughPoints({ atPoints }: GradientOperands): FourierGradients {
  invariant(atPoints, 'dy was not taken to the points');
  return atPoints;
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
  if (blockedChannels !== null && canBlock(geometry, blockedChannels)) {
    const blocked = blockWeights(builder, geometry, weight, blockedChannels);
    return blockedConvolution(builder, [x, blocked, bias], dy.channels, attributes);
  }
  if (blockedChannels !== null && canMakeBlocks(geometry, blockedChannels)) {
    const blocked = blockOutChannels(builder, geometry, weight, blockedChannels);
    return blockMakingConvolution(builder, [x, blocked, bias], dy.channels, attributes);
  }
  return builder.op('Conv', [x, weight, bias], attributes);
}

/** At stride 1: two thirds to nine tenths of the time of `ConvTranspose` on most machines. */
function dataGradientByTurnedConvolution({
  context: { builder, blockedChannels },
  geometry,
  weight,
  dy,
}: GradientOperands): Value {
  const { kernel, group, x } = geometry;
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
function dataGradientByTransposedConvolution({
  context: { builder },
  geometry: { x, dy: output, kernel, strides, pads, group },
  weight,
  dy,
}: GradientOperands): Value {
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
