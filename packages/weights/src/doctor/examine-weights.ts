import { type Graph, isAlexNetError, type Model, type Preprocessing } from '@alexnet/core';
import { listExpectedLayers } from '../place/expected-layers.ts';
import type { ImportWeightsOptions } from '../place/import-options.ts';
import type { ImportReport } from '../place/import-report.ts';
import { importWeights } from '../place/import-weights.ts';
import { describePreprocessing } from '../place/preprocessing.ts';
import { quoteName } from '../quote-name.ts';
import type { WeightFile, WeightFormat, WeightType } from '../weight-file.ts';
import { findDeadFilters } from './dead-filters.ts';
import { type ColourOrder, guessColourOrder, measureFirstFilters } from './first-filters.ts';
import { type FlattenEvidence, measureFlattenOrder } from './flatten-order.ts';
import { measureTensor, type TensorStatistics } from './tensor-statistics.ts';

/** One thing that was looked at. */
export interface WeightCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do, where something is not in order. */
  readonly remedy?: string;
}

/** What there is to say about a weight file without running it. */
export interface WeightExamination {
  readonly format: WeightFormat;
  readonly preset: string | null;
  readonly classes: number | null;
  readonly parameters: number | null;
  readonly dtypes: readonly WeightType[];
  readonly tensors: readonly TensorStatistics[];
  readonly colourOrder: ColourOrder | null;
  readonly flattenOrder: FlattenEvidence | null;
  readonly preprocessing: Preprocessing | null;
  readonly checks: readonly WeightCheck[];
  /** `null` for a file of another network. */
  readonly imported: { readonly model: Model; readonly report: ImportReport } | null;
}

/**
 * Looks at a weight file as a doctor does: which network it is of, whether its numbers are sound, what its first
 * filters tell of the pictures that it was trained on, and what has to be assumed to use it. Does not throw for a file
 * of another network: that is what it says.
 */
export function examineWeights(
  file: WeightFile,
  options: ImportWeightsOptions = {},
): WeightExamination {
  const tensors = [...file.tensors].map(([name, tensor]): TensorStatistics => {
    const { dtype, shape } = tensor;
    return { name, dtype, shape, ...measureTensor(tensor.toFloat32()) };
  });
  const dtypes = [...new Set(tensors.map(({ dtype }) => dtype))];
  const attempt = tryToImport(file, options);
  const common = { format: file.format, dtypes, tensors };
  const basics = [checkFormat(file, tensors, dtypes), checkNumbers(tensors), checkRange(tensors)];
  if ('error' in attempt) {
    return {
      ...common,
      preset: null,
      classes: null,
      parameters: null,
      colourOrder: null,
      flattenOrder: null,
      preprocessing: null,
      checks: [...basics, attempt.error],
      imported: null,
    };
  }
  const { model, report } = attempt;
  const { preprocessing } = model.metadata;
  const filters = examineFilters(model);
  const flattenOrder = examineFlatten(model, report);
  return {
    ...common,
    preset: report.preset,
    classes: report.classes,
    parameters: report.parameters,
    colourOrder: filters?.colourOrder ?? null,
    flattenOrder,
    preprocessing,
    checks: [
      ...basics,
      checkNetwork(report),
      checkFilters(model),
      ...(filters ? [checkTraining(filters), checkColours(filters, preprocessing)] : []),
      ...(flattenOrder && report.fc6Order ? [checkFlatten(flattenOrder, report.fc6Order)] : []),
      checkPreprocessing(preprocessing, report),
    ],
    imported: { model, report },
  };
}

function tryToImport(
  file: WeightFile,
  options: ImportWeightsOptions,
): { readonly model: Model; readonly report: ImportReport } | { readonly error: WeightCheck } {
  try {
    return importWeights(file, options);
  } catch (error) {
    if (!isAlexNetError(error) || error.code === 'INTERNAL') throw error;
    const { message, hint } = error;
    return {
      error: { name: 'network', ok: false, detail: message, ...(hint ? { remedy: hint } : {}) },
    };
  }
}

function checkFormat(
  { format, notes }: WeightFile,
  tensors: readonly TensorStatistics[],
  dtypes: readonly WeightType[],
): WeightCheck {
  const [first] = notes;
  const detail = `${format}: ${tensors.length} arrays of ${dtypes.join(', ')}${first ? `; ${first}` : '.'}`;
  return { name: 'format', ok: true, detail };
}

function checkNumbers(tensors: readonly TensorStatistics[]): WeightCheck {
  const broken = tensors.filter(({ nans, infinities }) => nans + infinities > 0);
  const [worst] = broken;
  if (!worst) return { name: 'numbers', ok: true, detail: 'All numbers are finite.' };
  return {
    name: 'numbers',
    ok: false,
    detail: `${broken.length} arrays have numbers that are none; ${quoteName(worst.name)} has ${worst.nans} NaN and ${worst.infinities} infinite ones.`,
    remedy: 'The training broke, or halves ran over: take an older checkpoint, or one in float32.',
  };
}

/** No AlexNet has weights that large; pixels and codes of quantised files are. */
const LARGEST_WEIGHT = 1000;

function checkRange(tensors: readonly TensorStatistics[]): WeightCheck {
  const floats = tensors.filter(({ shape }) => shape.length > 1);
  const large = floats.find(({ min, max }) => Math.max(-min, max) > LARGEST_WEIGHT);
  const flat = floats.find(({ std }) => std === 0);
  const min = floats.reduce((least, each) => Math.min(least, each.min), Number.POSITIVE_INFINITY);
  const max = floats.reduce((most, each) => Math.max(most, each.max), Number.NEGATIVE_INFINITY);
  if (large) {
    return {
      name: 'range',
      ok: false,
      detail: `${quoteName(large.name)} reaches from ${format(large.min)} to ${format(large.max)}: these are no weights of an AlexNet.`,
      remedy: 'Is the file quantised, or a picture, or damaged?',
    };
  }
  if (flat) {
    return {
      name: 'range',
      ok: false,
      detail: `${quoteName(flat.name)} has the same number throughout, ${format(flat.max)}.`,
      remedy: 'The file was made without its weights: export it again.',
    };
  }
  const detail =
    floats.length > 0 ? `Weights from ${format(min)} to ${format(max)}.` : 'No weights.';
  return { name: 'range', ok: floats.length > 0, detail };
}

function format(value: number): string {
  return value.toPrecision(3);
}

function checkNetwork({ preset, classes, decisions }: ImportReport): WeightCheck {
  return {
    name: 'network',
    ok: true,
    detail: decisions[0] ?? `${preset ?? 'A network of its own'}, ${classes} classes.`,
  };
}

function checkFilters({ graph, weights }: Model): WeightCheck {
  const dead = findDeadFilters(graph, weights);
  if (dead.length === 0) return { name: 'filters', ok: true, detail: 'No filter is dead.' };
  const detail = dead
    .map(({ layer, filters, zero, constant, faint }) => {
      const kinds = [
        [zero, 'zero'],
        [constant, 'constant'],
        [faint, 'almost zero'],
      ].flatMap(([count, kind]) => (count ? [`${count} ${kind}`] : []));
      return `${layer}: ${kinds.join(', ')} of ${filters}`;
    })
    .join('; ');
  const isBroken = dead.some(({ filters, zero, constant }) => zero + constant > filters / 2);
  return {
    name: 'filters',
    ok: !isBroken,
    detail: `Filters that do nothing: ${detail}.`,
    ...(isBroken
      ? { remedy: 'More than half of a layer is dead: the training or the conversion broke it.' }
      : {}),
  };
}

interface Filters {
  readonly layer: string;
  readonly kernel: number;
  readonly smoothness: number;
  readonly colourOrder: ColourOrder;
}

function examineFilters({ graph, weights }: Model): Filters | undefined {
  const node = graph.nodes.find(({ op }) => op === 'Conv');
  const weight = weights.get(node?.inputs[1] ?? '');
  if (!node || !weight || !readsPicture(graph, node.inputs[0])) return undefined;
  const found = measureFirstFilters(weight);
  const kernel = weight.shape[2] ?? 1;
  return {
    layer: node.name,
    kernel,
    smoothness: found.smoothness,
    colourOrder: guessColourOrder(found, kernel),
  };
}

function readsPicture({ input }: Graph, value: string): boolean {
  return value === input.name;
}

/** Kernels from here on are large enough for neighbours to be alike. */
const LARGE_KERNEL = 7;
const LEAST_SMOOTHNESS = 0.15;

function checkTraining({ layer, kernel, smoothness }: Filters): WeightCheck {
  const shown = `neighbouring pixels of ${layer}'s filters correlate by ${smoothness.toFixed(2)}`;
  if (kernel < LARGE_KERNEL) {
    return {
      name: 'training',
      ok: true,
      detail: `Kernels of ${kernel}×${kernel} are too small to tell; ${shown}.`,
    };
  }
  if (smoothness >= LEAST_SMOOTHNESS) {
    return {
      name: 'training',
      ok: true,
      detail: `The filters are smooth, as training makes them: ${shown}.`,
    };
  }
  return {
    name: 'training',
    ok: false,
    detail: `The filters are noise: ${shown}.`,
    remedy: 'The weights are fresh or hardly trained, or the axes were read in the wrong order.',
  };
}

function checkColours({ colourOrder }: Filters, { channels }: Preprocessing): WeightCheck {
  const { order, reason } = colourOrder;
  if (order === null || channels === 'grey') {
    return {
      name: 'colours',
      ok: true,
      detail: `The order of the colours cannot be told: ${reason}.`,
    };
  }
  if (order === channels) {
    return { name: 'colours', ok: true, detail: `Probably ${order}, as is assumed: ${reason}.` };
  }
  return {
    name: 'colours',
    ok: false,
    detail: `Probably ${order}, but ${channels} is assumed: ${reason}.`,
    remedy: `Try --channel-order ${order}; pictures tell: alexnet doctor FILE --pictures DIR`,
  };
}

function examineFlatten(
  { graph, weights }: Model,
  { fc6Order }: ImportReport,
): FlattenEvidence | null {
  const layer = listExpectedLayers(graph).find(({ flattened }) => flattened);
  const weight = weights.get(layer?.parameters.get('weight')?.name ?? '');
  if (!layer?.flattened || !weight || fc6Order === null) return null;
  return measureFlattenOrder(weight, { ...layer.flattened, taken: fc6Order });
}

/** Correlations that chance does not make. */
const LEAST_EVIDENCE = 0.03;

function checkFlatten({ taken, other }: FlattenEvidence, order: 'CHW' | 'HWC'): WeightCheck {
  const another = order === 'CHW' ? 'HWC' : 'CHW';
  const shown = `weights of neighbouring pixels correlate by ${taken.toFixed(3)} as ${order}, by ${other.toFixed(3)} as ${another}`;
  if (Math.max(taken, other) < LEAST_EVIDENCE || Math.abs(taken - other) < LEAST_EVIDENCE) {
    return {
      name: 'fc6',
      ok: true,
      detail: `The order of fc6's inputs cannot be told; ${order} is assumed: ${shown}.`,
    };
  }
  if (taken > other) {
    return {
      name: 'fc6',
      ok: true,
      detail: `fc6's inputs are probably ${order}, as is assumed: ${shown}.`,
    };
  }
  return {
    name: 'fc6',
    ok: false,
    detail: `fc6's inputs are probably ${another}, but ${order} is assumed: ${shown}.`,
    remedy: `Try --fc6-order ${another}.`,
  };
}

function checkPreprocessing(preprocessing: Preprocessing, report: ImportReport): WeightCheck {
  const shown = describePreprocessing(preprocessing);
  if (report.knowsPreprocessing) {
    return { name: 'preprocessing', ok: true, detail: `Said: ${shown}.` };
  }
  return {
    name: 'preprocessing',
    ok: false,
    detail: `Not in the file; assumed: ${shown}.`,
    remedy: 'See which way fits your pictures: alexnet doctor FILE --pictures DIR',
  };
}
