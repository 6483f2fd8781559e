import { invariant, type NodeOf, type Shape } from '@alexnet/core';
import type { OnnxBuilder } from '../builder.ts';
import type { ConvGeometry, PictureExtent } from './conv-geometry.ts';
import { isFourierQuicker, planFourier } from './fourier-plan.ts';
import { addFourierPoints, fromPoints, toPoints, weightsAtPoints } from './fourier-points.ts';

/** Pictures that are expected to come at once. */
const BATCH = 32;

/**
 * The geometry of a convolution that is likely to be quicker through the Fourier transform, for pictures that come by
 * the {@link BATCH}; undefined for others.
 *
 * @param shapeOf - shape of a value for one picture
 */
export function findFourierGeometry(
  { name, inputs, output, attributes }: NodeOf<'Conv'>,
  shapeOf: (value: string) => Shape,
): ConvGeometry | undefined {
  const { kernelShape, strides, pads, group } = attributes;
  const [x, dy] = [toExtent(shapeOf(inputs[0]), name), toExtent(shapeOf(output), name)];
  const geometry = { x, dy, kernel: kernelShape, strides, pads, group };
  return isFourierQuicker(geometry) ? geometry : undefined;
}

/**
 * A convolution through the Fourier transform of the maps, for weights that are constant: what they are at its points
 * is computed once, when a runtime folds constants. The last node has the layer's name.
 *
 *   y = Aᵀ · ((G·w) · (B·x)) + b      (B, G, A: inputs, taps, outputs of `FourierAxis`)
 *
 * Shape: x [N, I, H, W], w [O, I / group, kH, kW], b [O], y [N, O, H', W']
 *
 * @see Mathieu, Henaff & LeCun 2014, "Fast training of convolutional networks through FFTs"
 */
export function addFourierConvolution(
  builder: OnnxBuilder,
  { name, inputs: [x, weight, bias], output }: NodeOf<'Conv'>,
  geometry: ConvGeometry,
): void {
  builder.scope(name, () => {
    const { rows, columns } = planFourier(geometry);
    const plan = { rows, columns, chunks: [columns.points] };
    const points = addFourierPoints(builder, geometry, plan);
    const { input: from, output: to, chunks } = points;
    const taps = geometry.kernel[0] * geometry.kernel[1];
    const kernels = builder.op('Reshape', [weight, builder.ints(-1, taps)]);
    const v = toPoints(builder, points, { side: from, x });
    const products = chunks.map((chunk) => {
      const u = weightsAtPoints(builder, points, { chunk, kernels, to, from });
      return builder.op('MatMul', [u, v]);
    });
    const y = fromPoints(builder, points, { side: to, chunks: products });
    const addend = builder.op('Reshape', [bias, builder.ints(geometry.dy.channels, 1, 1)]);
    builder.op('Add', [y, addend], {}, { name, output });
  });
}

function toExtent([, channels, height, width]: Shape, name: string): PictureExtent {
  invariant(
    channels !== undefined && height !== undefined && width !== undefined,
    `${name} is not 4-D`,
  );
  return { batch: BATCH, channels, height, width };
}
