import { type Graph, inferShapes, type Node, type NodeOf, type Shape, sizeOf } from '@alexnet/core';
import type { LayerKind } from './file-layers.ts';
import type { FlattenedInput } from './layout.ts';
import type { ParameterRole } from './parameter-name.ts';

/** A node with parameters. */
export type WeightedNode = NodeOf<'Conv'> | NodeOf<'Gemm'> | NodeOf<'BatchNormalization'>;

/** A layer of a network that a file has to fill. */
export interface ExpectedLayer {
  readonly name: string;
  readonly kind: LayerKind;
  readonly node: WeightedNode;
  /** Names and shapes of its parameters, by what they are to it. */
  readonly parameters: ReadonlyMap<ParameterRole, { readonly name: string; readonly shape: Shape }>;
  /** What a dense layer reads that has feature maps before it. */
  readonly flattened?: Omit<FlattenedInput, 'order'>;
}

const ROLES: Readonly<Record<WeightedNode['op'], readonly ParameterRole[]>> = {
  Conv: ['weight', 'bias'],
  Gemm: ['weight', 'bias'],
  BatchNormalization: ['scale', 'shift', 'mean', 'variance'],
};

const KINDS: Readonly<Record<WeightedNode['op'], LayerKind>> = {
  Conv: 'conv',
  Gemm: 'dense',
  BatchNormalization: 'norm',
};

/** The layers of a network that have parameters, in the order in which they run. */
export function listExpectedLayers(graph: Graph): readonly ExpectedLayer[] {
  const shapes = inferShapes(graph);
  const declared = new Map(graph.parameters.map(({ name, shape }) => [name, shape]));
  return graph.nodes.filter(hasParameters).map((node): ExpectedLayer => {
    const [, ...names] = node.inputs;
    const flattened = node.op === 'Gemm' ? findFlattened(graph, node, shapes) : undefined;
    return {
      name: node.name,
      kind: KINDS[node.op],
      node,
      parameters: new Map(
        ROLES[node.op].map((role, index) => {
          const name = names[index] ?? '';
          return [role, { name, shape: declared.get(name) ?? [] }];
        }),
      ),
      ...(flattened ? { flattened } : {}),
    };
  });
}

function hasParameters(node: Node): node is WeightedNode {
  return node.op === 'Conv' || node.op === 'Gemm' || node.op === 'BatchNormalization';
}

/** Follows the input of a dense layer back to where feature maps were flattened. */
function findFlattened(
  graph: Graph,
  node: Node,
  shapes: ReadonlyMap<string, Shape>,
): Omit<FlattenedInput, 'order'> | undefined {
  const makers = new Map(graph.nodes.map((each) => [each.output, each]));
  let value: string = node.inputs[0];
  for (let maker = makers.get(value); maker; maker = makers.get(value)) {
    [value] = maker.inputs;
    if (maker.op === 'Flatten') {
      const [, channels = 0, ...plane] = shapes.get(value) ?? [];
      return { channels, pixels: sizeOf(plane) };
    }
    if (maker.op === 'Gemm') return undefined;
  }
  return undefined;
}

/**
 * The same network with other numbers of outputs in some layers; what the layers behind them take in follows.
 *
 * @param outputs - by the name of the layer
 */
export function withOutputs(graph: Graph, outputs: ReadonlyMap<string, number>): Graph {
  let parameters = graph.parameters;
  const resize = (name: string, shape: Shape) => {
    parameters = parameters.map((each) => (each.name === name ? { ...each, shape } : each));
  };
  for (const [index, node] of graph.nodes.entries()) {
    if (!hasParameters(node)) continue;
    const before = { ...graph, parameters, nodes: graph.nodes.slice(0, index) };
    const [, channels = 0] = inferShapes(before).get(node.inputs[0]) ?? [];
    const [, first, ...others] = node.inputs;
    if (node.op === 'BatchNormalization') {
      for (const name of [first, ...others]) resize(name, [channels]);
      continue;
    }
    const known = parameters.find(({ name }) => name === first)?.shape ?? [];
    const made = outputs.get(node.name) ?? known[0] ?? 0;
    const taken = node.op === 'Conv' ? channels / node.attributes.group : channels;
    resize(first, [made, taken, ...known.slice(2)]);
    for (const name of others) resize(name, [made]);
  }
  return { ...graph, parameters };
}
