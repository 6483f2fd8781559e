import type { Graph, LinearNode, NodeOf } from '../graph/graph.ts';
import { type ChannelAffine, foldIntoOutputs, foldIntoReaders } from './fold-affine.ts';
import { dropUnread, findSharing, removeNode } from './rewire.ts';
import { type WeightedGraph, weightOf } from './weighted-graph.ts';

type BatchNorm = NodeOf<'BatchNormalization'>;

export interface BatchNormFolding<M extends WeightedGraph> {
  readonly model: M;
  /** Layers that are gone, and the layers that do their work now. */
  readonly folded: readonly { readonly layer: string; readonly into: readonly string[] }[];
  /** Layers that stayed, and why. */
  readonly kept: readonly { readonly layer: string; readonly reason: string }[];
}

/**
 * Folds BatchNormalization layers, as they are in inference, into convolutions and fully connected layers.
 *
 * A layer goes into the one before it where nothing else reads what that makes. Where something else stands
 * before it (ReLU, pooling), it goes forwards into all layers that read it, through Flatten and Dropout: where
 * these pad with zeros, only if it does not shift. A layer that can go neither way stays. Outputs stay the
 * same but for float32 rounding.
 *
 * The folded network is for inference: it has no batch statistics to train with.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` naming a weight that is missing or of another shape
 */
export function foldBatchNorm<M extends WeightedGraph>(model: M): BatchNormFolding<M> {
  const folded: { layer: string; into: readonly string[] }[] = [];
  let current = model;
  // Again from the start after each one: what is gone may have stood in another one's way.
  for (;;) {
    const kept: { layer: string; reason: string }[] = [];
    const step = foldFirst(current, kept);
    if (!step) return { model: current, folded, kept };
    folded.push({ layer: step.layer, into: step.into });
    current = step.model;
  }
}

/** Folds the first layer that can be; notes those before it that cannot. */
function foldFirst<M extends WeightedGraph>(
  model: M,
  kept: { layer: string; reason: string }[],
): { readonly model: M; readonly layer: string; readonly into: readonly string[] } | undefined {
  for (const node of model.graph.nodes) {
    if (node.op !== 'BatchNormalization') continue;
    const attempt = foldOne(model, node);
    if ('model' in attempt) return { layer: node.name, ...attempt };
    kept.push({ layer: node.name, reason: attempt.reason });
  }
  return undefined;
}

type Attempt<M> =
  | { readonly model: M; readonly into: readonly string[] }
  | { readonly reason: string };

function foldOne<M extends WeightedGraph>(model: M, node: BatchNorm): Attempt<M> {
  const affine = toAffine(model, node);
  if ('reason' in affine) return affine;
  const before = findProducer(model.graph, node);
  if ('producer' in before) {
    const folded = foldIntoOutputs(model, before.producer, affine);
    return { model: withoutNode(folded, node), into: [before.producer.name] };
  }
  const after = foldIntoReaders(model, node.output, affine);
  return after.ok
    ? { model: withoutNode(after.model, node), into: after.into }
    : { reason: `Before it: ${before.reason}. After it: ${after.reason}.` };
}

function withoutNode<M extends WeightedGraph>(model: M, node: BatchNorm): M {
  return dropUnread({ ...model, graph: removeNode(model.graph, node) }, node.inputs);
}

/** The layer whose outputs only this node reads, or why there is none. */
function findProducer(
  graph: Graph,
  { name, inputs: [x] }: BatchNorm,
): { readonly producer: LinearNode } | { readonly reason: string } {
  const producer = graph.nodes.find(({ output }) => output === x);
  if (!producer) return { reason: `"${x}" comes from no layer` };
  if (producer.op !== 'Conv' && producer.op !== 'Gemm') {
    return {
      reason: `${producer.name} (${producer.op}) is no convolution or fully connected layer`,
    };
  }
  const other = graph.nodes.find(
    (node) => node.name !== name && node.inputs.some((input) => input === x),
  );
  if (other) return { reason: `${other.name} reads ${producer.name} as well` };
  if (x === graph.output) return { reason: `${producer.name} is the output of the network` };
  const sharing = findSharing(graph, producer);
  return sharing === undefined
    ? { producer }
    : { reason: `${producer.name} cannot be changed alone: ${sharing}` };
}

/** y = scale · (x − mean) / √(variance + epsilon) + bias, as factor and shift. */
function toAffine(
  model: WeightedGraph,
  { inputs, attributes: { epsilon } }: BatchNorm,
): ChannelAffine | { readonly reason: string } {
  const [, ...names] = inputs;
  const computed = names.find((name) => !model.graph.parameters.some((p) => p.name === name));
  if (computed !== undefined) return { reason: `Its operand "${computed}" is no parameter.` };
  const [scale = [], bias = [], mean = [], variance = []] = names.map((name) =>
    Array.from(weightOf(model, name).data),
  );
  const factor = scale.map((value, c) => value / Math.sqrt((variance[c] ?? 0) + epsilon));
  const shift = factor.map((value, c) => (bias[c] ?? 0) - value * (mean[c] ?? 0));
  const broken = factor.findIndex((value, c) => !Number.isFinite(value + (shift[c] ?? 0)));
  return broken < 0
    ? { factor, shift }
    : { reason: `Channel ${broken} has no finite factor: its variance is ${variance[broken]}.` };
}
