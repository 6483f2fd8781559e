import { type Graph, inferShapes, type Node } from '@alexnet/core';
import { type CaffeLayer, canRunInPlace, describeCaffeLayer } from './caffe-layer.ts';

/** A network as Caffe sees it: layers, and the blobs between them. */
export interface CaffeNet {
  readonly name: string;
  /** Names of the blobs, in the order in which they are made. */
  readonly blobs: readonly string[];
  readonly layers: readonly NamedLayer[];
}

export interface NamedLayer extends CaffeLayer {
  readonly name: string;
  /** The blob it reads; null for the layer that brings the pictures in. */
  readonly bottom: string | null;
  /** The blob it writes; the same one if it works in place. */
  readonly top: string;
}

/**
 * Reads a graph as Caffe's models are written: an activation or a dropout whose input nobody else reads works in
 * place, so that it is a layer beside a blob instead of one between two.
 */
export function toCaffeNet(graph: Graph): CaffeNet {
  const shapes = inferShapes(graph);
  const readers = countReaders(graph);
  const [channels = 1] = graph.input.shape;
  const source: NamedLayer = {
    name: graph.input.name,
    type: 'Input',
    tone: 'caffe-layer',
    details: [],
    outputs: channels,
    bottom: null,
    top: graph.input.name,
  };
  const blobs: string[] = [graph.input.name];
  const blobOf = new Map([[graph.input.name, graph.input.name]]);
  const layers = graph.nodes.map((node): NamedLayer => {
    const [input] = node.inputs;
    const bottom = blobOf.get(input) ?? input;
    const isInPlace = worksInPlace(node, graph, readers);
    const top = isInPlace ? bottom : node.output;
    blobOf.set(node.output, top);
    if (!isInPlace) blobs.push(top);
    const layer = describeCaffeLayer(node, shapes.get(node.output)?.[1] ?? 0);
    const { name } = node;
    return { ...layer, name, bottom, top, ...(isInPlace ? { tone: 'caffe-in-place' } : {}) };
  });
  return { name: graph.name, blobs, layers: [source, ...layers] };
}

function worksInPlace(
  { op, inputs: [input], output }: Node,
  graph: Graph,
  readers: ReadonlyMap<string, number>,
): boolean {
  const isVisible = input === graph.input.name || input === graph.output || output === graph.output;
  return canRunInPlace(op) && !isVisible && readers.get(input) === 1;
}

function countReaders({ nodes }: Graph): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  for (const { inputs } of nodes) {
    for (const input of inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  }
  return readers;
}
