import type { NodeOf } from '../graph/graph.ts';
import type { InterpreterOp } from './interpreter-op.ts';

export const flatten: InterpreterOp<NodeOf<'Flatten'>> = (_node, [x], { outputShape }) => ({
  shape: outputShape,
  data: x.data,
});
