import type { LearningPlan } from '@alexnet/autodiff';
import { invariant, type Shape, type Tensor } from '@alexnet/core';
import { nameAll, pick } from '../pick.ts';
import { createBatchStatistics } from './batch-statistics.ts';
import { crossEntropy } from './cross-entropy.ts';
import { asRows, readFloats, toValue } from './layout.ts';
import { runNodes } from './run-nodes.ts';
import type { TensorFlow, Value } from './tensorflow.ts';
import type { TfjsState } from './tfjs-state.ts';

/** A network that learns, at one number of pictures. */
export interface LearningNetwork {
  readonly tf: TensorFlow;
  readonly plan: LearningPlan;
  /** Of every value, the number of pictures first. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Names of all parameters. */
  readonly parameters: readonly string[];
}

/** Pictures that go through the network together. */
export interface Part {
  /** [N, C, H, W] */
  readonly images: Tensor;
  /** [N, classes]; a row of zeros is no picture. */
  readonly targets: Tensor;
  /** What the summed loss is divided by. */
  readonly normalizer: number;
  /** By Dropout node. */
  readonly masks: ReadonlyMap<string, Tensor>;
}

export interface PartResult {
  readonly loss: number;
  /** [N, classes] */
  readonly logits: Float32Array;
  /** By parameter; the caller's to free. */
  readonly gradients: ReadonlyMap<string, Value>;
}

/**
 * Forward and backward, with TensorFlow's own gradients of the loss. The running statistics of the state follow
 * the part.
 */
export function differentiate(network: LearningNetwork, state: TfjsState, part: Part): PartResult {
  const { tf, plan } = network;
  const { trainable, normalizers } = plan;
  const updates = createBatchStatistics(tf, part.targets);
  const [scalar, logits, ...gradients] = tf.tidy(() => {
    const targets = asRows(toValue(tf, part.targets));
    const operands = collectOperands(network, state, part);
    const masks = new Map(
      [...part.masks].map(([node, mask]) => [node, toValue(tf, mask)] as const),
    );
    const results: Value[] = [];
    const { value, grads } = tf.valueAndGrads(() => {
      const values = runNodes(
        {
          ...network,
          nodes: plan.nodes,
          masks,
          statisticsOf: ({ name }) => (normalizers.has(name) ? updates.statistics : null),
        },
        operands,
      );
      const scores = tf.keep(pick(values, plan.network.output));
      results.push(scores);
      return crossEntropy(tf, scores, { targets, normalizer: part.normalizer });
    })(trainable.map(({ name }) => state.get(name)));
    return [value, ...results, ...grads];
  });
  updates.follow((parameter, next) => {
    state.replace(
      parameter,
      tf.tidy(() => next(state.get(parameter))),
    );
  });
  invariant(scalar && logits, 'TensorFlow gave no loss or no scores');
  const [loss] = take(scalar);
  invariant(loss !== undefined, 'the loss is no number');
  const names = trainable.map(({ name }) => name);
  return { loss, logits: take(logits), gradients: nameAll(names, gradients) };
}

function collectOperands(
  { tf, plan, parameters }: LearningNetwork,
  state: TfjsState,
  { images }: Part,
): ReadonlyMap<string, Value> {
  return new Map([
    [plan.network.input.name, toValue(tf, images)],
    ...parameters.map((name): [string, Value] => [name, state.get(name)]),
  ]);
}

/** Its numbers; it is freed. */
function take(value: Value): Float32Array {
  const numbers = readFloats(value);
  value.dispose();
  return numbers;
}
