import type { Graph, Model, Preprocessing } from '@alexnet/core';
import { findDeadFilters } from './dead-filters.ts';
import { type ColourOrder, guessColourOrder, measureFirstFilters } from './first-filters.ts';
import type { WeightCheck } from './weight-check.ts';

/** Whether filters do nothing. */
export function checkDeadFilters({ graph, weights }: Model): WeightCheck {
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

/** The first convolution's, where it sees the picture. */
export interface FirstFilters {
  readonly layer: string;
  readonly kernel: number;
  readonly smoothness: number;
  readonly colourOrder: ColourOrder;
}

export function examineFirstFilters({ graph, weights }: Model): FirstFilters | undefined {
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

/** Whether filters are smooth, as training makes them. */
export function checkTraining({ layer, kernel, smoothness }: FirstFilters): WeightCheck {
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

/** Whether the filters speak for the order of colours that is assumed. */
export function checkColours(
  { colourOrder }: FirstFilters,
  { channels }: Preprocessing,
): WeightCheck {
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
