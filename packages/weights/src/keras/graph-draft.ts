import {
  AlexNetError,
  createGraphBuilder,
  type GraphBuilder,
  type Initializer,
  type Shape,
} from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import type { ChainLayer } from './chain.ts';
import type { DataFormat } from './keras-network.ts';

/** [top, left, bottom, right] */
export type Pads = readonly [number, number, number, number];

export const NO_PADS: Pads = [0, 0, 0, 0];

/** How a layer of the graph is filled from the arrays of a layer of Keras's. */
export interface LayerSource {
  readonly kind: 'conv' | 'dense' | 'norm';
  /** Of the node in the graph. */
  readonly node: string;
  /**
   * Of the layer, after those of the models that it lies in: one, or where the file has a convolution once for each of
   * its groups, one for each.
   */
  readonly paths: readonly (readonly string[])[];
  readonly useBias: boolean;
  /** Whether a normalisation has them. */
  readonly center: boolean;
  readonly scale: boolean;
  /** Of a dense layer behind feature maps: what was flattened, and in which order. */
  readonly flattened?: {
    readonly channels: number;
    readonly pixels: number;
    readonly order: 'HWC' | 'CHW';
  };
}

/** A graph that grows layer by layer, and what is to be known of its last value. */
export interface KerasDraft {
  readonly builder: GraphBuilder;
  readonly dataFormat: DataFormat;
  /** [C, H, W] or [features] */
  shape: Shape;
  /** Zeros that a ZeroPadding2D put around it, and that no layer has taken in yet. */
  pads: Pads;
  /** Whether it holds no negative numbers. */
  isPositive: boolean;
  /** Feature maps that were flattened, until a dense layer reads them. */
  flattened: LayerSource['flattened'] | null;
  readonly sources: LayerSource[];
  /** A name for a node, of the letters that names have here, that no other has. */
  nameNode(wanted: string): string;
}

export function createKerasDraft(name: string, shape: Shape, dataFormat: DataFormat): KerasDraft {
  // Names that the graph gives itself.
  const taken = new Set(['image', 'logits', 'probabilities']);
  return {
    builder: createGraphBuilder(cleanName(name) || 'keras', shape),
    dataFormat,
    shape,
    pads: NO_PADS,
    isPositive: false,
    flattened: null,
    sources: [],
    nameNode: (wanted) => {
      const clean = cleanName(wanted) || 'layer';
      let free = clean;
      for (let count = 2; taken.has(free); count += 1) free = `${clean}_${count}`;
      taken.add(free);
      return free;
    },
  };
}

function cleanName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '');
}

/** Keras's own: Glorot's weights, no biases. */
export function kerasInitialization({
  fanIn,
  fanOut,
}: {
  readonly fanIn: number;
  readonly fanOut: number;
}): { readonly weight: Initializer; readonly bias: Initializer } {
  const bound = Math.sqrt(6 / (fanIn + fanOut));
  return { weight: { kind: 'uniform', bound }, bias: { kind: 'constant', value: 0 } };
}

/** `layer "conv1" (Conv2D)` */
export function describeLayer({ layer, path }: ChainLayer): string {
  return `layer ${quoteName(path.join('/'))} (${layer.className})`;
}

/** @param what - a clause: `has a dilation of 2` */
export function unsupportedLayer(chained: ChainLayer, what: string, hint?: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The Keras network cannot be written as a graph: ${describeLayer(chained)} ${what}.`,
    hint:
      hint ??
      'To take the arrays alone, read the file with config: "ignore" and say which network they are for.',
    path: chained.path,
  });
}

export function damagedLayer(chained: ChainLayer, what: string): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `The Keras network does not fit together: ${describeLayer(chained)} ${what}.`,
    hint: 'The file was altered: save it again.',
    path: chained.path,
  });
}
