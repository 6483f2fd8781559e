import { AlexNetError } from './errors.ts';
import type { Graph, Node, Parameter } from './graph.ts';
import { inferShapes } from './infer-shapes.ts';
import type { Initializer } from './initializer.ts';
import type { LrnAttributes } from './ops/lrn.ts';
import { type Shape, sizeOf } from './tensor.ts';

/** [top, left, bottom, right]; one number pads all four sides. */
type Pads = number | readonly [number, number, number, number];

export interface WindowOptions {
  readonly kernel: number;
  /** 1 unless given. */
  readonly stride?: number;
  /** 0 unless given. */
  readonly pads?: Pads;
}

export interface LayerInitializers {
  readonly weight: Initializer;
  readonly bias: Initializer;
}

export interface ConvOptions extends WindowOptions {
  readonly channels: number;
  /** 1 unless given. */
  readonly group?: number;
  readonly init: LayerInitializers;
}

export interface GemmOptions {
  readonly features: number;
  readonly init: LayerInitializers;
}

/**
 * Writes a chain of layers down as a graph: each method adds one layer behind the last.
 *
 * Values are named as their layers; {@link GraphBuilder.build} renames the last one `logits`.
 */
export interface GraphBuilder {
  conv(name: string, options: ConvOptions): GraphBuilder;
  relu(name: string): GraphBuilder;
  lrn(name: string, attributes: LrnAttributes): GraphBuilder;
  maxPool(name: string, options: WindowOptions): GraphBuilder;
  flatten(name: string): GraphBuilder;
  gemm(name: string, options: GemmOptions): GraphBuilder;
  dropout(name: string, ratio: number): GraphBuilder;
  softmax(name: string): GraphBuilder;
  /** @throws `INVALID_GRAPH` if there is no layer. */
  build(): Graph;
}

/** @param inputShape - [C, H, W] of one picture */
export function createGraphBuilder(name: string, inputShape: Shape): GraphBuilder {
  const input = { name: 'image', shape: inputShape };
  const parameters: Parameter[] = [];
  const nodes: Node[] = [];
  let last = input.name;
  let lastShape: Shape = [1, ...inputShape];

  const append = (node: Node): GraphBuilder => {
    nodes.push(node);
    last = node.output;
    const draft: Graph = { name, input, parameters, nodes, output: last };
    lastShape = inferShapes(draft).get(last) ?? [];
    return builder;
  };
  const learn = (layer: string, weightShape: Shape, init: LayerInitializers) => {
    const weight = `${layer}.weight`;
    const bias = `${layer}.bias`;
    parameters.push({ name: weight, shape: weightShape, initializer: init.weight });
    parameters.push({ name: bias, shape: weightShape.slice(0, 1), initializer: init.bias });
    return [last, weight, bias] as const;
  };

  const builder: GraphBuilder = {
    conv: (layer, { channels, kernel, stride = 1, pads = 0, group = 1, init }) => {
      const inChannels = (lastShape[1] ?? 0) / group;
      return append({
        op: 'Conv',
        name: layer,
        inputs: learn(layer, [channels, inChannels, kernel, kernel], init),
        output: layer,
        attributes: {
          kernelShape: [kernel, kernel],
          strides: [stride, stride],
          pads: toPads(pads),
          group,
        },
      });
    },
    relu: (layer) =>
      append({ op: 'Relu', name: layer, inputs: [last], output: layer, attributes: {} }),
    lrn: (layer, attributes) =>
      append({ op: 'LRN', name: layer, inputs: [last], output: layer, attributes }),
    maxPool: (layer, { kernel, stride = 1, pads = 0 }) =>
      append({
        op: 'MaxPool',
        name: layer,
        inputs: [last],
        output: layer,
        attributes: {
          kernelShape: [kernel, kernel],
          strides: [stride, stride],
          pads: toPads(pads),
        },
      }),
    flatten: (layer) =>
      append({ op: 'Flatten', name: layer, inputs: [last], output: layer, attributes: {} }),
    gemm: (layer, { features, init }) =>
      append({
        op: 'Gemm',
        name: layer,
        inputs: learn(layer, [features, sizeOf(lastShape.slice(1))], init),
        output: layer,
        attributes: {},
      }),
    dropout: (layer, ratio) =>
      append({ op: 'Dropout', name: layer, inputs: [last], output: layer, attributes: { ratio } }),
    softmax: (layer) =>
      append({ op: 'Softmax', name: layer, inputs: [last], output: layer, attributes: {} }),
    build: () => {
      const final = nodes.at(-1);
      if (!final) {
        throw new AlexNetError('INVALID_GRAPH', {
          message: `The network "${name}" has no layers.`,
          hint: 'Add at least one layer before build().',
        });
      }
      const output = final.op === 'Softmax' ? 'probabilities' : 'logits';
      const renamed: Node = { ...final, output };
      return { name, input, parameters, nodes: [...nodes.slice(0, -1), renamed], output };
    },
  };
  return builder;
}

function toPads(pads: Pads): readonly [number, number, number, number] {
  return typeof pads === 'number' ? [pads, pads, pads, pads] : pads;
}
