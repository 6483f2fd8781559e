import type { NodeReader } from './context.ts';
import { attributesOf } from './graph-node.ts';

/** Features times a weight [in, out]: a Gemm without a bias. An Add behind it becomes its bias. */
export const readMatMul: NodeReader = (node, [x, weight], context) => {
  if (x?.kind !== 'activation' || weight?.kind !== 'constant') return undefined;
  attributesOf(node).checkAllRead();
  const [value] = context.read({ ...node, opType: 'Gemm' }, [x, weight]);
  return value;
};
