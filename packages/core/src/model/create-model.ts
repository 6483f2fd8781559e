import { checkGraph, countClasses } from '../graph/check-graph.ts';
import type { Graph } from '../graph/graph.ts';
import { type InitScheme, initializeWeights } from '../initialize/initialize-weights.ts';
import { buildAtSize } from '../presets/build-at-size.ts';
import { findPreset, type PresetId } from '../presets/index.ts';
import { type PresetOptions, resolveOptions } from '../presets/preset.ts';
import type { Tensor } from '../tensor.ts';
import { checkLabels, numberedLabels } from './labels.ts';
import type { Model } from './model.ts';
import type { Preprocessing } from './preprocessing.ts';

/** A network without weights: what it computes, and what it expects to be fed with. */
export interface Network {
  /** Id of its preset; `null` for a network of your own. */
  readonly preset: string | null;
  readonly graph: Graph;
  readonly preprocessing: Preprocessing;
}

/**
 * Builds a preset's graph and its preprocessing.
 *
 * @throws {@link AlexNetError} `UNKNOWN_PRESET`, `INVALID_ARGUMENT`, or `SHAPE_MISMATCH` naming the layer
 *   that runs out of pixels and the smallest size that works
 *
 * @example
 * summarize(createNetwork('caffe-alexnet').graph).parameters // 60965224
 */
export function createNetwork(preset: PresetId, options: PresetOptions = {}): Network {
  const definition = findPreset(preset);
  const resolved = resolveOptions(definition, options);
  const graph = buildAtSize(definition, resolved);
  checkGraph(graph);
  return { preset, graph, preprocessing: definition.preprocessing(resolved) };
}

export interface ModelOptions {
  /** One name for each class; `class 0`, `class 1`, … unless given. */
  readonly labels?: readonly string[];
  /** 0 unless given. */
  readonly seed?: number;
  /** `he` unless given. With `published`, the preprocessing is the published one as well. */
  readonly init?: InitScheme;
  /** For `lsuv`: preprocessed pictures [N, C, H, W]; noise unless given. */
  readonly images?: Tensor;
}

/** A preset with fresh weights. It knows nothing yet. */
export function createModel(preset: PresetId, options: PresetOptions & ModelOptions = {}): Model {
  const { labels, seed, init, images, ...presetOptions } = options;
  const classes = presetOptions.classes ?? labels?.length;
  const network = createNetwork(preset, { ...presetOptions, ...(classes ? { classes } : {}) });
  return initializeModel(network, {
    ...(labels ? { labels } : {}),
    ...(seed === undefined ? {} : { seed }),
    ...(init ? { init } : {}),
    ...(images ? { images } : {}),
  });
}

/** A network with fresh weights. */
export function initializeModel(
  { preset, graph, preprocessing }: Network,
  { labels, seed = 0, init = 'he', images }: ModelOptions = {},
): Model {
  const classes = countClasses(graph);
  if (labels) checkLabels(labels, classes);
  return {
    graph,
    weights: initializeWeights(graph, { seed, init, ...(images ? { images } : {}) }),
    metadata: {
      preset,
      labels: labels ?? numberedLabels(classes),
      preprocessing: init === 'published' ? preprocessing : standardize(preprocessing),
      provenance: { origin: 'initialized', seed },
    },
  };
}

/** Standard deviation of ImageNet's pixels, in 0–255 (torchvision's 0.229 of 1, about). */
const PIXEL_STD = 58;
/** Inputs up to this standard deviation count as near enough to 1. */
const LARGEST_INPUT_STD = 4;

/**
 * `he`, `glorot` and `lsuv` expect an input of unit variance. Pictures kept in 0–255 are fifty times as large, and
 * the first step of a training throws the network out of the window: such pictures are divided by their
 * standard deviation. Published weights come with the preprocessing that they were published with.
 */
function standardize(preprocessing: Preprocessing): Preprocessing {
  const pixelStd = PIXEL_STD * preprocessing.scale;
  const isLarge = preprocessing.std.every((std) => pixelStd / std > LARGEST_INPUT_STD);
  return isLarge
    ? { ...preprocessing, std: preprocessing.std.map((std) => std * pixelStd) }
    : preprocessing;
}
