import { sizeOf } from '@alexnet/core';
import type { Budget } from './budget.ts';
import { batchOf, type Constant } from './constant.ts';
import type { OnnxGraphNode } from './graph-node.ts';
import { broadcast, broadcastIndex } from './rearrange.ts';
import { refuse } from './refusal.ts';

type Unary = (x: number) => number;
type Binary = (a: number, b: number) => number;

const UNARY: Readonly<Record<string, Unary>> = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  Exp: Math.exp,
  Floor: Math.floor,
  Neg: (x) => -x,
  Reciprocal: (x) => 1 / x,
  Sqrt: Math.sqrt,
};

const BINARY: Readonly<Record<string, Binary>> = {
  Add: (a, b) => a + b,
  Div: (a, b) => a / b,
  Equal: (a, b) => +(a === b),
  Mul: (a, b) => a * b,
  Pow: (a, b) => a ** b,
  Sub: (a, b) => a - b,
};

/** The value of an arithmetic node between constants; undefined for another operator. */
export function foldArithmetic(
  node: OnnxGraphNode,
  inputs: readonly Constant[],
  { budget }: { readonly budget: Budget },
): Constant | undefined {
  const [a, b] = inputs;
  const { opType } = node;
  if (a && inputs.length === 1 && Object.hasOwn(UNARY, opType)) {
    const apply = UNARY[opType];
    if (a.batch || !apply) throw refuse(node, 'computes with the length of the batch');
    budget.take(node.name, a.data.length);
    return { ...withoutSource(a), data: a.data.map(apply) };
  }
  if (!a || !b || inputs.length !== 2 || !Object.hasOwn(BINARY, opType)) return undefined;
  return combine(node, a, b, budget);
}

function combine(node: OnnxGraphNode, a: Constant, b: Constant, budget: Budget): Constant {
  const shape = broadcast(a.shape, b.shape);
  const apply = BINARY[node.opType];
  if (!shape || !apply) throw refuse(node, `has operands of ${a.shape} and ${b.shape}`);
  const size = sizeOf(shape);
  budget.take(node.name, size);
  const isFloat = a.type === 'float' && !a.batch && !b.batch;
  const data = isFloat ? new Float32Array(size) : new Float64Array(size);
  const fromA = broadcastIndex(shape, a.shape);
  const fromB = broadcastIndex(shape, b.shape);
  const isTruncated = a.type === 'integer' && node.opType === 'Div';
  for (let index = 0; index < size; index += 1) {
    const value = apply(a.data[fromA(index)] ?? 0, b.data[fromB(index)] ?? 0);
    data[index] = isTruncated ? Math.trunc(value) : value;
  }
  const type = node.opType === 'Equal' ? 'boolean' : a.type;
  const result: Constant = { kind: 'constant', type, shape, data };
  if (!a.batch && !b.batch) return result;
  const batch = Float64Array.from({ length: size }, (_, index) =>
    combineBatch(node, [a, fromA(index)], [b, fromB(index)]),
  );
  return { ...result, ...batchOf(batch) };
}

type Element = readonly [constant: Constant, index: number];

/** What stands before N in the result, where that is a multiple of N plus a number. */
function combineBatch(node: OnnxGraphNode, [a, i]: Element, [b, j]: Element): number {
  const [left, right] = [a.batch?.[i] ?? 0, b.batch?.[j] ?? 0];
  const [leftCount, rightCount] = [a.data[i] ?? 0, b.data[j] ?? 0];
  switch (node.opType) {
    case 'Add':
      return left + right;
    case 'Sub':
      return left - right;
    case 'Mul':
      if (left === 0 || right === 0) return left * rightCount + right * leftCount;
      break;
    case 'Div':
      if (right === 0 && left % rightCount === 0 && leftCount % rightCount === 0) {
        return left / rightCount;
      }
      break;
    default:
      if (left === 0 && right === 0) return 0;
  }
  throw refuse(node, 'computes with the length of the batch what depends on it in another way');
}

function withoutSource({ source: _, ...constant }: Constant): Constant {
  return constant;
}
