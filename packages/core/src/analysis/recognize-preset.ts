import { isAlexNetError } from '../errors.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { createNetwork, type Network } from '../model/create-model.ts';
import { PRESET_IDS, type PresetId, presets } from '../presets/index.ts';
import { type PresetOptions, resolveOptions } from '../presets/preset.ts';
import { isSameShape, type Shape } from '../tensor.ts';

/** A preset that a graph is, and which of its layers are which. */
export interface RecognizedPreset {
  readonly preset: PresetId;
  readonly network: Network;
  /** Names of the graph's nodes to those of the preset's; nodes without effect may be left out. */
  readonly layers: ReadonlyMap<string, string>;
}

/**
 * Finds the preset that computes the same from the same weights, whatever names the graph has.
 *
 * Classes, input size, channels, groups and a common factor of the widths may be others than the preset's.
 * Nodes without effect on the result do not count: Dropout, which exporters leave out; pools that have nothing to
 * do; a Softmax at the end. Presets at their published width go before others.
 *
 * @returns undefined for a network of one's own
 */
export function recognizePreset(graph: Graph): RecognizedPreset | undefined {
  const layers = describeLayers(graph);
  const [channels = 0, height = 0, width] = graph.input.shape;
  if (!layers || height !== width) return undefined;
  const classes = layers.at(-1)?.weights[0]?.[0];
  const hasGroups = layers.some(({ node }) => node.op === 'Conv' && node.attributes.group > 1);
  const options = {
    inputSize: height,
    channels,
    groups: hasGroups ? 2 : 1,
    ...(classes === undefined ? {} : { classes }),
  } as const;
  const alike = PRESET_IDS.flatMap((preset) => {
    const published = tryToBuild(preset, options);
    const isAlike = published !== undefined && hasSameLayers(layers, published, isSameOp);
    return isAlike ? [{ preset, options, published }] : [];
  });
  const scaled = alike.flatMap(({ preset, published }) => {
    const widthMultiplier =
      findFactor(layers, published) * presets[preset].defaults.widthMultiplier;
    const others = { ...options, widthMultiplier };
    const built = tryToBuild(preset, others);
    return built ? [{ preset, options: others, published: built }] : [];
  });
  const found = [...alike, ...scaled].find(({ published }) =>
    hasSameLayers(layers, published, isSameLayer),
  );
  if (!found) return undefined;
  const pairs = layers.map(({ node }, index) => {
    return [node.name, found.published[index]?.node.name ?? node.name] as const;
  });
  return {
    preset: found.preset,
    network: createNetwork(found.preset, found.options),
    layers: new Map(pairs),
  };
}

/** A layer with an effect, as far as it matters for the result. */
interface Layer {
  readonly node: Node;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly weights: readonly Shape[];
}

/** @returns undefined unless the graph is a chain */
function describeLayers(graph: Graph): readonly Layer[] | undefined {
  const shapes = inferShapes(graph);
  const parameters = new Map(graph.parameters.map(({ name, shape }) => [name, shape]));
  let last = graph.input.name;
  const layers: Layer[] = [];
  for (const node of graph.nodes) {
    if (node.inputs[0] !== last) return undefined;
    const before = shapes.get(last) ?? [];
    const after = shapes.get(node.output) ?? [];
    last = node.output;
    if (isIdle(node, before, after) || (node.op === 'Softmax' && last === graph.output)) continue;
    const weights = node.inputs.slice(1).map((name) => parameters.get(name) ?? []);
    layers.push({ node, attributes: describeAttributes(node, before, after), weights });
  }
  return last === graph.output ? layers : undefined;
}

function isIdle(node: Node, before: Shape, after: Shape): boolean {
  if (node.op === 'Dropout') return true;
  if (node.op === 'AveragePool') return node.attributes.kernelShape.every((length) => length === 1);
  return node.op === 'AdaptiveAveragePool' && isSameShape(before, after);
}

/**
 * Of the padding behind a picture only what some window sees: rounding up where there is nothing to round, or a
 * frame that no window reaches, is no difference.
 */
function describeAttributes(node: Node, before: Shape, after: Shape): Layer['attributes'] {
  if (node.op !== 'Conv' && node.op !== 'MaxPool' && node.op !== 'AveragePool') {
    return { ...node.attributes };
  }
  const { kernelShape, strides, pads } = node.attributes;
  const [top, left, bottom, right] = pads;
  const seen = (axis: 0 | 1, begin: number) => {
    const [size = 0, windows = 0] = [before[axis + 2], after[axis + 2]];
    return Math.max(0, (windows - 1) * strides[axis] + kernelShape[axis] - size - begin);
  };
  const [below, beyond] = [seen(0, top), seen(1, left)];
  // A mean counts the padding that is there, and not what rounding up adds.
  const isMean = node.op === 'AveragePool' && node.attributes.countIncludePad;
  const end = isMean ? [Math.min(bottom, below), Math.min(right, beyond)] : [];
  const { ceilMode: _, ...attributes }: Layer['attributes'] = { ...node.attributes };
  return { ...attributes, pads: [top, left, below, beyond], end };
}

/** How many times as wide a network is: by its widest layer, which is rounded least. */
function findFactor(layers: readonly Layer[], published: readonly Layer[]): number {
  const hidden = published.slice(0, -1).map(widthOf);
  const widest = Math.max(...hidden);
  const layer = layers[hidden.indexOf(widest)];
  return layer ? widthOf(layer) / widest : 0;
}

/** Outputs of a layer with weights, else 0. */
function widthOf({ weights }: Layer): number {
  return weights[0]?.[0] ?? 0;
}

/** The layers of a preset; undefined for options that it cannot have. */
function tryToBuild(preset: PresetId, options: PresetOptions): readonly Layer[] | undefined {
  try {
    const definition = presets[preset];
    return describeLayers(definition.build(resolveOptions(definition, options)));
  } catch (error) {
    if (isAlexNetError(error) && error.code !== 'INTERNAL') return undefined;
    throw error;
  }
}

function hasSameLayers(
  a: readonly Layer[],
  b: readonly Layer[],
  isSame: (left: Layer, right: Layer) => boolean,
): boolean {
  return (
    a.length === b.length &&
    a.every((layer, index) => {
      const other = b[index];
      return other !== undefined && isSame(layer, other);
    })
  );
}

/** But for the widths. */
function isSameOp(a: Layer, b: Layer): boolean {
  return a.node.op === b.node.op && isSameValue(a.attributes, b.attributes);
}

function isSameLayer(a: Layer, b: Layer): boolean {
  return (
    isSameOp(a, b) &&
    a.weights.length === b.weights.length &&
    a.weights.every((shape, index) => isSameShape(shape, b.weights[index] ?? []))
  );
}

/** Files hold float32: numbers that differ by less than these can tell are the same. */
const ROUNDING = 1e-6;

function isSameValue(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return Math.abs(a - b) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b));
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return (
    left.length === right.size && left.every(([key, value]) => isSameValue(value, right.get(key)))
  );
}
