import { isAlexNetError, type Model, type Preprocessing } from '@alexnet/core';
import type { ImportWeightsOptions } from '../place/import-options.ts';
import type { ImportReport } from '../place/import-report.ts';
import { importWeights } from '../place/import-weights.ts';
import { describePreprocessing } from '../place/preprocessing.ts';
import type { WeightFile, WeightFormat, WeightType } from '../weight-file.ts';
import { checkFormat, checkNumbers, checkRange } from './check-arrays.ts';
import {
  checkColours,
  checkDeadFilters,
  checkTraining,
  examineFirstFilters,
} from './check-filters.ts';
import { checkFlatten, examineFlatten } from './check-flatten.ts';
import type { ColourOrder } from './first-filters.ts';
import type { FlattenEvidence } from './flatten-order.ts';
import { measureTensor, type TensorStatistics } from './tensor-statistics.ts';
import type { WeightCheck } from './weight-check.ts';

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
  const filters = examineFirstFilters(model);
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
      checkDeadFilters(model),
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

function checkNetwork({ preset, classes, decisions }: ImportReport): WeightCheck {
  return {
    name: 'network',
    ok: true,
    detail: decisions[0] ?? `${preset ?? 'A network of its own'}, ${classes} classes.`,
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
