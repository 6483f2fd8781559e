import {
  AlexNetError,
  createNetwork,
  type Graph,
  initializeModel,
  initializeWeights,
  type Model,
  type Weights,
} from '@alexnet/core';
import { readModel } from './load-model.ts';
import type { RunConfig } from './run-config.ts';
import type { Terminal } from './terminal.ts';

/**
 * The network of a new run with its initial weights: a preset freshly initialised, or another model's with
 * a new head where the classes are others.
 *
 * @throws what building or reading throws
 */
export async function createInitialModel(
  { network, labels, training }: Pick<RunConfig, 'network' | 'labels' | 'training'>,
  terminal: Terminal,
): Promise<Model> {
  const { seed, init } = training;
  if (network.from !== null) {
    const { model } = await readModel(network.from);
    return fitToLabels(model, { labels, seed, terminal });
  }
  const built = createNetwork(network.preset ?? 'compact', {
    ...network.options,
    classes: labels.length,
  });
  return initializeModel(built, { labels, seed, init });
}

/** Names of the parameters of the layers that the patterns name. @throws `INVALID_ARGUMENT` */
export function selectFrozen(graph: Graph, patterns: readonly string[]): readonly string[] {
  return patterns.flatMap((pattern) => {
    const expression = new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`);
    const found = graph.parameters.filter(({ name }) => expression.test(name.split('.')[0] ?? ''));
    if (found.length === 0) {
      const layers = new Set(graph.parameters.map(({ name }) => name.split('.')[0]));
      throw new AlexNetError('INVALID_ARGUMENT', {
        message: `No layer is called "${pattern}".`,
        hint: `Layers: ${[...layers].join(', ')}; 'conv*' names all that start with conv.`,
      });
    }
    return found.map(({ name }) => name);
  });
}

/** The model itself if its classes are these; else the same with its last layer made anew. */
function fitToLabels(
  model: Model,
  { labels, seed, terminal }: { labels: readonly string[]; seed: number; terminal: Terminal },
): Model {
  const { metadata } = model;
  if (JSON.stringify(metadata.labels) === JSON.stringify(labels)) return model;
  const head = model.graph.nodes.findLast((node) => node.op === 'Gemm');
  if (!head) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `${model.graph.name} has no fully connected layer to give other classes to.`,
      hint: 'Train it on the classes that it has.',
    });
  }
  const [, weight, bias] = head.inputs;
  const graph: Graph = {
    ...model.graph,
    parameters: model.graph.parameters.map((parameter) =>
      parameter.name === weight || parameter.name === bias
        ? { ...parameter, shape: [labels.length, ...parameter.shape.slice(1)] }
        : parameter,
    ),
  };
  terminal.note(
    `note: ${head.name} is new: the model had ${metadata.labels.length} classes, the pictures have ${labels.length} others.`,
  );
  const fresh = initializeWeights(graph, { seed });
  const weights: Weights = new Map(
    [...model.weights].map(([name, tensor]) => [
      name,
      name === weight || name === bias ? (fresh.get(name) ?? tensor) : tensor,
    ]),
  );
  return { graph, weights, metadata: { ...metadata, labels } };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
