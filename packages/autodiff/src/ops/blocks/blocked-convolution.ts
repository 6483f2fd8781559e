import type { Attribute, ConvGeometry, OnnxBuilder, Value } from '@alexnet/export';

/**
 * onnxruntime's own operators for convolutions whose channels lie in blocks, [N, C/B, H, W, B]: the width of
 * the processor's vectors. It uses them of its own accord where weights are constants; those of a training
 * are not. No standard: an engine tries them out before it asks for them.
 */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** The operand that a convolution adds to, element by element. */
export const SUM_OPERAND = 3;

/** Operator sets that a model with blocked convolutions needs beside ONNX's own. */
export function blockedDomains(blockedChannels: number | null): Readonly<Record<string, number>> {
  return blockedChannels === null ? {} : { [BLOCKED_DOMAIN]: 1 };
}

/** Whether the channels of both sides come in whole blocks. */
export function canBlock({ x, dy, group }: ConvGeometry, blockedChannels: number | null): boolean {
  return (
    blockedChannels !== null &&
    (x.channels / group) % blockedChannels === 0 &&
    (dy.channels / group) % blockedChannels === 0
  );
}

/** Products of a result below which putting results into blocks and back costs what the blocks gain. */
const FEW_PRODUCTS = 50;

/**
 * Whether a convolution of less channels than a block has, as those of a picture, makes whole blocks of them:
 * onnxruntime's takes its input as it lies then, and half the time of its other one for AlexNet's conv1.
 */
export function canMakeBlocks(
  { x, dy, kernel, group }: ConvGeometry,
  blockedChannels: number | null,
): boolean {
  return (
    blockedChannels !== null &&
    group === 1 &&
    x.channels < blockedChannels &&
    dy.channels % blockedChannels === 0 &&
    x.channels * kernel[0] * kernel[1] >= FEW_PRODUCTS
  );
}

/** One of onnxruntime's operators on blocks of channels. */
export function blockedOp(
  builder: OnnxBuilder,
  op: 'ReorderInput' | 'Conv' | 'ReorderOutput',
  operands: readonly Value[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Value {
  return builder.op(op, operands, attributes, { domain: BLOCKED_DOMAIN });
}

/**
 * A convolution by blocks of channels.
 *
 * @param operands - x [N, I, H, W], weights in the order of {@link blockWeights} or {@link blockTurnedWeights}, perhaps a bias [O]
 * @returns y [N, O, H', W']
 */
export function blockedConvolution(
  builder: OnnxBuilder,
  [x, weight, ...bias]: readonly [Value, Value, ...Value[]],
  outChannels: number,
  attributes: Readonly<Record<string, Attribute>>,
): Value {
  const blocked = blockedOp(builder, 'ReorderInput', [x]);
  return blockMakingConvolution(builder, [blocked, weight, ...bias], outChannels, attributes);
}

/**
 * A convolution that makes blocks of channels of an input that is in blocks, or has less channels than one.
 *
 * @param operands - as of {@link blockedConvolution}, weights perhaps in the order of {@link blockOutChannels}
 * @returns y [N, O, H', W']
 */
export function blockMakingConvolution(
  builder: OnnxBuilder,
  operands: readonly [Value, Value, ...Value[]],
  outChannels: number,
  attributes: Readonly<Record<string, Attribute>>,
): Value {
  const y = blockedOp(builder, 'Conv', operands, attributes);
  return blockedOp(builder, 'ReorderOutput', [y], { channels: { i: outChannels } });
}

/** w [O, I, kH, kW] → [O/B, I, kH, kW, B], seen as [O, I, kH, kW]. */
export function blockOutChannels(
  builder: OnnxBuilder,
  { x, dy, kernel: [kernelH, kernelW] }: ConvGeometry,
  weight: Value,
  size: number,
): Value {
  const taps = x.channels * kernelH * kernelW;
  const split = builder.op('Reshape', [weight, builder.ints(dy.channels / size, size, taps)]);
  const blocked = builder.op('Transpose', [split], { perm: { ints: [0, 2, 1] } });
  return builder.op('Reshape', [blocked, builder.ints(dy.channels, x.channels, kernelH, kernelW)]);
}

/** w [O, I/G, kH, kW] → [O/B, I/(G·B), kH, kW, B in, B out], seen as [O, I/G, kH, kW]. */
export function blockWeights(
  builder: OnnxBuilder,
  { x, dy, kernel: [kernelH, kernelW], group }: ConvGeometry,
  weight: Value,
  size: number,
): Value {
  const inChannels = x.channels / group;
  const taps = kernelH * kernelW;
  const split = builder.op('Reshape', [
    weight,
    builder.ints(dy.channels / size, size, inChannels / size, size, taps),
  ]);
  const blocked = builder.op('Transpose', [split], { perm: { ints: [0, 2, 4, 3, 1] } });
  return builder.op('Reshape', [blocked, builder.ints(dy.channels, inChannels, kernelH, kernelW)]);
}

/**
 * The weights of the convolution that makes dx of dy, in blocks: in and out change sides, the kernel is
 * turned round.
 *
 * w [O, I/G, kH, kW] → [I/B, O/(G·B), kH, kW, B of O, B of I], seen as [I, O/G, kH, kW]
 */
export function blockTurnedWeights(
  builder: OnnxBuilder,
  { x, dy, kernel: [kernelH, kernelW], group }: ConvGeometry,
  weight: Value,
  size: number,
): Value {
  const inBlocks = x.channels / group / size;
  const outBlocks = dy.channels / group / size;
  const taps = kernelH * kernelW;
  const split = builder.op('Reshape', [
    weight,
    builder.ints(group, outBlocks, size, inBlocks, size, taps),
  ]);
  const swapped = builder.op('Transpose', [split], { perm: { ints: [0, 3, 1, 5, 2, 4] } });
  const backwards = builder.constant(Int32Array.from({ length: taps }, (_tap, i) => taps - 1 - i));
  const turned = builder.op('Gather', [swapped, backwards], { axis: { i: 3 } });
  return builder.op('Reshape', [
    turned,
    builder.ints(x.channels, dy.channels / group, kernelH, kernelW),
  ]);
}
