import {
  AlexNetError,
  countClasses,
  findPreset,
  inferShapes,
  initializeWeights,
  type Model,
  numberedLabels,
  type PresetId,
  presets,
} from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import type { WeightFile } from '../weight-file.ts';
import { type FileLayers, findFileLayers } from './file-layers.ts';
import { type FitSearch, findFit } from './find-fit.ts';
import type { Fit } from './fit-preset.ts';
import type { Described } from './import-described.ts';
import type { ImportWeightsOptions } from './import-options.ts';
import type { Layout } from './layout.ts';
import { mergeTowers } from './merge-towers.ts';
import { guessOtherNetwork } from './other-networks.ts';
import { placeLayers } from './place-layers.ts';
import { choosePreprocessing } from './preprocessing.ts';
import { refuseLoneArray, refuseMisfit } from './refuse.ts';
import { checkSkips, createSkipTest } from './skip-layers.ts';

/** A model of the arrays of a file alone: their names and shapes. */
export function importByShapes(file: WeightFile, options: ImportWeightsOptions): Described {
  const { source = 'The file', skip = [] } = options;
  const [lone, ...others] = file.tensors.values();
  if (lone && others.length === 0) throw refuseLoneArray(source, lone.shape);
  const found = findFileLayers(file);
  const fitOptions = {
    preset: options.preset,
    hint: readHint(source),
    classes: options.classes,
    inputSize: options.inputSize,
    isSkipped: createSkipTest(skip),
  };
  const asIs = findFit(found.layers, file.convention, fitOptions);
  const merged = 'fit' in asIs ? undefined : mergeTowers(found.layers, file.convention);
  const search = merged ? findFit(merged, file.convention, fitOptions) : asIs;
  if (!('fit' in search)) {
    throw refuseMisfit('fit' in asIs ? search : asIs, {
      source,
      other: guessOtherNetwork(file, found.layers),
      isChosen: options.preset !== undefined,
      notes: file.notes,
    });
  }
  const { fit } = search;
  const names = [
    ...fit.placements.map(({ expected }) => expected.name),
    ...found.layers.map(({ name }) => name.replaceAll('/', '.')),
  ];
  checkSkips(skip, names);
  checkClasses(fit, options);
  return build(file, { search, found }, options);
}

/** Caffe's two networks have the same shapes, and their files are often named after them. */
function readHint(source: string): PresetId | undefined {
  if (/caffe_?net|reference/i.test(source)) return 'caffenet';
  if (/one_?weird|owt-?lrn/i.test(source)) return 'one-weird-trick';
  return undefined;
}

function checkClasses({ network, placements }: Fit, { classes }: ImportWeightsOptions): void {
  const own = countClasses(network.graph);
  const head = placements.findLast(({ expected }) => expected.kind === 'dense');
  if (classes === undefined || classes === own || !head) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `The file has ${own} classes in ${head.expected.name}, but ${classes} are asked for.`,
    hint: `Leave its head out, which then starts anew: --skip ${head.expected.name} --classes ${classes}`,
    path: [head.expected.name],
  });
}

interface Findings {
  readonly search: FitSearch;
  readonly found: FileLayers;
}

function build(
  file: WeightFile,
  { search, found }: Findings,
  options: ImportWeightsOptions,
): Described {
  const { fit } = search;
  const { network, layout, placements } = fit;
  const { graph } = network;
  const order = options.fc6Order ?? usualOrder(file, layout);
  const { weights, placed, absent, fresh } = placeLayers(placements, layout, order);
  const { seed = 0, init = 'he' } = options;
  const { preprocessing, because } = choosePreprocessing({
    format: file.format,
    layout,
    preset: fit.preset,
    published: network.preprocessing,
    inputShape: graph.input.shape,
  });
  const model: Model = {
    graph,
    weights: fresh.length > 0 ? initializeWeights(graph, { seed, init, keep: weights }) : weights,
    metadata: {
      preset: network.preset,
      labels: numberedLabels(countClasses(graph)),
      preprocessing,
      provenance: {
        origin: 'imported',
        ...(options.source === undefined ? {} : { source: options.source }),
      },
    },
  };
  return {
    model,
    decisions: [...describeFit(fit), ...describeSaidOrder(fit, options)],
    conventions: [
      ...describeAlternatives(search, options),
      ...describeGeometry(fit),
      ...describeSize(fit, options),
      ...describeOrder(file, fit, { order, options }),
      ...describeNormalisation(fit, options),
    ],
    skipped: describeSkipped(fit, { found, absent, init, seed }),
    placed,
    fc6Order: isOrderOpen(fit) ? order : null,
    alternatives: search.alternatives,
    knowsPreprocessing: false,
    because,
  };
}

/** How files of this layout flatten feature maps: channels last where the channels are last in all else. */
function usualOrder({ convention }: WeightFile, { conv }: Layout): 'CHW' | 'HWC' {
  if (conv === convention.conv) return convention.flatten;
  return conv === 'OIHW' ? 'CHW' : 'HWC';
}

function describeFit({ preset, network, layout, placements, differences }: Fit): readonly string[] {
  const { graph } = network;
  const grouped = graph.nodes.filter(({ op, attributes }) => {
    return op === 'Conv' && 'group' in attributes && attributes.group > 1;
  });
  const groups =
    grouped.length > 0 ? `, two groups in ${grouped.map(({ name }) => name).join(', ')}` : '';
  const width = differences.has('own-widths')
    ? ', but with widths of its own'
    : differences.has('width')
      ? ', of another width'
      : '';
  const named = placements.find(({ found }) => found?.kind === 'conv');
  const shapes = named?.found?.arrays.get('weight')?.tensor.shape.join('×') ?? '';
  return [
    `The network is ${network.preset === null ? `like the preset "${preset}"` : `the preset "${preset}"`}${width}: ${countClasses(graph)} classes, ${graph.input.shape[0]} channels${groups}.`,
    layout.conv === 'OIHW' && layout.linear === 'out-in'
      ? `Its arrays lie as here: convolutions OIHW, dense layers [out, in].`
      : `Its arrays are turned: convolutions from ${layout.conv} (${shapes}) to OIHW, dense layers ${layout.linear === 'in-out' ? 'from [in, out] to [out, in]' : 'lie as [out, in]'}.`,
  ];
}

function describeAlternatives(
  { fit, alternatives }: FitSearch,
  { preset }: ImportWeightsOptions,
): readonly string[] {
  if (preset !== undefined || alternatives.length === 0) return [];
  const { title } = findPreset(fit.preset);
  return [
    `of the networks with these shapes, it is "${fit.preset}" (${title}); the others are ${alternatives.join(', ')} (--preset).`,
  ];
}

/** What shapes of weights do not say, and is the less sure the less of a preset they are of. */
function describeGeometry({ preset, differences }: Fit): readonly string[] {
  if (!differences.has('own-widths')) return [];
  return [
    `its strides, padding and pools are those of "${preset}": the shapes do not say them (--preset).`,
  ];
}

function describeSize(
  { preset, network }: Fit,
  { inputSize }: ImportWeightsOptions,
): readonly string[] {
  const [, side] = network.graph.input.shape;
  if (inputSize !== undefined || side === presets[preset].defaults.inputSize) return [];
  const pool = lastMaps(network.graph);
  return [
    `pictures of ${side}×${side} pixels: shapes tell only that the last feature maps are ${pool} (--input-size).`,
  ];
}

function lastMaps(graph: Fit['network']['graph']): string {
  const flatten = graph.nodes.find(({ op }) => op === 'Flatten');
  return (inferShapes(graph).get(flatten?.inputs[0] ?? '') ?? []).slice(2).join('×');
}

function describeOrder(
  { format }: WeightFile,
  fit: Fit,
  { order, options }: { readonly order: string; readonly options: ImportWeightsOptions },
): readonly string[] {
  const first = fit.placements.find(({ expected }) => expected.flattened);
  if (!isOrderOpen(fit) || options.fc6Order !== undefined) return [];
  return [
    `the inputs of ${first?.expected.name} come in the order ${order}, as ${format} files with ${fit.layout.conv} convolutions have them (--fc6-order).`,
  ];
}

function describeSaidOrder(fit: Fit, { fc6Order }: ImportWeightsOptions): readonly string[] {
  if (fc6Order === undefined) return [];
  return [
    isOrderOpen(fit)
      ? `The inputs of the first dense layer come in the order ${fc6Order}, as you said.`
      : "The order of the first dense layer's inputs, which you said, changes nothing: it reads no flattened feature maps of the file.",
  ];
}

/** No array of a file belongs to it. */
function describeNormalisation(
  { preset, network }: Fit,
  { lrnAlpha }: ImportWeightsOptions,
): readonly string[] {
  const node = network.graph.nodes.find(({ op }) => op === 'LRN');
  if (node?.op !== 'LRN' || lrnAlpha !== undefined) return [];
  const { size, alpha, k } = node.attributes;
  return [
    `it normalises over ${size} channels, with an alpha of ${alpha.toExponential()} for each and a k of ${k}, as "${preset}" was published with (--lrn-alpha).`,
  ];
}

/** Whether a dense layer reads flattened feature maps of more than one pixel. */
function isOrderOpen({ placements }: Fit): boolean {
  const first = placements.find(({ expected }) => expected.flattened);
  if (!first || first.isSkipped || first.found?.kind !== 'dense') return false;
  return (first.expected.flattened?.pixels ?? 1) > 1;
}

function describeSkipped(
  { placements, dropped }: Fit,
  {
    found,
    absent,
    init,
    seed,
  }: {
    readonly found: FileLayers;
    readonly absent: readonly string[];
    readonly init: string;
    readonly seed: number;
  },
): readonly string[] {
  const anew = placements.filter(({ isSkipped }) => isSkipped);
  return [
    ...anew.map(({ expected, found: layer }) => {
      const [weight] = expected.parameters.values();
      return `${expected.name} starts anew (${init}, seed ${seed}) as ${weight?.shape.join('×')}${layer ? `, in place of the file's ${quoteName(layer.name)}` : ', which the file does not have'}.`;
    }),
    ...dropped.map(
      ({ name }) => `the file's layer ${quoteName(name)}, which the network has no place for.`,
    ),
    ...(absent.length > 0
      ? [`the file has no ${absent.join(', ')}: zeros, or ones for scales, which change nothing.`]
      : []),
    ...(found.leftOut.length > 0 ? [describeLeftOut(found.leftOut)] : []),
  ];
}

function describeLeftOut(names: readonly string[]): string {
  const shown = names.slice(0, 4).map(quoteName).join(', ');
  const more = names.length > 4 ? ` and ${names.length - 4} more` : '';
  return `${names.length} arrays that inference does not read: ${shown}${more}.`;
}
