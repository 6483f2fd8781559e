import type { NodeOf } from '../graph/graph.ts';
import type { InterpreterOp } from './interpreter-op.ts';

/** Multiplies by the mask if there is one (training); passes its input on if there is none. */
export const dropout: InterpreterOp<NodeOf<'Dropout'>> = (_node, [x], { mask }) =>
  mask
    ? { shape: x.shape, data: x.data.map((value, index) => value * (mask.data[index] ?? 0)) }
    : x;
