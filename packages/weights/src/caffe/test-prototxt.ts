import { prototxtToGraph } from './to-graph.ts';

export const INPUT = 'input: "data" input_dim: 1 input_dim: 3 input_dim: 13 input_dim: 11\n';

export const layer = (name: string, type: string, bottom: string, rest = '', top = name) =>
  `layer { name: "${name}" type: "${type}" bottom: "${bottom}" top: "${top}" ${rest} }\n`;

/** The nodes of a network of these layers behind a picture of 3 × 13 × 11. */
export function nodesOf(...layers: readonly string[]) {
  return prototxtToGraph(INPUT + layers.join('')).graph.nodes;
}

/** A fully connected layer, so that the network ends in classes. */
export const fc = (bottom: string) =>
  layer('fc', 'InnerProduct', bottom, 'inner_product_param { num_output: 2 }');
