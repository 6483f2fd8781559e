import {
  checkGraph,
  crc32,
  type Graph,
  inferShapes,
  invariant,
  type Model,
  type Node,
} from '@alexnet/core';
import { listExpectedLayers } from '../place/expected-layers.ts';
import { KERAS_ROLES, toTensorFlow } from '../place/tensorflow-arrays.ts';
import { encodeWeights, type TfjsQuantization } from './encode-weights.ts';
import type { LayerContext } from './layer-context.ts';
import { writeLayers } from './layer-writers.ts';
import { createLayersDraft, type LayersDraft } from './layers-draft.ts';

export interface TfjsWriteOptions {
  /** Makes kernels smaller; float32 unless given. */
  readonly quantization?: TfjsQuantization;
  /**
   * What becomes of local response normalisations, for which TensorFlow.js has an operator and no layer: an error
   * (the default), or layers of a class that {@link registerResponseNormalization} makes known before the model is
   * loaded.
   */
  readonly lrn?: 'refuse' | 'class';
}

/** A file of a layers model, under its plain name. */
export interface TfjsFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * A model as a layers model of TensorFlow.js: `model.json` and its weights in files of 4 MiB, to lie in one folder.
 * `tf.loadLayersModel` runs it on [N, H, W, C]; layers have the graph's names. Labels, preprocessing and provenance
 * stand in `userDefinedMetadata.alexnet`.
 *
 * Convolutions of several groups become one for each group; padding that "same" does not say, a ZeroPadding2D.
 *
 * @returns `model.json` last; names of the others have a checksum in them: written in this order, a model that was in
 *   the folder before keeps its own weights until it is replaced, and no cache mixes the two
 * @throws {@link AlexNetError} `UNSUPPORTED` naming the layer that TensorFlow.js has nothing for; `NUMERIC` for weights
 *   that a quantisation cannot hold
 *
 * @example
 * writeTfjsLayers(createModel('torchvision', { seed: 0 })).length // 60
 */
export function writeTfjsLayers(
  { graph, weights, metadata }: Model,
  { quantization, lrn = 'refuse' }: TfjsWriteOptions = {},
): readonly TfjsFile[] {
  checkGraph(graph);
  const draft = createLayersDraft([graph.input.name, ...graph.nodes.map(({ output }) => output)]);
  const output = writeGraph(graph, { draft, weights, lrn });
  const encoded = encodeWeights(draft.arrays, quantization);
  const count = encoded.shards.length;
  const files = encoded.shards.map((bytes, index): TfjsFile => {
    return { name: `group1-shard${index + 1}of${count}-${checksum(bytes)}.bin`, bytes };
  });
  const description = {
    format: 'layers-model',
    generatedBy: '@alexnet/weights',
    convertedBy: null,
    modelTopology: {
      class_name: 'Model',
      config: {
        name: graph.name,
        layers: draft.layers,
        input_layers: [[graph.input.name, 0, 0]],
        output_layers: [[output, 0, 0]],
      },
    },
    weightsManifest: [{ paths: files.map(({ name }) => name), weights: encoded.weights }],
    userDefinedMetadata: { alexnet: metadata },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(description));
  return [...files, { name: 'model.json', bytes }];
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

/** @returns name of the layer that gives the result */
function writeGraph(
  graph: Graph,
  {
    draft,
    weights,
    lrn,
  }: {
    readonly draft: LayersDraft;
    readonly weights: Model['weights'];
    readonly lrn: LayerContext['lrn'];
  },
): string {
  const shapes = inferShapes(graph);
  const [channels = 0, ...plane] = graph.input.shape;
  const shape = plane.length === 0 ? [null, channels] : [null, ...plane, channels];
  draft.add(graph.input.name, 'InputLayer', {
    config: { batch_input_shape: shape, dtype: 'float32', sparse: false },
    inputs: [],
  });
  const layers = new Map(listExpectedLayers(graph).map((layer) => [layer.name, layer]));
  const made = new Map([[graph.input.name, graph.input.name]]);
  const positive = new Set<string>();
  for (const node of graph.nodes) {
    const [read] = node.inputs;
    const input = made.get(read) ?? read;
    const count = draft.layers.length;
    const isPositive = positive.has(read);
    const addArray: LayerContext['addArray'] = (layer, role, take = (tensor) => tensor) => {
      const expected = layers.get(node.name);
      invariant(expected, `${node.name} has no parameters`);
      draft.addArray({
        name: `${layer}/${KERAS_ROLES[role]}`,
        isKernel: role === 'weight',
        read: () => take(toTensorFlow(expected, role, weights)),
      });
    };
    writeLayers(node, {
      draft,
      input,
      inputShape: shapes.get(read) ?? [],
      outputShape: shapes.get(node.output) ?? [],
      isPositive,
      lrn,
      addArray,
    });
    made.set(node.output, draft.layers.length > count ? node.name : input);
    if (staysPositive(node, isPositive)) positive.add(node.output);
  }
  return made.get(graph.output) ?? graph.output;
}

/** Whether what a node makes has no negative numbers. */
function staysPositive({ op }: Node, isPositive: boolean): boolean {
  switch (op) {
    case 'Relu':
    case 'Softmax':
      return true;
    case 'Conv':
    case 'Gemm':
    case 'BatchNormalization':
      return false;
    case 'Tanh':
    case 'LRN':
    case 'SpatialLRN':
    case 'MaxPool':
    case 'AveragePool':
    case 'AdaptiveAveragePool':
    case 'Flatten':
    case 'Dropout':
      return isPositive;
    default:
      return op satisfies never;
  }
}
