import { invariant, PRESET_IDS, type PresetId } from '@alexnet/core';
import type { LayoutConvention } from '../weight-file.ts';
import type { FileLayer } from './file-layers.ts';
import { type FileView, shapeAs } from './file-view.ts';
import { distanceOf, type Fit, type FitOptions, fitPreset } from './fit-preset.ts';
import { layoutsToTry } from './layout.ts';
import { describeMisfit, type Misfit } from './misfit.ts';
import { createNetworkBuilder } from './network-builder.ts';
import { orderLayers } from './order-layers.ts';

/**
 * Presets whose arrays have the same shapes, whatever their options: those first that files usually hold. What is in
 * no family has shapes of its own.
 */
export const FAMILIES: readonly (readonly PresetId[])[] = [
  ['torchvision', 'one-weird-trick'],
  ['caffe-alexnet', 'caffenet', 'paper', 'paper-code', 'guerzhoy', 'onnx-zoo'],
  ['cifar-relu', 'cifar-tanh'],
];

export interface FitSearch {
  /** The best one. */
  readonly fit: Fit;
  /** Other presets whose shapes are the same. */
  readonly alternatives: readonly PresetId[];
}

export interface FindFitOptions extends Omit<FitOptions, 'build' | 'allowsOwnWidths'> {
  /** The only one to try. */
  readonly preset?: PresetId | undefined;
  /** To try before others: what the file's name says. */
  readonly hint?: PresetId | undefined;
}

/** Finds the preset that a file's layers are of, and how they lie; else the one that comes nearest. */
export function findFit(
  layers: readonly FileLayer[],
  convention: LayoutConvention,
  options: FindFitOptions,
): FitSearch | Misfit {
  const { preset: chosen, hint } = options;
  const build = createNetworkBuilder();
  const views = layoutsToTry(convention).map((layout): FileView => {
    return { layout, layers: orderLayers(layers, layout) };
  });
  const order = listCandidates(hint);
  const candidates = chosen ? [chosen] : order;
  const search = (presets: readonly PresetId[], allowsOwnWidths: boolean) => {
    for (const view of views) {
      const found = choose(presets, view, { ...options, build, allowsOwnWidths });
      if (found) return found;
    }
    return undefined;
  };
  const found = search(candidates, false);
  if (found) return found;
  // Who names a preset may have one of other widths, but not one that is another preset.
  const isOther = chosen !== undefined && search(order, false) !== undefined;
  const own = isOther ? undefined : search(candidates, true);
  if (own) return own;
  const [view] = views.toSorted((a, b) => countPlausible(b) - countPlausible(a));
  const [first, ...rest] = candidates.flatMap((preset) => {
    const context = { ...options, build, allowsOwnWidths: true };
    return view ? [describeMisfit(preset, view, context)] : [];
  });
  invariant(first, 'there is no preset to compare with');
  return rest.reduce((best, each) => (countEnds(each) > countEnds(best) ? each : best), first);
}

/** One of each family: the usual one, or what is hinted at. */
function listCandidates(hint: PresetId | undefined): readonly PresetId[] {
  const usual = FAMILIES.flatMap((family) => {
    const [first] = hint && family.includes(hint) ? [hint] : family;
    return first ? [first] : [];
  });
  const others = PRESET_IDS.filter((preset) => !FAMILIES.some((family) => family.includes(preset)));
  return [...usual, ...others];
}

/** The nearest of the presets that fit. */
function choose(
  presets: readonly PresetId[],
  view: FileView,
  options: FitOptions,
): FitSearch | undefined {
  let nearest: Fit | undefined;
  for (const preset of presets) {
    const fit = fitPreset(preset, view, options);
    if (fit && (!nearest || distanceOf(fit) < distanceOf(nearest))) nearest = fit;
    if (nearest && distanceOf(nearest) === 0) break;
  }
  return nearest && { fit: nearest, alternatives: listAlternatives(nearest) };
}

/** `mini` is a narrow `caffe-alexnet`. At other sizes rounding tells the others apart. */
function listAlternatives({ preset, differences }: Fit): readonly PresetId[] {
  if (differences.has('size')) return [];
  const like = preset === 'mini' ? 'caffe-alexnet' : preset;
  const family = FAMILIES.find((each) => each.includes(like)) ?? [];
  return family.filter((other) => other !== preset && other !== like);
}

/** Square kernels, and dense layers that take what the one before them makes: a sign of the right layout. */
function countPlausible({ layout, layers: { conv, dense: all } }: FileView): number {
  const square = conv.filter((layer) => {
    const [, , height, width] = shapeAs('conv', layer, layout);
    return height === width;
  });
  // Convolutions of 1×1 are dense layers by their shape, and not one behind the other.
  const dense = all.filter(({ arrays }) => arrays.get('weight')?.tensor.shape.length === 2);
  const chained = dense.filter((layer, index) => {
    const before = dense[index - 1];
    return before && shapeAs('dense', before, layout)[0] === shapeAs('dense', layer, layout)[1];
  });
  return square.length + chained.length;
}

/** Layers that fit at either end: in the middle, chance has a say. */
function countEnds({ rows }: Misfit): number {
  const first = rows.findIndex(({ fits }) => !fits);
  const last = rows.findLastIndex(({ fits }) => !fits);
  return first < 0 ? rows.length : first + rows.length - 1 - last;
}
