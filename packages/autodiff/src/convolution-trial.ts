import { type Graph, inferShapes, type NodeOf, type Shape } from '@alexnet/core';
import { type ConvGeometry, createOnnxBuilder, type ModelProto } from '@alexnet/export';
import { selectAncestors, selectDifferentiated } from './lower-graph.ts';
import { blockedDomains } from './ops/blocks/blocked-convolution.ts';
import { conv } from './ops/convolution/conv.ts';
import { findGeometry } from './ops/convolution/convolution-geometry.ts';
import type { LayerRecipe } from './ops/convolution-recipe.ts';
import { poolBeforeRelu } from './pool-before-relu.ts';
import { selectTrainable, selectUsedParameters } from './select-parameters.ts';
import { withoutFinalSoftmax } from './without-final-softmax.ts';

/** A convolution of a training step. */
export interface ConvolutionLayer {
  readonly name: string;
  readonly geometry: ConvGeometry;
  /** The gradients that the step takes of it. */
  readonly wanted: { readonly data: boolean; readonly weight: boolean };
}

/**
 * The convolutions of a training step, as `buildTrainingStep` would have them.
 *
 * @param options.batchSize - pictures that are computed at once
 * @param options.trainable - as in `TrainingStepOptions`
 * @throws {@link AlexNetError} as `buildTrainingStep`
 */
export function listConvolutions(
  graph: Graph,
  {
    batchSize,
    trainable: isTrainable,
  }: { readonly batchSize: number; readonly trainable: (parameter: string) => boolean },
): readonly ConvolutionLayer[] {
  const network = poolBeforeRelu(withoutFinalSoftmax(graph));
  const trainable = selectTrainable(graph, selectUsedParameters(network), isTrainable);
  const differentiated = selectDifferentiated(
    network,
    trainable.map(({ name }) => name),
  );
  const shapes = inferShapes(network, batchSize);
  const shapeOf = (value: string): Shape => shapes.get(value) ?? [];
  return selectAncestors(network).flatMap((node) => {
    if (node.op !== 'Conv') return [];
    const [x, weight] = node.inputs;
    const wanted = { data: differentiated.has(x), weight: differentiated.has(weight) };
    return [{ name: node.name, geometry: findGeometry(node, shapeOf), wanted }];
  });
}

/** An input of a trial's model, float32. */
export interface TrialInput {
  readonly name: string;
  readonly shape: Shape;
}

/** The inputs of {@link buildConvolutionTrial}'s models, whatever the recipe. */
export function listTrialInputs({ geometry, wanted }: ConvolutionLayer): readonly TrialInput[] {
  const { x, dy, kernel, group } = geometry;
  return [
    { name: 'x', shape: toShape(x) },
    { name: 'weight', shape: [dy.channels, x.channels / group, ...kernel] },
    { name: 'bias', shape: [dy.channels] },
    ...(wanted.data || wanted.weight ? [{ name: 'dy', shape: toShape(dy) }] : []),
  ];
}

/**
 * A model of a convolution and the gradients that a step takes of it, to take the time of. Its output is one number
 * of each result, so that none is copied.
 */
export function buildConvolutionTrial(
  layer: ConvolutionLayer,
  recipe: LayerRecipe,
  { blockedChannels }: { readonly blockedChannels: number | null },
): ModelProto {
  const { name, geometry, wanted } = layer;
  const node = toNode(name, geometry);
  const shapes = new Map([[node.output, toShape(geometry.dy)]]);
  const builder = createOnnxBuilder(`${name}-trial`);
  for (const input of listTrialInputs(layer)) {
    shapes.set(input.name, input.shape);
    builder.input(input.name, 'float32', input.shape);
  }
  const lowered = conv.lower(
    {
      builder,
      shapeOf: (value) => shapes.get(value) ?? [],
      addMask: null,
      batchStatistics: () => null,
      rowPartsOf: () => null,
      blockedChannels,
      convolutions: { [name]: recipe },
      poolIndices: false,
      isDifferentiated: true,
    },
    node,
    node.inputs,
  );
  const gradients = lowered.backward('dy', [wanted.data, wanted.weight, false]);
  const results = [lowered.output, ...gradients].filter((value) => typeof value === 'string');
  const numbers = results.map((value) =>
    builder.op('Slice', [
      builder.op('Reshape', [value, builder.ints(-1)]),
      builder.ints(0),
      builder.ints(1),
    ]),
  );
  const output = builder.op('Concat', numbers, { axis: { i: 0 } }, { output: 'numbers' });
  builder.output(output, 'float32', [numbers.length]);
  return builder.build({ domains: blockedDomains(blockedChannels) });
}

function toNode(name: string, { kernel, strides, pads, group }: ConvGeometry): NodeOf<'Conv'> {
  return {
    op: 'Conv',
    name,
    inputs: ['x', 'weight', 'bias'],
    output: 'y',
    attributes: { kernelShape: kernel, strides, pads, group },
  };
}

function toShape({ batch, channels, height, width }: ConvGeometry['x']): Shape {
  return [batch, channels, height, width];
}
