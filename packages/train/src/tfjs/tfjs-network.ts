import { type Graph, inferShapes, type Tensor, type Weights } from '@alexnet/core';
import { nameAll, pick } from '../pick.ts';
import { checkTensor } from '../state-tensors.ts';
import { fromValue, readTensor, toValue } from './layout.ts';
import type { TfjsNetwork } from './network.ts';
import { runNodes } from './run-nodes.ts';
import type { TensorFlow, Value } from './tensorflow.ts';

export interface ForwardOptions {
  readonly tf: TensorFlow;
  readonly graph: Graph;
  /** Of a parameter, by name. */
  readonly parameterOf: (name: string) => Value;
  /** [N, C, H, W], preprocessed. */
  readonly images: Tensor;
  /** Values to return, by name. */
  readonly outputs: readonly string[];
}

/**
 * Runs a network on TensorFlow in inference: dropout is off, batch normalisation goes by its running statistics.
 *
 * @returns the outputs, in the layout of the IR
 */
export function runForward(options: ForwardOptions): ReadonlyMap<string, Tensor> {
  const { tf, graph, parameterOf, images, outputs } = options;
  const shapes = inferShapes(graph, images.shape[0] ?? 1);
  const values = tf.tidy(() => {
    const operands = new Map([
      [graph.input.name, toValue(tf, images)],
      ...graph.parameters.map(({ name }): [string, Value] => [name, parameterOf(name)]),
    ]);
    const pass = { tf, nodes: graph.nodes, shapes, masks: new Map(), statisticsOf: () => null };
    const results = runNodes(pass, operands);
    // Copies: an output may be the input of another one, or a parameter.
    return outputs.map((name) => tf.clone(fromValue(tf, pick(results, name))));
  });
  return new Map(
    [...nameAll(outputs, values)].map(([name, value]) => {
      const tensor = readTensor(value, pick(shapes, name));
      value.dispose();
      return [name, tensor] as const;
    }),
  );
}

/** @throws {@link AlexNetError} `SHAPE_MISMATCH` if the weights are another network's */
export function createTfjsNetwork(
  tf: TensorFlow,
  { graph, weights }: { readonly graph: Graph; readonly weights: Weights },
): TfjsNetwork {
  const parameters = new Map(
    graph.parameters.map(({ name, shape }) => {
      const { data } = checkTensor(name, weights.get(name), shape);
      return [name, tf.tensor(data.slice(), [...shape], 'float32')] as const;
    }),
  );
  return {
    run: (images, outputs) =>
      runForward({ tf, graph, images, outputs, parameterOf: (name) => pick(parameters, name) }),
    dispose: () => {
      for (const value of parameters.values()) value.dispose();
    },
  };
}
