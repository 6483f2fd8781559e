import { invariant } from '@alexnet/core';
import type { OnnxBuilder, OpOptions, Value } from '@alexnet/export';
import { addDecay, createGradient, type Gradient, type GradientSum } from '../../gradient.ts';
import type { RowPart } from '../../row-parts.ts';
import { waitFor } from '../../wait-for.ts';
import { blockedOp } from '../blocks/blocked-convolution.ts';
import { addTimes, wholeImage } from '../blocks/blocked-sum.ts';
import type { PartGradient } from '../op-lowering.ts';
import {
  createSquaredNorms,
  cutIntoParts,
  type FactorsInParts,
  type ProductOfParts,
  rowsOf,
} from './gemm-parts.ts';

interface Sizes {
  readonly builder: OnnxBuilder;
  /** B: pictures, inputs and outputs come in whole blocks. */
  readonly block: number;
  readonly pictures: number;
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * A product with parts whose rows lie in blocks, by convolutions of 1×1 on blocks of channels, which onnxruntime
 * computes a tenth to a fifth sooner than matrix products, and without packing an operand first.
 *
 * A matrix [C, n] in blocks, [C/B, n, B], is an image of C channels and n pixels, and it is the weights of a
 * convolution of n channels to C. So w, the rows of which lie in blocks, is read as it lies by all that has a part in
 * the step, and its gradient comes as it lies: only activations are put into blocks.
 *
 * | product | image | weights | result |
 * |---|---|---|---|
 * | y = x · wᵀ | xᵀ [in, N] | w [out, in] | yᵀ [out, N] |
 * | dx = dy · w | w [out, in] | dy [N, out] | dx [N, in] |
 * | dw = dyᵀ · x | x [N, in] | dyᵀ [out, N] | dw [out, in] |
 *
 * Shape: x [N, in], parts of w [rows, in], out of them together, y [N, out]
 */
export function multiplyBlockedParts(
  builder: OnnxBuilder,
  { x, parts, pictures }: FactorsInParts,
): ProductOfParts {
  const sizes = sizesOf(builder, parts, pictures);
  const { inputs, outputs } = sizes;
  const image = toColumns(sizes, x, inputs); // xᵀ
  const rows = parts.map((part) =>
    pointwise(sizes, image, asWeights(sizes, part.name, [rowsOf(part), inputs])),
  );
  const turned = builder.op('Concat', rows, { axis: { i: 1 } });
  const product = blockedOp(builder, 'ReorderOutput', [turned], {
    channels: { i: outputs },
    channels_last: { i: 1 },
  });
  return {
    product: builder.op('Reshape', [product, builder.ints(pictures, outputs)]),
    backward: (dy, { wantsX, wantsWeight }) => {
      const dx = wantsX ? sumProducts(sizes, dy, parts) : null;
      return { dx, gradients: wantsWeight ? weightGradients(sizes, { x, dy, parts, dx }) : null };
    },
  };
}

function sizesOf(builder: OnnxBuilder, parts: readonly RowPart[], pictures: number): Sizes {
  const [first] = parts;
  const [, inputs] = first?.shape ?? [];
  invariant(first?.rowBlock && inputs, 'no part is in blocks');
  const outputs = parts.reduce((sum, part) => sum + rowsOf(part), 0);
  return { builder, block: first.rowBlock, pictures, inputs, outputs };
}

/** dx, part by part; onnxruntime adds each to those before without a copy, as long as nothing else reads them. */
function sumProducts(sizes: Sizes, dy: Value, parts: readonly RowPart[]): Value {
  const { builder, block, pictures, inputs, outputs } = sizes;
  const blocks = builder.op('Reshape', [
    toRows(sizes, dy, outputs),
    builder.ints(pictures / block, outputs, block),
  ]);
  const weights = cutIntoParts(builder, blocks, { parts, axis: 1 });
  const sum = parts.reduce<Value | undefined>((before, part, i) => {
    const image = asImage(sizes, part.name, [rowsOf(part), inputs]);
    const filters = asWeights(sizes, weights[i] ?? '', [pictures, rowsOf(part)]);
    return pointwise(sizes, image, filters, before);
  }, undefined);
  invariant(sum, 'a matrix has no parts');
  const product = blockedOp(builder, 'ReorderOutput', [sum], { channels: { i: pictures } });
  return builder.op('Reshape', [product, builder.ints(pictures, inputs)]);
}

function weightGradients(
  sizes: Sizes,
  {
    x,
    dy,
    parts,
    dx,
  }: {
    readonly x: Value;
    readonly dy: Value;
    readonly parts: readonly RowPart[];
    readonly dx: Value | null;
  },
): readonly PartGradient[] {
  const { builder, pictures, inputs, outputs } = sizes;
  const image = toRows(sizes, x, inputs);
  const squaredNormOf = createSquaredNorms(builder, { x, dy, parts, pictures });
  const turned = cutIntoParts(builder, toColumns(sizes, dy, outputs), { parts, axis: 1 });
  return parts.map((part, i) => {
    const rows = rowsOf(part);
    const filters = turned[i] ?? '';
    // Not before the last product that reads the part: then it may be written over.
    const weights =
      dx === null
        ? asWeights(sizes, filters, [rows, pictures])
        : waitFor(builder, filters, [rows, pictures, 1, 1], [dx]);
    const operands = { image, weights, part, squaredNorm: squaredNormOf(i) };
    return { part, gradient: createPointwiseGradient(sizes, operands) };
  });
}

/** Operands of the product that is a part's gradient, and the sum of its squares. */
interface PointwiseOperands extends Pick<Gradient, 'squaredNorm'> {
  readonly image: Value;
  readonly weights: Value;
  readonly part: RowPart;
}

function createPointwiseGradient(sizes: Sizes, operands: PointwiseOperands): Gradient {
  const { builder, inputs, block } = sizes;
  const { image, weights, part, squaredNorm } = operands;
  const shape = [rowsOf(part), inputs] as const;
  const flatten = (value: Value, options: OpOptions = {}) =>
    builder.op('Reshape', [value, builder.ints(...shape)], {}, options);
  const value = () => flatten(pointwise(sizes, image, weights));
  const addToKept = ({ array, factor }: GradientSum) => {
    const kept = builder.op('Mul', [array, builder.scalar(factor)]);
    return { kept, moved: pointwise(sizes, image, weights, asImage(sizes, kept, shape)) };
  };
  return {
    value,
    addTo: (sum) => {
      const { decay, output, addStage } = sum;
      if (addStage) {
        const { kept, moved } = addToKept(sum);
        addStage(kept, shape);
        addStage(moved, imageShape(sizes, shape));
        if (!decay) return flatten(moved, { output });
        const decayed = addTimes(
          builder,
          { sum: moved, array: decay.weight, factor: decay.rate },
          { shape, block },
        );
        addStage(decayed, wholeImage(shape, block));
        return flatten(decayed, { output });
      }
      if (!decay) return createGradient(builder, value()).addTo(sum);
      return addDecay(builder, flatten(addToKept(sum).moved), { ...decay, output });
    },
    squaredNorm,
    times: (scalar) =>
      createPointwiseGradient(sizes, {
        ...operands,
        weights: builder.op('Mul', [weights, scalar]),
        squaredNorm: null,
      }),
  };
}

/** A convolution of 1×1 on blocks, added to a value that is as large as its result. */
function pointwise({ builder }: Sizes, image: Value, weights: Value, added?: Value): Value {
  const operands = added === undefined ? [image, weights] : [image, weights, '', added];
  return blockedOp(builder, 'Conv', operands, { kernel_shape: { ints: [1, 1] } });
}

/** A matrix [N, n] as the image of its rows: N channels, n pixels. */
function toRows({ builder, block, pictures }: Sizes, matrix: Value, columns: number): Value {
  const shape = [1, pictures, columns / block, block];
  return blockedOp(builder, 'ReorderInput', [
    builder.op('Reshape', [matrix, builder.ints(...shape)]),
  ]);
}

/** A matrix [N, n] as the image of its columns: n channels, N pixels. */
function toColumns({ builder, block, pictures }: Sizes, matrix: Value, columns: number): Value {
  const shape = [1, pictures / block, block, columns];
  return blockedOp(
    builder,
    'ReorderInput',
    [builder.op('Reshape', [matrix, builder.ints(...shape)])],
    { channels_last: { i: 1 } },
  );
}

/** A matrix [C, n] in blocks, seen as an image of C channels; its n pixels in rows, which threads share. */
function asImage(sizes: Sizes, matrix: Value, shape: readonly [number, number]): Value {
  const { builder } = sizes;
  return builder.op('Reshape', [matrix, builder.ints(...imageShape(sizes, shape))]);
}

function imageShape({ block }: Sizes, [rows, columns]: readonly [number, number]) {
  return [1, rows, columns / block, block] as const;
}

/** The same, seen as the weights of a convolution of n channels to C. */
function asWeights(
  { builder }: Sizes,
  matrix: Value,
  [rows, columns]: readonly [number, number],
): Value {
  return builder.op('Reshape', [matrix, builder.ints(rows, columns, 1, 1)]);
}
