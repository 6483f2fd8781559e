import type { NodeOf } from '../graph/graph.ts';
import type { InterpreterOp } from './interpreter-op.ts';

export const relu: InterpreterOp<NodeOf<'Relu'>> = (_node, [x]) => ({
  shape: x.shape,
  data: x.data.map((value) => Math.max(value, 0)),
});
