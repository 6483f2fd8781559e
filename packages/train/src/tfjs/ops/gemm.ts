import type { NodeOf } from '@alexnet/core';
import { asRows } from '../layout.ts';
import type { TfjsOp } from './tfjs-op.ts';

export const gemm: TfjsOp<NodeOf<'Gemm'>> = (_node, [x, weight, bias], { tf }) =>
  tf.add(tf.matMul(asRows(x), asRows(weight), false, true), bias);
