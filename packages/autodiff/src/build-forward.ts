import { AlexNetError, checkGraph, type Graph, inferShapes, type Shape } from '@alexnet/core';
import { createOnnxBuilder, type ModelProto } from '@alexnet/export';
import { checkBatchSize } from './check-batch-size.ts';
import { lowerGraph } from './lower-graph.ts';
import { blockedDomains } from './ops/blocks/blocked-convolution.ts';
import type { ConvolutionRecipe, LayerRecipes } from './ops/convolution-recipe.ts';
import { poolBeforeRelu } from './pool-before-relu.ts';
import { selectUsedParameters } from './select-parameters.ts';
import { withoutFinalSoftmax } from './without-final-softmax.ts';

export interface ForwardOptions {
  /** N, or `'dynamic'` for a model that takes any. */
  readonly batchSize: number | 'dynamic';
  /** As in `TrainingStepOptions`. */
  readonly blockedChannels?: number | null;
  /** `direct` unless given; others need a batch size that is known. */
  readonly convolutions?: ConvolutionRecipe | LayerRecipes;
}

/** The forward pass of a training, as an ONNX model whose weights are inputs under their names. */
export interface ForwardModel {
  readonly model: ModelProto;
  readonly batchSize: number | 'dynamic';
  /** float32 [N, C, H, W], preprocessed. */
  readonly image: { readonly name: 'image'; readonly shape: readonly (number | 'N')[] };
  /** The weights to feed. */
  readonly parameters: readonly { readonly name: string; readonly shape: Shape }[];
  /** float32 [N, classes] */
  readonly output: {
    readonly name: 'logits';
    readonly shape: readonly (number | 'N')[];
  };
}

/**
 * Builds the network for evaluation between training steps: the weights are inputs, so that a trainer
 * feeds the arrays it trains. Dropout is the identity, BatchNormalization goes by its running statistics.
 *
 * The output is the logits: of a graph that ends with a Softmax, that is the Softmax's operand.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a batch size out of range or one that `convolutions` needs;
 *   `INVALID_GRAPH` or `SHAPE_MISMATCH` for a graph that cannot run.
 */
export function buildForward(
  graph: Graph,
  { batchSize, blockedChannels = null, convolutions = 'direct' }: ForwardOptions,
): ForwardModel {
  if (batchSize !== 'dynamic') checkBatchSize(batchSize);
  else if (convolutions !== 'direct') throw needsBatchSize(convolutions);
  checkGraph(graph);
  const network = poolBeforeRelu(withoutFinalSoftmax(graph));
  const parameters = selectUsedParameters(network);
  const shapes = inferShapes(network, batchSize === 'dynamic' ? 1 : batchSize);
  const withBatch = ([, ...shape]: Shape) =>
    [batchSize === 'dynamic' ? 'N' : batchSize, ...shape] as const;
  const image = { name: 'image', shape: withBatch([1, ...graph.input.shape]) } as const;

  const builder = createOnnxBuilder(`${graph.name}-forward`);
  builder.input(image.name, 'float32', image.shape);
  for (const { name, shape } of parameters) builder.input(name, 'float32', shape);
  const lowered = lowerGraph(network, {
    builder,
    shapes,
    operands: new Map([
      [graph.input.name, image.name],
      ...parameters.map(({ name }) => [name, name] as const),
    ]),
    trainable: new Set(),
    addMask: null,
    batchStatistics: () => null,
    rowParts: new Map(),
    blockedChannels,
    convolutions,
    poolIndices: false,
  });
  const output = { name: 'logits', shape: withBatch(shapes.get(network.output) ?? []) } as const;
  builder.op('Identity', [lowered.output], {}, { output: output.name });
  builder.output(output.name, 'float32', output.shape);
  return {
    model: builder.build({ domains: blockedDomains(blockedChannels) }),
    batchSize,
    image,
    parameters: parameters.map(({ name, shape }) => ({ name, shape })),
    output,
  };
}

function needsBatchSize(convolutions: ConvolutionRecipe | LayerRecipes): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: `convolutions are ${JSON.stringify(convolutions)}, and the batch size is "dynamic".`,
    hint: 'Give the number of pictures of a batch, or leave "convolutions" out.',
  });
}
