import type { NodeOf } from '@alexnet/core';
import { flattenMaps } from '../layout.ts';
import type { TfjsOp } from './tfjs-op.ts';

export const flatten: TfjsOp<NodeOf<'Flatten'>> = (_node, [x], { tf }) => flattenMaps(tf, x);
