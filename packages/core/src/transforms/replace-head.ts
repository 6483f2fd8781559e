import { AlexNetError } from '../errors.ts';
import { checkGraph } from '../graph/check-graph.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { checkLabels } from '../model/labels.ts';
import type { Model } from '../model/model.ts';
import { formatShape, isSameShape, type Shape } from '../tensor.ts';
import { type FreshWeightsOptions, withFreshWeights } from './fresh-weights.ts';
import type { LinearNode } from './linear-readers.ts';
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
  const { head, behind } = traceHead(model.graph);
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

/**
 * The layer whose outputs become the scores of the classes.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` if there is none
 */
export function findHead(graph: Graph): LinearNode {
  return traceHead(graph).head;
}

/** From the output back to a layer with outputs of its own, through what has as many as it is given. */
function traceHead(graph: Graph): { readonly head: LinearNode; readonly behind: readonly Node[] } {
  const behind: Node[] = [];
  let value = graph.output;
  for (const node of graph.nodes.toReversed()) {
    if (node.output !== value) continue;
    switch (node.op) {
      case 'Conv':
      case 'Gemm':
        return { head: node, behind };
      case 'AdaptiveAveragePool':
      case 'AveragePool':
      case 'BatchNormalization':
      case 'Dropout':
      case 'Flatten':
      case 'LRN':
      case 'MaxPool':
      case 'Relu':
      case 'Softmax':
      case 'SpatialLRN':
      case 'Tanh':
        behind.push(node);
        [value] = node.inputs;
        break;
      default:
        node satisfies never;
    }
  }
  throw new AlexNetError('UNSUPPORTED', {
    message: `${graph.name} has no fully connected layer to give other classes to.`,
    hint: 'Train it on the classes that it has, or end the network with a Gemm.',
    path: [graph.output],
  });
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
