import { invariant, type NodeOf } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import { createProductGradient } from '../gradient.ts';
import type { RowPart } from '../row-parts.ts';
import { waitFor } from '../wait-for.ts';
import type { Lowered, LoweringContext, OpLowering } from './op-lowering.ts';

type Gemm = NodeOf<'Gemm'>;

/**
 * y = x · wᵀ + b; dx = dy · w, dw = dyᵀ · x, db = Σₙ dy.
 *
 * A large w comes in parts of some rows: y is made part by part then, dx added up.
 *
 * Shape: x [N, in], w [out, in], b [out], y [N, out]
 */
export const gemm: OpLowering<Gemm> = {
  lower(context, node, [x, weight, bias]) {
    const { builder } = context;
    const parts = context.rowPartsOf(node.inputs[1]);
    if (parts) return lowerParts(context, node, { x, bias, parts });
    return {
      output: builder.op('Gemm', [x, weight, bias], { transB: { i: 1 } }),
      backward: (dy, [wantsX, wantsWeight, wantsBias]) => [
        wantsX ? builder.op('Gemm', [dy, weight]) : null,
        wantsWeight ? builder.op('Gemm', [dy, x], { transA: { i: 1 } }) : null,
        wantsBias ? sumOverPictures(builder, dy) : null,
      ],
    };
  },
};

function lowerParts(
  { builder, shapeOf }: LoweringContext,
  node: Gemm,
  {
    x,
    bias,
    parts,
  }: { readonly x: Value; readonly bias: Value; readonly parts: readonly RowPart[] },
): Lowered<Gemm['inputs']> {
  const [batch] = shapeOf(node.output);
  invariant(batch !== undefined, `${node.name} has no batch`);
  // w · xᵀ, not x · wᵀ: a runtime packs the second operand anew in every step, and x is the smaller one.
  const rows = parts.map(({ name }) => builder.op('Gemm', [name, x], { transB: { i: 1 } }));
  const turned = builder.op('Concat', rows, { axis: { i: 0 } }); // [out, N]
  const product = builder.op('Transpose', [turned], { perm: { ints: [1, 0] } });
  const rowsOf = ({ shape: [rows = 0] }: RowPart) => rows;
  return {
    output: builder.op('Add', [product, bias]),
    backward: (dy, [wantsX, wantsWeight, wantsBias]) => {
      // Turned round once: a product with transA turns its rows round anew for every 128 columns.
      const turned = builder.op('Transpose', [dy], { perm: { ints: [1, 0] } });
      const pieces = builder.ops(
        'Split',
        [turned, builder.ints(...parts.map(rowsOf))],
        { axis: { i: 0 } },
        parts.length,
      );
      const sums: Value[] = [];
      for (const [i, { name }] of parts.entries()) {
        if (!wantsX) break;
        // wᵀ · dyᵀ: the pictures are the columns, few enough to turn w round once.
        sums.push(
          builder.op('Gemm', [name, pieces[i] ?? '', ...sums.slice(-1)], { transA: { i: 1 } }),
        );
      }
      const gradients = parts.map((part, i) => {
        const readers = sums.slice(i, i + 1);
        const shape = [rowsOf(part), batch];
        const waiting = waitFor(builder, pieces[i] ?? '', shape, readers);
        return { part, gradient: createProductGradient(builder, [waiting, x]) };
      });
      return [
        wantsX ? builder.op('Transpose', [sums.at(-1) ?? ''], { perm: { ints: [1, 0] } }) : null,
        wantsWeight ? gradients : null,
        wantsBias ? sumOverPictures(builder, dy) : null,
      ];
    },
  };
}

function sumOverPictures(builder: OnnxBuilder, dy: Value): Value {
  return builder.op('ReduceSum', [dy, builder.ints(0)], { keepdims: { i: 0 } });
}
