import { AlexNetError, countClasses, type Graph, isAlexNetError, type Shape } from '@alexnet/core';
import { type ChainLayer, listChain } from './chain.ts';
import {
  createKerasDraft,
  describeLayer,
  type KerasDraft,
  type LayerSource,
  unsupportedLayer,
} from './graph-draft.ts';
import type { DataFormat, KerasAttributes, KerasNetwork } from './keras-network.ts';
import { TRANSLATIONS } from './layer-translations.ts';

export interface KerasGraphOptions {
  /** [C, H, W] of a picture, for networks that leave its size free. */
  readonly inputShape?: Shape;
}

/** What a leading Rescaling does to the pixels: value · factor + offset. */
export interface KerasRescaling {
  readonly factor: number;
  readonly offset: number;
}

/** A network of Keras's in the terms of the IR. */
export interface KerasGraph {
  /**
   * Nodes under Keras's names; the input is `image`, the output `logits`, or `probabilities` behind a softmax.
   * What a layer does after its weights is a node of its own, `fc6_activation`.
   */
  readonly graph: Graph;
  /** How each node with parameters is filled. */
  readonly sources: readonly LayerSource[];
  /** Of the pictures, before the graph; null where there is none. */
  readonly rescaling: KerasRescaling | null;
}

/** Layers that hand on what they read, in a picture's own values. */
const BEFORE_PICTURES = /^(?:InputLayer|Identity|Random\w+|GaussianNoise)$/;

/**
 * Writes a Keras network as a graph: a Sequential, or a Functional that is a chain, models inside it taken apart.
 *
 * "same" becomes numbers, ZeroPadding2D part of the layer behind it, channels come first; the weights of the first
 * dense layer behind a Flatten are permuted when they are read (see {@link LayerSource}).
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` naming the layer that cannot be written, `INVALID_MODEL` naming the one
 *   that does not fit, `INVALID_ARGUMENT` where the picture's size is missing
 *
 * @example
 * kerasToGraph(parseKerasConfig(text, 'model.json')).graph.nodes.length // 21
 */
export function kerasToGraph(network: KerasNetwork, options: KerasGraphOptions = {}): KerasGraph {
  const chain = listChain(network);
  const dataFormat = findDataFormat(chain);
  const shape = options.inputShape ?? findInputShape(chain, dataFormat);
  const draft = createKerasDraft(network.name, shape, dataFormat);
  const { rescaling, layers } = splitRescaling(chain);
  for (const chained of layers) translate(draft, chained);
  if (draft.pads.some((pad) => pad > 0)) {
    throw new AlexNetError('UNSUPPORTED', {
      message: 'The Keras network ends with a ZeroPadding2D.',
      hint: 'A network here gives [N, classes].',
    });
  }
  const graph = blameFile(() => draft.builder.build());
  blameFile(() => countClasses(graph));
  return { graph, sources: draft.sources, rescaling };
}

function translate(draft: KerasDraft, chained: ChainLayer): void {
  const translation = TRANSLATIONS.get(chained.layer.className);
  if (!translation) {
    throw unsupportedLayer(chained, 'is of a class that no AlexNet has');
  }
  blameFile(() => translation(draft, chained));
}

/** What core finds wrong with a graph is here a fault of the file. */
function blameFile<T>(body: () => T): T {
  try {
    return body();
  } catch (cause) {
    if (!isAlexNetError(cause)) throw cause;
    if (cause.code !== 'SHAPE_MISMATCH' && cause.code !== 'INVALID_GRAPH') throw cause;
    const { message, hint, path } = cause;
    throw new AlexNetError('INVALID_MODEL', {
      message: `The Keras network does not fit together: ${message}`,
      ...(hint === undefined ? {} : { hint }),
      path,
      cause,
    });
  }
}

/** Of the first layer that says it; what flattens says it of its input. */
function findDataFormat(chain: readonly ChainLayer[]): DataFormat {
  const formats = chain
    .filter(({ layer }) => layer.className !== 'Flatten')
    .map(({ layer }) => layer.attributes.dataFormat);
  return formats.find((format) => format !== undefined) ?? 'channels_last';
}

/** [C, H, W] or [features] of the first layer. */
function findInputShape(chain: readonly ChainLayer[], dataFormat: DataFormat): Shape {
  const said = chain
    .map(({ layer }) => layer.attributes.batchShape)
    .find((shape) => shape !== undefined);
  const [, ...axes] = said ?? [];
  const lengths = axes.filter((length) => length !== null);
  if (lengths.length < axes.length || (lengths.length !== 1 && lengths.length !== 3)) {
    const free = axes.map((length) => length ?? 'any').join(', ');
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The Keras network reads pictures of [${free}]: their size is not known.`,
      hint: 'Give it with the option "inputShape": [C, H, W].',
    });
  }
  const [H = 0, W = 0, C = 0] = lengths;
  return lengths.length === 1 || dataFormat === 'channels_first' ? lengths : [C, H, W];
}

/** A Rescaling before the first layer is part of the pictures' preparation. */
function splitRescaling(chain: readonly ChainLayer[]): {
  readonly rescaling: KerasRescaling | null;
  readonly layers: readonly ChainLayer[];
} {
  const index = chain.findIndex(({ layer }) => !BEFORE_PICTURES.test(layer.className));
  const found = chain[index];
  if (found?.layer.className !== 'Rescaling') return { rescaling: null, layers: chain };
  const { factor, offset = 0 }: KerasAttributes = found.layer.attributes;
  if (factor === undefined || factor === 0) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `The Keras network does not fit together: ${describeLayer(found)} multiplies with ${factor ?? 'nothing'}.`,
      hint: 'The file was altered: save it again.',
      path: found.path,
    });
  }
  return { rescaling: { factor, offset }, layers: chain.toSpliced(index, 1) };
}
