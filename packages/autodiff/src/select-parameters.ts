import { AlexNetError, type Graph, type Parameter, runningStatistics } from '@alexnet/core';
import { selectAncestors } from './lower-graph.ts';

/** The parameters that the graph's output depends on, in the graph's order. */
export function selectUsedParameters(graph: Graph): readonly Parameter[] {
  const read = new Set(selectAncestors(graph).flatMap((node): readonly string[] => node.inputs));
  return graph.parameters.filter(({ name }) => read.has(name));
}

/**
 * The parameters that are to learn by gradient; running statistics never do.
 *
 * @param used - what {@link selectUsedParameters} gives
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if there are none; `INVALID_GRAPH` if one of them has no
 *   effect on the output.
 */
export function selectTrainable(
  graph: Graph,
  used: readonly Parameter[],
  isTrainable: (parameter: string) => boolean,
): readonly Parameter[] {
  const statistics = runningStatistics(graph);
  const learnable = graph.parameters.filter(({ name }) => !statistics.has(name));
  const trainable = learnable.filter(({ name }) => isTrainable(name));
  if (trainable.length === 0) {
    const names = learnable.map(({ name }) => name);
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `None of the ${names.length} parameters of ${graph.name} is trainable.`,
      hint: `Let at least one of them learn: ${names.join(', ')}.`,
      path: ['trainable'],
    });
  }
  const unused = trainable.find((parameter) => !used.includes(parameter));
  if (unused) {
    throw new AlexNetError('INVALID_GRAPH', {
      message: `${unused.name} is trainable, but has no effect on the output "${graph.output}".`,
      hint: 'Remove the parameter from the graph, or freeze it.',
      path: [unused.name, graph.output],
    });
  }
  return trainable;
}
