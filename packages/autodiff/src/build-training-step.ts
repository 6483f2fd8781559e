import { checkGraph, countClasses, type Graph, inferShapes } from '@alexnet/core';
import { createOnnxBuilder } from '@alexnet/export';
import { addGradientOutputs, addUpdates } from './add-results.ts';
import { checkBatchSize } from './check-batch-size.ts';
import { checkInPlaceUpdate } from './check-in-place-update.ts';
import { addCrossEntropy } from './loss.ts';
import { lowerGraph } from './lower-graph.ts';
import { createMaskInputs } from './mask-inputs.ts';
import { type OptimizerConfig, resolveOptimizer } from './optimizers/index.ts';
import { poolBeforeRelu } from './pool-before-relu.ts';
import { selectTrainable, selectUsedParameters } from './select-parameters.ts';
import type { TrainingStep } from './training-step.ts';
import { withoutFinalSoftmax } from './without-final-softmax.ts';

export interface TrainingStepOptions {
  /** N: pictures a step; the model's shapes are fixed to it. */
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  /**
   * `update` (unless given): the new weights and optimiser state are outputs. `gradients`: the gradients
   * are outputs and the optimiser has no part.
   */
  readonly form?: 'update' | 'gradients';
  /** Whether a parameter learns, by name; all do unless given. Frozen layers at the bottom cost no gradient. */
  readonly trainable?: (parameter: string) => boolean;
}

/**
 * Builds one ONNX model (standard operators, float32) of a whole training step: forward pass with active
 * dropout, softmax cross-entropy, gradients, and the optimiser's update.
 *
 * The loss is taken from the logits: of a graph that ends with a Softmax, that is the Softmax's operand.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a batch size or an optimiser setting out of range, or if
 *   nothing is trainable; `INVALID_GRAPH` or `SHAPE_MISMATCH` for a graph that cannot run, is no classifier,
 *   or does not use a trainable parameter.
 *
 * @example
 * ```ts
 * const { graph } = createNetwork('mini');
 * const step = buildTrainingStep(graph, {
 *   batchSize: 32,
 *   optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0.0005 },
 * });
 * step.scalars; // ['negative_learning_rate', 'negative_decay']
 * const bytes = encodeModel(step.model);
 * ```
 */
export function buildTrainingStep(graph: Graph, options: TrainingStepOptions): TrainingStep {
  const { batchSize, optimizer: config, form = 'update' } = options;
  checkBatchSize(batchSize);
  const optimizer = resolveOptimizer(config);
  checkGraph(graph);
  const target = { name: 'target', shape: [batchSize, countClasses(graph)] } as const;
  const image = { name: 'image', shape: [batchSize, ...graph.input.shape] } as const;
  const network = poolBeforeRelu(withoutFinalSoftmax(graph));
  const parameters = selectUsedParameters(network);
  const trainable = selectTrainable(graph, parameters, options.trainable ?? (() => true));
  const scalars = form === 'update' ? optimizer.scalars(config) : [];

  const builder = createOnnxBuilder(`${graph.name}-training-step`);
  for (const { name, shape } of [image, target, ...parameters]) {
    builder.input(name, 'float32', shape);
  }
  for (const scalar of ['normalizer', ...scalars]) builder.input(scalar, 'float32', [1]);
  const masks = createMaskInputs(builder);
  const lowered = lowerGraph(network, {
    builder,
    shapes: inferShapes(network, batchSize),
    operands: new Map([
      [graph.input.name, image.name],
      ...parameters.map(({ name }) => [name, name] as const),
    ]),
    trainable: new Set(trainable.map(({ name }) => name)),
    addMask: masks.add,
  });
  const { loss, logits, dLogits } = addCrossEntropy(builder, {
    logits: lowered.output,
    target: target.name,
    normalizer: 'normalizer',
    gradientScale: form === 'update' ? optimizer.gradientScale : null,
  });
  builder.output(loss, 'float32', []);
  builder.output(logits, 'float32', target.shape);

  const learned = { builder, trainable, gradients: lowered.differentiate(dLogits) };
  const state = form === 'update' ? addUpdates(learned, optimizer, config) : [];
  const gradients = form === 'gradients' ? addGradientOutputs(learned) : [];
  const model = builder.build();
  checkInPlaceUpdate(model, state);
  return {
    model,
    batchSize,
    image,
    target,
    normalizer: 'normalizer',
    masks: masks.list,
    scalars,
    state,
    gradients,
    loss,
    logits,
  };
}
