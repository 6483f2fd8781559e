import { isSameShape, type PresetId, type Shape } from '@alexnet/core';
import { moveFullConvolutions, type Placement } from './align-layers.ts';
import { type ExpectedLayer, listExpectedLayers } from './expected-layers.ts';
import type { FileLayer } from './file-layers.ts';
import { type FileView, shapeAs } from './file-view.ts';
import type { FitOptions } from './fit-preset.ts';
import { readOptions } from './read-options.ts';
import { tolerate } from './tolerate.ts';
import { widen } from './widen.ts';

/** A layer of the network beside the layer of the file that stands in its place. */
export interface MisfitRow {
  readonly expected: { readonly name: string; readonly shape: Shape } | null;
  readonly found: { readonly name: string; readonly shape: Shape } | null;
  readonly fits: boolean;
}

/** Why a file is not a preset. */
export interface Misfit {
  readonly preset: PresetId;
  /** Shapes of the weights, as core has them: convolutions, then dense layers, then normalisations. */
  readonly rows: readonly MisfitRow[];
}

/** Puts a file's layers beside a preset's, which they are not. */
export function describeMisfit(preset: PresetId, view: FileView, options: FitOptions): Misfit {
  const { build, isSkipped, classes, inputSize } = options;
  const published = build(preset, {});
  if (!published) return { preset, rows: [] };
  const placements = pairUp(published.layers, view).flatMap(({ expected, found }): Placement[] => {
    if (!expected) return [];
    const skips = isSkipped(expected.name) || (found !== null && isSkipped(found.name));
    return [{ expected, found, isSkipped: skips }];
  });
  const read = readOptions(preset, placements, { layout: view.layout, classes }) ?? {};
  const size = inputSize === undefined ? {} : { inputSize };
  const { network, layers } = build(preset, { ...read, ...size }) ?? published;
  const asPublished = toRows(layers, view, options);
  // Widths of its own are no excuse for another number of convolutions.
  const { conv } = moveFullConvolutions(layers, view.layers);
  const isAlike = conv.length === layers.filter(({ kind }) => kind === 'conv').length;
  const graph = isAlike ? widen(network.graph, placements, view.layout) : undefined;
  const wide = graph && tolerate(() => listExpectedLayers(graph));
  const asWide = wide ? toRows(wide, view, options) : [];
  const isCloser = countFitting(asWide) > countFitting(asPublished);
  return { preset, rows: isCloser && asWide.some(({ fits }) => !fits) ? asWide : asPublished };
}

interface Pair {
  readonly expected: ExpectedLayer | null;
  readonly found: FileLayer | null;
}

/** Side by side, each kind from its first layer on. */
function pairUp(expected: readonly ExpectedLayer[], { layers }: FileView): readonly Pair[] {
  const moved = moveFullConvolutions(expected, layers);
  return (['conv', 'dense', 'norm'] as const).flatMap((kind) => {
    const wanted = expected.filter((layer) => layer.kind === kind);
    const length = Math.max(wanted.length, moved[kind].length);
    return Array.from({ length }, (_, index) => {
      return { expected: wanted[index] ?? null, found: moved[kind][index] ?? null };
    });
  });
}

function toRows(
  expected: readonly ExpectedLayer[],
  view: FileView,
  { isSkipped }: FitOptions,
): readonly MisfitRow[] {
  return pairUp(expected, view).map(({ expected: wanted, found }) => {
    const [weight] = wanted?.parameters.values() ?? [];
    const kind = wanted?.kind ?? found?.kind ?? 'conv';
    const shape = found && shapeAs(kind, found, view.layout);
    const skips = [wanted, found].some((layer) => layer !== null && isSkipped(layer.name));
    return {
      expected: wanted && weight ? { name: wanted.name, shape: weight.shape } : null,
      found: found && shape ? { name: found.name, shape } : null,
      fits: skips || (weight !== undefined && shape !== null && isSameShape(shape, weight.shape)),
    };
  });
}

function countFitting(rows: readonly MisfitRow[]): number {
  return rows.filter(({ fits }) => fits).length;
}
