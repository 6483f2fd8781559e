import type { NodeOf } from '@alexnet/core';
import type { TfjsOp } from './tfjs-op.ts';

export const relu: TfjsOp<NodeOf<'Relu'>> = (_node, [x], { tf }) => tf.relu(x);
