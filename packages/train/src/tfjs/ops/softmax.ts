import type { NodeOf } from '@alexnet/core';
import type { TfjsOp } from './tfjs-op.ts';

export const softmax: TfjsOp<NodeOf<'Softmax'>> = (_node, [x], { tf }) => tf.softmax(x);
