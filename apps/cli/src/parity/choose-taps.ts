import type { Graph } from '@alexnet/core';

const POOLS: ReadonlySet<string> = new Set(['MaxPool', 'AveragePool']);
const WEIGHTED: ReadonlySet<string> = new Set(['Conv', 'Gemm']);

/**
 * Three depths of a network, so that a difference says where it begins: its last pool, its last hidden layer with
 * weights, and its output; pool5, fc7 and logits in an AlexNet.
 *
 * @returns names of values, each once, in the order of the network
 */
export function chooseTaps({ nodes, output }: Graph): readonly string[] {
  const pool = nodes.findLast(({ op }) => POOLS.has(op))?.output;
  const hidden = nodes.filter(({ op }) => WEIGHTED.has(op)).at(-2)?.output;
  const wanted = new Set([pool, hidden, output]);
  return nodes.map((node) => node.output).filter((name) => wanted.has(name));
}
