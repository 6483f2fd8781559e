import type { NodeOf } from '../graph/graph.ts';
import type { InterpreterOp } from './interpreter-op.ts';

export const tanh: InterpreterOp<NodeOf<'Tanh'>> = (_node, [x]) => ({
  shape: x.shape,
  data: x.data.map((value) => Math.tanh(value)),
});
