import type { Graph, LinearNode, Node } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { createTensor, type Tensor, type Weights } from '../tensor.ts';
import { findLinearReaders, type Reader } from './linear-readers.ts';
import { findSharing } from './rewire.ts';
import { type WeightedGraph, weightOf, withWeights } from './weighted-graph.ts';

/** A step per channel: y[c] = factor[c] · x[c] + shift[c]. */
export interface ChannelAffine {
  readonly factor: readonly number[];
  readonly shift: readonly number[];
}

export type FoldResult<M> =
  | { readonly ok: true; readonly model: M; readonly into: readonly string[] }
  | {
      readonly ok: false;
      readonly layer: string;
      readonly reason: string;
      /** Whether zero padding stands in the way. */
      readonly isPadding: boolean;
    };

/**
 * Folds a step per channel into the layers that read its result, so that they can read what went into it:
 *
 *   w'[o,c,…] = w[o,c,…] · factor[c],  b'[o] = b[o] + Σ w[o,c,…] · shift[c]
 *
 * Exact where these layers are convolutions without padding or fully connected; padding is zero behind the
 * step and would have to be −shift / factor before it.
 *
 * @param value - name of the step's result; a Flatten or a Dropout may stand between it and the layers
 */
export function foldIntoReaders<M extends WeightedGraph>(
  model: M,
  value: string,
  affine: ChannelAffine,
): FoldResult<M> {
  const { graph } = model;
  const found = findLinearReaders(graph, value, isTransparent);
  if (!found.ok) return { ...found, isPadding: false };
  const changed = new Map<string, Tensor>();
  for (const reader of found.readers) {
    const obstacle = findObstacle(graph, reader.node, affine);
    if (obstacle) return { ok: false, layer: reader.node.name, ...obstacle };
    for (const [name, tensor] of foldIntoInputs(model, reader, affine)) changed.set(name, tensor);
  }
  return {
    ok: true,
    model: { ...model, weights: withWeights(model.weights, changed) },
    into: found.readers.map(({ node }) => node.name),
  };
}

/** Dropout passes its input on in inference. */
function isTransparent({ op }: Node): boolean {
  return op === 'Flatten' || op === 'Dropout';
}

function findObstacle(
  graph: Graph,
  node: LinearNode,
  { shift }: ChannelAffine,
): { readonly reason: string; readonly isPadding: boolean } | undefined {
  const sharing = findSharing(graph, node);
  if (sharing !== undefined) {
    return { reason: `${node.name} cannot be changed alone: ${sharing}`, isPadding: false };
  }
  const hasShift = shift.some((value) => value !== 0);
  if (node.op !== 'Conv' || !hasShift || !readsPadding(graph, node)) return undefined;
  const pads = `[${node.attributes.pads.join(', ')}]`;
  return {
    reason: `${node.name} pads its input with zeros (${pads}), which a shift would not reach`,
    isPadding: true,
  };
}

/** Whether any window of a convolution reaches into its padding: floor may leave the far side unread. */
function readsPadding(graph: Graph, node: Extract<LinearNode, { op: 'Conv' }>): boolean {
  const shapes = inferShapes(graph);
  const { kernelShape, strides, pads } = node.attributes;
  const [, , ...before] = shapes.get(node.inputs[0]) ?? [];
  const [, , ...after] = shapes.get(node.output) ?? [];
  return ([0, 1] as const).some((axis) => {
    const begin = pads[axis];
    const end = ((after[axis] ?? 1) - 1) * strides[axis] + kernelShape[axis];
    return begin > 0 || end > begin + (before[axis] ?? 0);
  });
}

function foldIntoInputs(
  model: WeightedGraph,
  { node, inputsPerChannel }: Reader<LinearNode>,
  { factor, shift }: ChannelAffine,
): Weights {
  const [, weightName, biasName] = node.inputs;
  const weight = weightOf(model, weightName);
  const bias = Float64Array.from(weightOf(model, biasName).data);
  const [O = 0, I = 0, ...kernel] = weight.shape;
  const taps = kernel.reduce((product, length) => product * length, 1);
  const outPerGroup = node.op === 'Conv' ? O / node.attributes.group : O;
  const folded = createTensor(weight.shape);
  for (let o = 0; o < O; o++) {
    const first = Math.floor(o / outPerGroup) * I;
    for (let i = 0; i < I; i++) {
      const channel = Math.floor((first + i) / inputsPerChannel);
      const a = factor[channel] ?? 1;
      const s = shift[channel] ?? 0;
      for (let at = (o * I + i) * taps; at < (o * I + i + 1) * taps; at++) {
        const w = weight.data[at] ?? 0;
        folded.data[at] = w * a;
        bias[o] = (bias[o] ?? 0) + w * s;
      }
    }
  }
  return new Map([
    [weightName, folded],
    [biasName, createTensor([O], Float32Array.from(bias))],
  ]);
}

/**
 * Folds a step per channel into the layer whose outputs it takes: w'[o,…] = factor[o] · w[o,…],
 * b'[o] = factor[o] · b[o] + shift[o].
 */
export function foldIntoOutputs<M extends WeightedGraph>(
  model: M,
  node: LinearNode,
  { factor, shift }: ChannelAffine,
): M {
  const [, weightName, biasName] = node.inputs;
  const weight = weightOf(model, weightName);
  const perOutput = weight.data.length / factor.length;
  const changed = new Map([
    [
      weightName,
      createTensor(
        weight.shape,
        weight.data.map((w, at) => w * (factor[Math.floor(at / perOutput)] ?? 1)),
      ),
    ],
    [
      biasName,
      createTensor(
        [factor.length],
        weightOf(model, biasName).data.map((b, o) => b * (factor[o] ?? 1) + (shift[o] ?? 0)),
      ),
    ],
  ]);
  return { ...model, weights: withWeights(model.weights, changed) };
}
