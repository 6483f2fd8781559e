import { checkGraph } from '../graph/check-graph.ts';
import type { Graph, LinearNode, Node } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { sizeOf } from '../tensor.ts';

/** A node that a value reaches, and how the value's channels lie in what the node reads. */
export interface Reader<N extends Node> {
  readonly node: N;
  /** Inputs of a fully connected layer that one channel became: H·W behind a Flatten, else 1. */
  readonly inputsPerChannel: number;
}

/** All that a value reaches until layers with weights take it up, or the layer that stands in the way. */
export type ReaderSearch =
  | {
      readonly ok: true;
      readonly readers: readonly Reader<LinearNode>[];
      /** Nodes that were passed on the way. */
      readonly passed: readonly Reader<Node>[];
    }
  | { readonly ok: false; readonly layer: string; readonly reason: string };

/**
 * Follows a value to the convolutions and fully connected layers that read it.
 *
 * @param canPass - whether a node between may stay as it is, with what the caller does to the value's channels
 * @throws AlexNetError `INVALID_GRAPH` or `SHAPE_MISMATCH` for a graph that cannot run
 */
export function findLinearReaders(
  graph: Graph,
  value: string,
  canPass: (node: Node) => boolean,
): ReaderSearch {
  checkGraph(graph);
  const shapes = inferShapes(graph);
  const readers: Reader<LinearNode>[] = [];
  const passed: Reader<Node>[] = [];
  const reached = [{ value, inputsPerChannel: 1 }];
  for (const { value, inputsPerChannel } of reached) {
    if (value === graph.output) {
      return { ok: false, layer: graph.output, reason: 'it reaches the output of the network' };
    }
    for (const node of graph.nodes) {
      const [first, ...others] = node.inputs;
      if (others.some((input) => input === value)) {
        return { ok: false, layer: node.name, reason: `${node.name} reads it as a parameter` };
      }
      if (first !== value) continue;
      if (node.op === 'Conv' || node.op === 'Gemm') {
        readers.push({ node, inputsPerChannel });
      } else if (canPass(node)) {
        passed.push({ node, inputsPerChannel });
        const [, , ...plane] = shapes.get(value) ?? [];
        const factor = node.op === 'Flatten' ? sizeOf(plane) : 1;
        reached.push({ value: node.output, inputsPerChannel: inputsPerChannel * factor });
      } else {
        return { ok: false, layer: node.name, reason: `${node.name} (${node.op}) reads it` };
      }
    }
  }
  return { ok: true, readers, passed };
}
