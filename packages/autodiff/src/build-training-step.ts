import { checkGraph, countClasses, type Graph, inferShapes } from '@alexnet/core';
import { createOnnxBuilder } from '@alexnet/export';
import { addGradientOutputs, addGradientSums, addUpdates } from './add-results.ts';
import { createBatchStatistics } from './batch-statistics.ts';
import { checkBatchSize } from './check-batch-size.ts';
import { checkInPlaceUpdate } from './check-in-place-update.ts';
import { addCrossEntropy } from './loss.ts';
import { lowerGraph } from './lower-graph.ts';
import { createMaskInputs } from './mask-inputs.ts';
import { blockedDomains } from './ops/blocks/blocked-convolution.ts';
import type { ConvolutionRecipe, LayerRecipes } from './ops/convolution-recipe.ts';
import { resolveOptimizer } from './optimizers/index.ts';
import { poolBeforeRelu } from './pool-before-relu.ts';
import { choosePartSize, cutIntoRows, type RowPart } from './row-parts.ts';
import { selectTrainable, selectUsedParameters } from './select-parameters.ts';
import type { TrainingStep } from './training-step.ts';
import {
  gradientScale,
  NO_FACTORS,
  type ParameterFactors,
  resolveRule,
  scalarNames,
  type UpdateRule,
} from './update-rule.ts';
import { withoutFinalSoftmax } from './without-final-softmax.ts';

export interface TrainingStepOptions extends UpdateRule {
  /** N: pictures a step; the model's shapes are fixed to it. */
  readonly batchSize: number;
  /**
   * `update` (unless given): the new weights and optimiser state are outputs. `gradients`: the gradients
   * are outputs and the optimiser has no part. `gradient-sums`: the gradients are added to sums, which are
   * state; `buildUpdate` applies them.
   */
  readonly form?: 'update' | 'gradients' | 'gradient-sums';
  /**
   * Whether a parameter learns, by name; all do unless given. Frozen layers at the bottom cost no gradient. A
   * BatchNormalization whose scale and bias are frozen, or whose mean or variance is, normalises by its
   * running statistics and leaves them as they are.
   */
  readonly trainable?: (parameter: string) => boolean;
  /**
   * Elements, about, of the parts in which the large matrices of fully connected layers are updated; their
   * arrays in `state` are those parts. As many as the batch size makes quick unless given.
   */
  readonly partSize?: number;
  /**
   * Channels in a block of onnxruntime's blocked convolutions: 16 on processors with AVX-512, 8 on others.
   * They are no standard operators, and quicker where they are known; `null`, which is not to use them, unless
   * given.
   */
  readonly blockedChannels?: number | null;
  /**
   * Whether new values may come about stage by stage in the memory of the old ones, where layers are computed by
   * blocks of channels: fewer passes over the state, which has `stages` then. Who runs the model must have its outputs
   * lie in the memory of their inputs. Of `update` alone; not so unless given.
   */
  readonly inStages?: boolean;
  /** Of all layers alike, or of some by name, the others being counted; `counted` unless given. The results agree within rounding. */
  readonly convolutions?: ConvolutionRecipe | LayerRecipes;
  /**
   * Whether a max pool may say where its maxima are (`Indices`), which WebGPU's does not; `true` unless given. The
   * results are the same.
   */
  readonly poolIndices?: boolean;
  /** What is particular to a parameter, by name; nothing unless given. */
  readonly factorsOf?: (parameter: string) => ParameterFactors;
}

/**
 * Builds one ONNX model (standard operators unless `blockedChannels` asks for others, float32) of a whole training step: forward pass with active
 * dropout, softmax cross-entropy, gradients, and the optimiser's update. BatchNormalization goes by the
 * pictures of the batch, and its running statistics follow them.
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
 * step.scalars; // ['negative_learning_rate']
 * const bytes = encodeModel(step.model);
 * ```
 */
export function buildTrainingStep(graph: Graph, options: TrainingStepOptions): TrainingStep {
  const { batchSize, form = 'update', factorsOf = () => NO_FACTORS, inStages = false } = options;
  const { blockedChannels = null, convolutions = 'counted', poolIndices = true } = options;
  // Pictures are channels as well, where the gradient of the weights is made.
  const isBlocked = blockedChannels !== null && batchSize % blockedChannels === 0;
  const { partSize = choosePartSize(batchSize, isBlocked) } = options;
  checkBatchSize(batchSize);
  resolveRule(options);
  checkGraph(graph);
  const target = { name: 'target', shape: [batchSize, countClasses(graph)] } as const;
  const image = { name: 'image', shape: [batchSize, ...graph.input.shape] } as const;
  const network = poolBeforeRelu(withoutFinalSoftmax(graph));
  const parameters = selectUsedParameters(network);
  const isTrainable = options.trainable ?? (() => true);
  const trainable = selectTrainable(graph, parameters, isTrainable);
  const scalars = form === 'update' ? scalarNames(options) : [];
  const scaledBy = form === 'update' ? gradientScale(options) : null;

  const builder = createOnnxBuilder(`${graph.name}-training-step`);
  const rowParts: ReadonlyMap<string, readonly RowPart[]> = canCut(options)
    ? cutIntoRows(network, trainable, {
        size: partSize,
        ...(isBlocked ? { rowBlock: blockedChannels } : {}),
      })
    : new Map();
  const arrays = parameters.flatMap(
    (parameter): readonly Pick<RowPart, 'name' | 'shape'>[] =>
      rowParts.get(parameter.name) ?? [parameter],
  );
  for (const { name, shape } of [image, target, ...arrays]) {
    builder.input(name, 'float32', shape);
  }
  for (const scalar of ['normalizer', ...scalars]) builder.input(scalar, 'float32', [1]);
  const masks = createMaskInputs(builder);
  const statistics = createBatchStatistics({
    builder,
    target: target.name,
    graph: network,
    isTrainable,
  });
  const lowered = lowerGraph(network, {
    builder,
    shapes: inferShapes(network, batchSize),
    operands: new Map([
      [graph.input.name, image.name],
      ...parameters.map(({ name }) => [name, name] as const),
    ]),
    trainable: new Set(trainable.map(({ name }) => name)),
    addMask: masks.add,
    batchStatistics: statistics.of,
    rowParts,
    blockedChannels,
    convolutions,
    poolIndices,
  });
  const { loss, logits, dLogits } = addCrossEntropy(builder, {
    logits: lowered.output,
    target: target.name,
    normalizer: 'normalizer',
    gradientScale: scaledBy,
  });
  builder.output(loss, 'float32', []);
  builder.output(logits, 'float32', target.shape);

  const learned = { builder, trainable, gradients: lowered.differentiate(dLogits) };
  const learnedState =
    form === 'update' ? addUpdates(learned, { rule: options, factorsOf, scaledBy, inStages }) : [];
  const sums = form === 'gradient-sums' ? addGradientSums(learned) : [];
  const state = [...learnedState, ...sums, ...statistics.addOutputs()];
  const gradients = form === 'gradients' ? addGradientOutputs(learned) : [];
  const model = builder.build({ domains: blockedDomains(blockedChannels) });
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

/** A rule that looks at a parameter as a whole needs its gradient as a whole. */
function canCut({ form = 'update', optimizer }: TrainingStepOptions): boolean {
  return form === 'update' && resolveOptimizer(optimizer).isElementwise;
}
