import type { Model } from '@alexnet/core';
import { listExpectedLayers } from '../place/expected-layers.ts';
import type { ImportReport } from '../place/import-report.ts';
import { type FlattenEvidence, measureFlattenOrder } from './flatten-order.ts';
import type { WeightCheck } from './weight-check.ts';

export function examineFlatten(
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

/** Whether the weights speak for the order of fc6's inputs that is assumed. */
export function checkFlatten({ taken, other }: FlattenEvidence, order: 'CHW' | 'HWC'): WeightCheck {
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
