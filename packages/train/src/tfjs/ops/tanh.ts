import type { NodeOf } from '@alexnet/core';
import type { TfjsOp } from './tfjs-op.ts';

export const tanh: TfjsOp<NodeOf<'Tanh'>> = (_node, [x], { tf }) => tf.tanh(x);
