import type { Graph, Node, NodeOf } from '@alexnet/core';
import { type Float64Tensor, interpret } from '@alexnet/core/interpret';

export interface BatchInterpretation {
  readonly graph: Graph;
  readonly arrays: ReadonlyMap<string, Float64Tensor>;
}

export interface BatchStatisticsOptions {
  readonly image: Float64Tensor;
  /** One flag a row of the batch. */
  readonly isPicture: readonly boolean[];
  /** Parameters that do not learn. */
  readonly frozen: readonly string[];
  readonly masks: ReadonlyMap<string, Float64Tensor>;
}

/**
 * The network as the interpreter has to see it to compute what a training step does: each BatchNormalization
 * that learns has the mean and the variance of the batch's pictures, worked out layer by layer.
 */
export function withBatchStatistics(
  graph: Graph,
  arrays: ReadonlyMap<string, Float64Tensor>,
  { image, isPicture, frozen, masks }: BatchStatisticsOptions,
): BatchInterpretation {
  let current: BatchInterpretation = { graph, arrays };
  for (const node of graph.nodes) {
    if (node.op !== 'BatchNormalization' || isFrozen(node, frozen)) continue;
    const taps = [node.inputs[0]];
    const values = interpret(current.graph, current.arrays, image, { taps, masks });
    const x = values.get(node.inputs[0]);
    if (!x) throw new Error(`${node.name} has no input`);
    current = withStatistics(current, node, momentsOf(x, isPicture));
  }
  return current;
}

function isFrozen(
  { inputs: [, scale, bias, mean, variance] }: NodeOf<'BatchNormalization'>,
  frozen: readonly string[],
): boolean {
  const affine = frozen.includes(scale) && frozen.includes(bias);
  return affine || frozen.includes(mean) || frozen.includes(variance);
}

interface Moments {
  readonly mean: Float64Array;
  /** Divided by the number of values, not by one less. */
  readonly variance: Float64Array;
}

/** Of each channel, over the pictures and their pixels. */
function momentsOf({ shape, data }: Float64Tensor, isPicture: readonly boolean[]): Moments {
  const [, C = 0, ...map] = shape;
  const pixels = map.reduce((product, length) => product * length, 1);
  const moments = { mean: new Float64Array(C), variance: new Float64Array(C) };
  for (let c = 0; c < C; c++) {
    const values = isPicture.flatMap((picture, n) =>
      picture ? [...data.subarray((n * C + c) * pixels, (n * C + c + 1) * pixels)] : [],
    );
    const average = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
    const mean = average(values);
    moments.mean[c] = mean;
    moments.variance[c] = average(values.map((value) => (value - mean) ** 2));
  }
  return moments;
}

/** Gives one layer arrays of its own: several may share theirs. */
function withStatistics(
  { graph, arrays }: BatchInterpretation,
  { name, inputs }: NodeOf<'BatchNormalization'>,
  moments: Moments,
): BatchInterpretation {
  const mean = `${name}/mean of the batch`;
  const variance = `${name}/variance of the batch`;
  const shape = [moments.mean.length];
  const initializer = { kind: 'constant', value: 0 } as const;
  const [x, scale, bias] = inputs;
  return {
    graph: {
      ...graph,
      parameters: [
        ...graph.parameters,
        { name: mean, shape, initializer },
        { name: variance, shape, initializer },
      ],
      nodes: graph.nodes.map(
        (node): Node =>
          node.op === 'BatchNormalization' && node.name === name
            ? { ...node, inputs: [x, scale, bias, mean, variance] }
            : node,
      ),
    },
    arrays: new Map([
      ...arrays,
      [mean, { shape, data: moments.mean }],
      [variance, { shape, data: moments.variance }],
    ]),
  };
}
