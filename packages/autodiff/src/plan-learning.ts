import { checkGraph, type Graph, type Node, type Parameter } from '@alexnet/core';
import { selectNormalizersThatLearn } from './batch-statistics.ts';
import { selectAncestors } from './lower-graph.ts';
import { selectTrainable, selectUsedParameters } from './select-parameters.ts';
import { withoutFinalSoftmax } from './without-final-softmax.ts';

/** What a training step computes and changes, before anything is said of how. */
export interface LearningPlan {
  /** The network up to its logits. */
  readonly network: Graph;
  /** What the logits depend on, in an order in which it can run. */
  readonly nodes: readonly Node[];
  /** The parameters that learn by gradient. */
  readonly trainable: readonly Parameter[];
  /** Names of the BatchNormalization nodes that go by their batch; the others go by their running statistics. */
  readonly normalizers: ReadonlySet<string>;
}

/**
 * Plans a step of an engine that brings its own gradients, by the rules of `buildTrainingStep`.
 *
 * @param isTrainable - whether a parameter learns, by name
 * @throws {@link AlexNetError} as `buildTrainingStep`
 */
export function planLearning(
  graph: Graph,
  isTrainable: (parameter: string) => boolean,
): LearningPlan {
  checkGraph(graph);
  const network = withoutFinalSoftmax(graph);
  return {
    network,
    nodes: selectAncestors(network),
    trainable: selectTrainable(network, selectUsedParameters(network), isTrainable),
    normalizers: selectNormalizersThatLearn(network, isTrainable),
  };
}
