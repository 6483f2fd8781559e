import { AlexNetError } from '../errors.ts';
import { type Fans, fansOf, type Initializer } from '../initialize/initializer.ts';
import type { BatchNormalizationAttributes } from '../ops/batch-normalization.ts';
import type { LrnAttributes } from '../ops/lrn.ts';
import type { SpatialLrnAttributes } from '../ops/spatial-lrn.ts';
import type { WindowAttributes } from '../ops/window.ts';
import { type Shape, sizeOf } from '../tensor.ts';
import type { Graph, Node, Parameter } from './graph.ts';
import { inferShapes } from './infer-shapes.ts';

/** [top, left, bottom, right]; one number pads all four sides. */
type Pads = number | readonly [number, number, number, number];

/** [height, width]; one number is both. */
type Pair = number | readonly [number, number];

export interface WindowOptions {
  readonly kernel: Pair;
  /** 1 unless given. */
  readonly stride?: Pair;
  /** 0 unless given. */
  readonly pads?: Pads;
}

export interface PoolOptions extends WindowOptions {
  /** Off unless given. */
  readonly ceilMode?: boolean;
}

export interface AveragePoolOptions extends PoolOptions {
  /** Off unless given. */
  readonly countIncludePad?: boolean;
}

/** One group unless given. */
export type LrnOptions = Omit<LrnAttributes, 'groups'> & { readonly groups?: number };

export interface LayerInitializers {
  readonly weight: Initializer;
  readonly bias: Initializer;
}

/** The same numbers for any layer, or a rule that depends on a layer's size. */
export type LayerInitialization = LayerInitializers | ((fans: Fans) => LayerInitializers);

export interface ConvOptions extends WindowOptions {
  readonly channels: number;
  /** 1 unless given. */
  readonly group?: number;
  readonly init: LayerInitialization;
}

export interface GemmOptions {
  readonly features: number;
  readonly init: LayerInitialization;
}

/**
 * Writes a chain of layers down as a graph: each method adds one layer behind the last.
 *
 * Values are named as their layers; {@link GraphBuilder.build} renames the last one `logits`.
 */
export interface GraphBuilder {
  conv(name: string, options: ConvOptions): GraphBuilder;
  relu(name: string): GraphBuilder;
  tanh(name: string): GraphBuilder;
  /** Scale and variance start at 1, bias and mean at 0. */
  batchNormalization(name: string, attributes: BatchNormalizationAttributes): GraphBuilder;
  lrn(name: string, attributes: LrnOptions): GraphBuilder;
  spatialLrn(name: string, attributes: SpatialLrnAttributes): GraphBuilder;
  maxPool(name: string, options: PoolOptions): GraphBuilder;
  averagePool(name: string, options: AveragePoolOptions): GraphBuilder;
  adaptiveAveragePool(name: string, size: Pair): GraphBuilder;
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
    // The node alone: what is before it has been through this already.
    const step: Graph = {
      name,
      input: { name: last, shape: lastShape.slice(1) },
      parameters: parameters.filter((each) => node.inputs.some((value) => value === each.name)),
      nodes: [node],
      output: node.output,
    };
    last = node.output;
    lastShape = inferShapes(step).get(last) ?? [];
    return builder;
  };
  const learn = (layer: string, weightShape: Shape, init: LayerInitialization) => {
    const initializers = typeof init === 'function' ? init(fansOf(weightShape)) : init;
    const weight = `${layer}.weight`;
    const bias = `${layer}.bias`;
    parameters.push({ name: weight, shape: weightShape, initializer: initializers.weight });
    parameters.push({ name: bias, shape: weightShape.slice(0, 1), initializer: initializers.bias });
    return [last, weight, bias] as const;
  };

  const normalize = (layer: string) => {
    const addArray = (role: string, value: number) => {
      const array = `${layer}.${role}`;
      const shape = [lastShape[1] ?? 0];
      parameters.push({ name: array, shape, initializer: { kind: 'constant', value } });
      return array;
    };
    const [scale, bias] = [addArray('scale', 1), addArray('bias', 0)];
    return [last, scale, bias, addArray('mean', 0), addArray('variance', 1)] as const;
  };

  const builder: GraphBuilder = {
    conv: (layer, { channels, group = 1, init, ...options }) => {
      const inChannels = (lastShape[1] ?? 0) / group;
      const window = toWindow(options);
      return append({
        op: 'Conv',
        name: layer,
        inputs: learn(layer, [channels, inChannels, ...window.kernelShape], init),
        output: layer,
        attributes: { ...window, group },
      });
    },
    relu: (layer) =>
      append({ op: 'Relu', name: layer, inputs: [last], output: layer, attributes: {} }),
    tanh: (layer) =>
      append({ op: 'Tanh', name: layer, inputs: [last], output: layer, attributes: {} }),
    batchNormalization: (layer, attributes) =>
      append({
        op: 'BatchNormalization',
        name: layer,
        inputs: normalize(layer),
        output: layer,
        attributes,
      }),
    lrn: (layer, { groups = 1, ...options }) =>
      append({
        op: 'LRN',
        name: layer,
        inputs: [last],
        output: layer,
        attributes: { ...options, groups },
      }),
    spatialLrn: (layer, attributes) =>
      append({ op: 'SpatialLRN', name: layer, inputs: [last], output: layer, attributes }),
    maxPool: (layer, { ceilMode = false, ...options }) =>
      append({
        op: 'MaxPool',
        name: layer,
        inputs: [last],
        output: layer,
        attributes: { ...toWindow(options), ceilMode },
      }),
    averagePool: (layer, { ceilMode = false, countIncludePad = false, ...options }) =>
      append({
        op: 'AveragePool',
        name: layer,
        inputs: [last],
        output: layer,
        attributes: { ...toWindow(options), ceilMode, countIncludePad },
      }),
    adaptiveAveragePool: (layer, size) =>
      append({
        op: 'AdaptiveAveragePool',
        name: layer,
        inputs: [last],
        output: layer,
        attributes: { outputSize: toPair(size) },
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

function toWindow({ kernel, stride = 1, pads = 0 }: WindowOptions): WindowAttributes {
  return {
    kernelShape: toPair(kernel),
    strides: toPair(stride),
    pads: typeof pads === 'number' ? [pads, pads, pads, pads] : pads,
  };
}

function toPair(pair: Pair): readonly [number, number] {
  return typeof pair === 'number' ? [pair, pair] : pair;
}
