import {
  AlexNetError,
  countClasses,
  type Graph,
  invariant,
  type Model,
  numberedLabels,
  type Preprocessing,
  type RecognizedPreset,
  recognizePreset,
  type Tensor,
  type Weights,
} from '@alexnet/core';
import { findHead, reinitialize, replaceHead, selectParameters } from '@alexnet/core/transforms';
import { turnRows } from '../elements/transpose.ts';
import type { DescribedNetwork, WeightFile } from '../weight-file.ts';
import { listExpectedLayers } from './expected-layers.ts';
import type { ImportWeightsOptions } from './import-options.ts';
import type { ImportReport } from './import-report.ts';
import { caffeLike, torchvisionLike } from './preprocessing.ts';

/** A model, and what was decided on the way. */
export interface Described
  extends Pick<
    ImportReport,
    | 'decisions'
    | 'conventions'
    | 'skipped'
    | 'placed'
    | 'fc6Order'
    | 'alternatives'
    | 'knowsPreprocessing'
  > {
  readonly model: Model;
  /** Whose way to prepare pictures was taken; null where there is nothing to say about it. */
  readonly because: string | null;
}

/** A model of a file that describes its network itself. */
export function importDescribed(
  file: WeightFile,
  network: DescribedNetwork,
  options: ImportWeightsOptions,
): Described {
  const named = nameByPreset(network);
  const { preprocessing, because } = choosePreprocessing(file, network, named);
  const { graph } = named;
  const classes = countClasses(graph);
  const { labels, provenance } = network.metadata;
  const model: Model = {
    graph,
    weights: named.weights,
    metadata: {
      preset: named.preset,
      labels: labels ?? numberedLabels(classes),
      preprocessing,
      provenance: provenance ?? {
        origin: 'imported',
        ...(options.source === undefined ? {} : { source: options.source }),
      },
    },
  };
  const { model: final, skipped } = startAnew(reorder(model, options), options);
  const what = named.preset === null ? 'a network of its own' : `the preset "${named.preset}"`;
  return {
    model: final,
    decisions: [
      `The file describes its network itself: ${graph.name}, ${what}, ${classes} classes.`,
    ],
    conventions: [],
    skipped,
    placed: [],
    fc6Order: options.fc6Order ?? null,
    alternatives: [],
    knowsPreprocessing: because === null && network.assumesPreprocessing !== true,
    because: file.format === 'onnx' ? null : because,
  };
}

interface NamedNetwork {
  readonly preset: string | null;
  readonly graph: Graph;
  readonly weights: Weights;
  readonly published: Preprocessing | null;
}

/** The network under its preset's names, where it is one; what says its preset itself stays as it is. */
function nameByPreset({ graph, metadata, readWeights }: DescribedNetwork): NamedNetwork {
  const weights = readWeights();
  if (metadata.preset !== undefined) {
    return { preset: metadata.preset, graph, weights, published: null };
  }
  const recognized = recognizePreset(graph);
  if (!recognized) return { preset: null, graph, weights, published: null };
  const { preset, network } = recognized;
  return {
    preset,
    graph: network.graph,
    weights: rename(graph, weights, recognized),
    published: network.preprocessing,
  };
}

function rename(
  graph: Graph,
  weights: Weights,
  { layers, network }: RecognizedPreset,
): ReadonlyMap<string, Tensor> {
  const nodes = new Map(network.graph.nodes.map((node) => [node.name, node]));
  const renamed = new Map<string, Tensor>();
  for (const { name, inputs } of graph.nodes) {
    const [, ...wanted] = nodes.get(layers.get(name) ?? '')?.inputs ?? [];
    for (const [index, parameter] of wanted.entries()) {
      const tensor = weights.get(inputs[index + 1] ?? '');
      invariant(tensor, `${name} has nothing for ${parameter}`);
      renamed.set(parameter, tensor);
    }
  }
  // In the graph's order.
  return new Map(
    network.graph.parameters.map(({ name }) => {
      const tensor = renamed.get(name);
      invariant(tensor, `nothing was placed in ${name}`);
      return [name, tensor];
    }),
  );
}

/** `because` is null where the file says it. */
function choosePreprocessing(
  file: WeightFile,
  { metadata }: DescribedNetwork,
  { preset, graph, published }: NamedNetwork,
): { readonly preprocessing: Preprocessing; readonly because: string | null } {
  if (metadata.preprocessing) return { preprocessing: metadata.preprocessing, because: null };
  const [channels] = graph.input.shape;
  if (file.format === 'caffemodel' && channels === 3 && published?.channels !== 'BGR') {
    return { preprocessing: caffeLike(graph.input.shape), because: 'as Caffe does it' };
  }
  if (published) {
    return { preprocessing: published, because: `as "${preset}" was published with` };
  }
  return {
    preprocessing: torchvisionLike(graph.input.shape),
    because: "torchvision's way, for want of anything better",
  };
}

/** Where the caller says that the file's first dense layer takes its inputs in the order HWC. */
function reorder(model: Model, { fc6Order }: ImportWeightsOptions): Model {
  if (fc6Order !== 'HWC') return model;
  const layer = listExpectedLayers(model.graph).find(({ flattened }) => flattened);
  const weight = layer?.parameters.get('weight');
  const tensor = model.weights.get(weight?.name ?? '');
  if (!layer?.flattened || !weight || !tensor) return model;
  const { channels, pixels } = layer.flattened;
  const data = turnRows(tensor.data, [tensor.shape[0] ?? 0, pixels, channels]);
  const weights = new Map([
    ...model.weights,
    [weight.name, { shape: tensor.shape, data }] as const,
  ]);
  return { ...model, weights };
}

/** Gives the layers that the caller leaves out fresh weights, and the head other classes. */
function startAnew(
  model: Model,
  { skip = [], classes, seed = 0, init = 'he' }: ImportWeightsOptions,
): { readonly model: Model; readonly skipped: readonly string[] } {
  const own = countClasses(model.graph);
  const names = skip.length === 0 ? [] : selectParameters(model.graph, skip);
  const head = findHead(model.graph);
  const isOther = classes !== undefined && classes !== own;
  if (isOther && !names.includes(head.inputs[1])) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The file has ${own} classes in ${head.name}, but ${classes} are asked for.`,
      hint: `Leave its head out, which then starts anew: --skip ${head.name} --classes ${classes}`,
      path: [head.name],
    });
  }
  const resized = isOther
    ? replaceHead(model, { labels: numberedLabels(classes), seed, init })
    : model;
  return {
    model: names.length === 0 ? resized : reinitialize(resized, skip, { seed, init }),
    skipped: names.length === 0 ? [] : [`${names.join(', ')} start anew (${init}, seed ${seed}).`],
  };
}
