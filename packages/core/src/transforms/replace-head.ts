import { AlexNetError } from '../errors.ts';
import { checkGraph } from '../graph/check-graph.ts';
import type { Graph } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { requireHead } from '../graph/trace-head.ts';
import { checkLabels } from '../model/labels.ts';
import type { Model } from '../model/model.ts';
import { formatShape, isSameShape, type Shape } from '../tensor.ts';
import { type FreshWeightsOptions, withFreshWeights } from './fresh-weights.ts';
import { requireOwnParameters, withShapes } from './rewire.ts';
import { forgetValidation } from './weighted-graph.ts';

export interface ReplaceHeadOptions extends FreshWeightsOptions {
  /** Names of the new classes, in the order of the outputs. */
  readonly labels: readonly string[];
}

/**
 * The same network for other classes: its last layer with weights is made anew, everything before it stays
 * as it was learnt. Also where the number of classes is the same.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` if the output does not come from a fully connected layer (or a
 *   convolution that makes one number for each class); `INVALID_ARGUMENT` for labels that cannot be used
 *
 * @example
 * const model = createModel('mini'); // 10 classes
 * replaceHead(model, { labels: ['cat', 'dog'] }).weights.get('fc8.weight')?.shape // [2, 256]
 */
export function replaceHead(model: Model, { labels, ...fresh }: ReplaceHeadOptions): Model {
  checkLabels(labels, labels.length);
  const { head, behind } = requireHead(model.graph);
  const sized = [head, ...behind.filter(({ op }) => op === 'BatchNormalization')];
  for (const node of sized) requireOwnParameters(model.graph, node);
  const names = sized.flatMap((node) => {
    const [, ...parameters] = node.inputs;
    return parameters;
  });
  const graph = withOutputs(model.graph, names, labels.length);
  checkScores(graph, head.name, labels.length);
  return {
    graph,
    weights: withFreshWeights({ graph, weights: model.weights }, names, fresh),
    metadata: { ...forgetValidation(model.metadata), labels },
  };
}

function withOutputs(graph: Graph, names: readonly string[], outputs: number): Graph {
  const shapes = graph.parameters
    .filter(({ name }) => names.includes(name))
    .map(({ name, shape }): [string, Shape] => [name, [outputs, ...shape.slice(1)]]);
  return withShapes(graph, new Map(shapes));
}

function checkScores(graph: Graph, head: string, classes: number): void {
  checkGraph(graph);
  const shape = inferShapes(graph).get(graph.output) ?? [];
  if (classes > 0 && isSameShape(shape, [1, classes])) return;
  throw new AlexNetError(classes > 0 ? 'UNSUPPORTED' : 'INVALID_ARGUMENT', {
    message:
      classes > 0
        ? `With ${classes} outputs of ${head} the output of ${graph.name} is ${formatShape(['N', ...shape.slice(1)])}, not ${formatShape(['N', classes])}.`
        : `${graph.name} cannot have 0 classes.`,
    hint:
      classes > 0
        ? 'A classifier ends with a Gemm, or with a Softmax after it.'
        : 'Give one label for each class.',
    path: [head],
  });
}
