import {
  formatShape,
  type Graph,
  isSameShape,
  nameFile,
  type Preprocessing,
  type Shape,
  sizeOf,
  type Tensor,
  type Weights,
} from '@alexnet/core';
import { concatenate } from '../elements/concatenate.ts';
import { damagedFile } from '../file-error.ts';
import { convShape, linearShape, toConvWeight, toLinearWeight, toVector } from '../place/layout.ts';
import { quoteName } from '../quote-name.ts';
import type { DescribedNetwork, FileTensor, LayoutConvention } from '../weight-file.ts';
import type { LayerSource } from './graph-draft.ts';
import type { KerasNetwork } from './keras-network.ts';
import { type KerasGraph, type KerasGraphOptions, kerasToGraph } from './keras-to-graph.ts';
import { labelLayers } from './label-layers.ts';

interface NetworkFile {
  readonly place: string;
  readonly tensors: ReadonlyMap<string, FileTensor>;
  readonly convention: LayoutConvention;
  readonly options: KerasGraphOptions;
}

export interface DescribedKerasNetwork {
  readonly described: DescribedNetwork;
  /** How the first dense layer's input is flattened, if there is anything to flatten. */
  readonly flatten: LayoutConvention['flatten'] | null;
}

/**
 * The network that a Keras file describes, and how its arrays fill it.
 *
 * @throws as {@link kerasToGraph}
 */
export function describeKerasNetwork(
  config: KerasNetwork,
  file: NetworkFile,
): DescribedKerasNetwork {
  const { graph, sources, rescaling } = toGraph(config, file);
  const preprocessing = rescaling ? { preprocessing: preparePictures(graph, rescaling) } : {};
  const flattened = sources.find((source) => source.flattened)?.flattened;
  return {
    described: {
      graph,
      metadata: preprocessing,
      readWeights: () => readWeights(graph, sources, file),
    },
    flatten: flattened?.order ?? null,
  };
}

function toGraph(config: KerasNetwork, { place, options }: NetworkFile): KerasGraph {
  try {
    return kerasToGraph(config, options);
  } catch (error) {
    throw nameFile(error, place);
  }
}

/** Keras's loaders make pictures as large as the input, whatever their aspect. */
function preparePictures(
  { input }: Graph,
  { factor, offset }: NonNullable<KerasGraph['rescaling']>,
): Preprocessing {
  const [channels = 0, height = 0, width = 0] = input.shape;
  const each = (value: number) => Array.from({ length: channels }, () => value);
  return {
    resize: { mode: 'exact', height, width, filter: 'bilinear', antialias: false },
    crop: null,
    channels: channels === 1 ? 'grey' : 'RGB',
    scale: factor,
    mean: each(offset === 0 ? 0 : -offset),
    std: each(1),
  };
}

function readWeights(graph: Graph, sources: readonly LayerSource[], file: NetworkFile): Weights {
  const labels = findLabels(sources, file);
  const shapes = new Map(graph.parameters.map(({ name, shape }) => [name, shape]));
  return new Map(
    sources.flatMap((source, index) =>
      listParameters(source, file.convention).map((parameter): [string, Tensor] => {
        const name = `${source.node}.${parameter.role}`;
        const shape = shapes.get(name) ?? [];
        const arrays = (labels[index] ?? []).map((label) => `${label}/${parameter.array}`);
        return [name, fill(shape, arrays, parameter, file)];
      }),
    ),
  );
}

/** A parameter of a node, and the array that fills it. */
interface SourceParameter {
  readonly role: string;
  /** Its name in the file, behind the layer's. */
  readonly array: string;
  /** What it is where the layer has none. */
  readonly missing: number | null;
  /** The array's axes in core's order. */
  toShape(shape: Shape): Shape;
  convert(tensor: FileTensor): Tensor;
}

function listParameters(
  source: LayerSource,
  { conv, linear }: LayoutConvention,
): readonly SourceParameter[] {
  const layout = { conv, linear };
  const vector = (role: string, array: string, missing: number | null = null): SourceParameter => {
    return { role, array, missing, toShape: (shape) => [sizeOf(shape)], convert: toVector };
  };
  const weight = (
    toShape: SourceParameter['toShape'],
    convert: SourceParameter['convert'],
  ): SourceParameter => ({ role: 'weight', array: 'kernel', missing: null, toShape, convert });
  const bias = vector('bias', 'bias', source.useBias ? null : 0);
  switch (source.kind) {
    case 'conv':
      return [
        weight(
          (shape) => convShape(shape, layout),
          (tensor) => toConvWeight(tensor, layout),
        ),
        bias,
      ];
    case 'dense':
      return [
        weight(
          (shape) => linearShape(shape, layout),
          (tensor) => toLinearWeight(tensor, layout, source.flattened),
        ),
        bias,
      ];
    case 'norm':
      // The statistics first: they say how long the others are where the layer has none.
      return [
        vector('mean', 'moving_mean'),
        vector('variance', 'moving_variance'),
        vector('scale', 'gamma', source.scale ? null : 1),
        vector('bias', 'beta', source.center ? null : 0),
      ];
    default:
      return source.kind satisfies never;
  }
}

/**
 * A parameter of a shape that is compared before anything is converted or made.
 *
 * @param arrays - one, or those of the groups of a convolution
 */
function fill(
  shape: Shape,
  arrays: readonly string[],
  { missing, toShape, convert }: SourceParameter,
  { place, tensors, convention }: NetworkFile,
): Tensor {
  if (missing !== null) return { shape, data: new Float32Array(sizeOf(shape)).fill(missing) };
  const tensor = join(
    arrays.flatMap((array) => tensors.get(array) ?? []),
    { count: arrays.length, conv: convention.conv },
  );
  const found = tensor && toShape(tensor.shape);
  if (tensor && found && isSameShape(found, shape)) return convert(tensor);
  const needs = `its network needs ${arrays.map(quoteName).join(' and ')} for a parameter of ${formatShape(shape)}`;
  throw damagedFile(
    place,
    `${needs}, which ${found ? `is ${formatShape(found)}` : 'is not there'}`,
  );
}

/** Groups of a convolution are joined along its outputs. */
function join(
  tensors: readonly FileTensor[],
  { count, conv }: { readonly count: number } & Pick<LayoutConvention, 'conv'>,
): FileTensor | undefined {
  const [first] = tensors;
  if (!first || tensors.length < count) return undefined;
  if (count === 1) return first;
  return concatenate(tensors, conv === 'HWIO' ? first.shape.length - 1 : 0);
}

/**
 * Names of the layers' arrays: the layers' own, or those of the file in its order, as Keras fills a network. One for
 * each source, but for convolutions that the file has once for each group.
 */
function findLabels(
  sources: readonly LayerSource[],
  { tensors }: NetworkFile,
): readonly (readonly string[])[] {
  const labels = labelLayers(sources.flatMap(({ paths }) => paths));
  const stored = [
    ...new Set([...tensors.keys()].map((name) => name.slice(0, name.lastIndexOf('/')))),
  ];
  const areNamed = labels.every((label) => stored.includes(label));
  const found = areNamed || stored.length !== labels.length ? labels : stored;
  let begin = 0;
  return sources.map(({ paths }) => {
    begin += paths.length;
    return found.slice(begin - paths.length, begin);
  });
}
