import { AlexNetError, type Graph, type NodeOf, type Parameter } from '@alexnet/core';
import { DataType, type OnnxBuilder, type Value } from '@alexnet/export';
import { selectAncestors } from './lower-graph.ts';
import type { BatchStatistics, LoweringContext } from './ops/op-lowering.ts';
import type { StateArray } from './training-step.ts';

type BatchNormalization = NodeOf<'BatchNormalization'>;

export interface BatchStatisticsOptions {
  readonly builder: OnnxBuilder;
  /** float32 [N, classes]; a row of zeros is no picture. */
  readonly target: Value;
  readonly graph: Graph;
  /** Whether a parameter learns, or a running statistic follows, by name. */
  readonly isTrainable: (parameter: string) => boolean;
}

export interface StatisticsUpdates {
  readonly of: LoweringContext['batchStatistics'];
  /** Adds the updates of the running statistics, and makes their results outputs of the model. */
  addOutputs(): readonly StateArray[];
}

/** What a batch says of a running statistic. */
interface BatchValue {
  readonly value: Value;
  readonly momentum: number;
}

/**
 * Collects what the layers that learn find their batch to be like.
 *
 * A BatchNormalization learns from its batch unless it is frozen: scale and bias both, or one of its running
 * statistics. A frozen one normalises by its running statistics, as in inference, and leaves them as they are.
 *
 * @throws {@link AlexNetError} `INVALID_GRAPH` if something else reads a statistic that a layer updates
 */
export function createBatchStatistics(options: BatchStatisticsOptions): StatisticsUpdates {
  const { builder, graph } = options;
  const learning = selectNormalizersThatLearn(graph, options.isTrainable);
  if (learning.size === 0) return { of: () => null, addOutputs: () => [] };
  const pictures = builder.scope('pictures', () => findPictures(builder, options.target));
  const found = new Map<string, readonly BatchValue[]>();
  const statistics: BatchStatistics = {
    ...pictures,
    update: (parameter, value, momentum) => {
      found.set(parameter, [...(found.get(parameter) ?? []), { value, momentum }]);
    },
  };
  return {
    of: ({ name }) => (learning.has(name) ? statistics : null),
    addOutputs: () =>
      graph.parameters.flatMap((parameter) => {
        const values = found.get(parameter.name);
        return values ? [addUpdate(builder, parameter, { values, ...pictures })] : [];
      }),
  };
}

/**
 * Names of the BatchNormalization nodes that learn from their batch.
 *
 * @throws {@link AlexNetError} `INVALID_GRAPH` if something else reads a statistic that one of them updates
 */
export function selectNormalizersThatLearn(
  graph: Graph,
  isTrainable: (parameter: string) => boolean,
): ReadonlySet<string> {
  const nodes = selectAncestors(graph);
  const learning = nodes.filter((node): node is BatchNormalization => {
    if (node.op !== 'BatchNormalization') return false;
    const [, scale, bias, mean, variance] = node.inputs;
    const learns = isTrainable(scale) || isTrainable(bias);
    return learns && isTrainable(mean) && isTrainable(variance);
  });
  const names = new Set(learning.map(({ name }) => name));
  for (const layer of learning) {
    for (const statistic of [layer.inputs[3], layer.inputs[4]]) {
      const reader = nodes.find(({ name, inputs }) =>
        inputs.some((input, i) => input === statistic && !(names.has(name) && i >= 3)),
      );
      if (!reader) continue;
      throw new AlexNetError('INVALID_GRAPH', {
        message: `${statistic} is a running statistic that ${layer.name} updates, but ${reader.name} reads it as well.`,
        hint: `Freeze ${layer.name}, or give ${reader.name} an array of its own.`,
        path: [reader.name, statistic],
      });
    }
  }
  return names;
}

interface Pictures extends Pick<BatchStatistics, 'presence' | 'shares'> {
  /** bool [1]: whether the batch has any. */
  readonly any: Value;
}

function findPictures(builder: OnnxBuilder, target: Value): Pictures {
  const row = builder.ints(1, -1);
  const sizes = builder.op('ReduceSum', [builder.op('Abs', [target]), builder.ints(1)]);
  const isPicture = builder.op('Greater', [sizes, builder.scalar(0)]);
  const present = builder.op('Cast', [isPicture], { to: { i: DataType.float } });
  const presence = builder.op('Reshape', [present, row]);
  const count = builder.op('ReduceSum', [presence, builder.ints(1)], { keepdims: { i: 0 } });
  const shares = builder.op('Div', [presence, builder.op('Max', [count, builder.scalar(1)])]);
  return { presence, shares, any: builder.op('Greater', [count, builder.scalar(0)]) };
}

/**
 * new = momentum · old + (1 − momentum) · batch, once for each layer that has the statistic; a batch without
 * pictures leaves it as it is.
 */
function addUpdate(
  builder: OnnxBuilder,
  { name, shape }: Parameter,
  { values, any }: { readonly values: readonly BatchValue[]; readonly any: Value },
): StateArray {
  const output = `${name}/new`;
  builder.scope(`${name}/update`, () => {
    const factor = (picture: number, none: number) =>
      builder.op('Where', [any, builder.scalar(picture), builder.scalar(none)]);
    values.reduce((old, { value, momentum }, index) => {
      const batch = builder.op('Reshape', [value, builder.ints(...shape)]);
      return builder.op(
        'Add',
        [
          builder.op('Mul', [old, factor(momentum, 1)]),
          builder.op('Mul', [batch, factor(1 - momentum, 0)]),
        ],
        {},
        index === values.length - 1 ? { output } : {},
      );
    }, name);
  });
  builder.output(output, 'float32', shape);
  return { parameter: name, slot: null, input: name, output, shape, offset: 0 };
}
