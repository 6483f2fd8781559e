import type { Model, PresetId } from '@alexnet/core';
import { exportOnnx } from '@alexnet/export';
import type { DeviceChoice } from '@alexnet/runtime-node';
import { openSession } from '@alexnet/runtime-node';
import {
  type ImportReport,
  type ImportWeightsOptions,
  importWeights,
  isSameRange,
  type PixelRange,
  type WeightFile,
} from '@alexnet/weights';
import type { TrialPictures } from './doctor-pictures.ts';
import { measureTrial, type TrialFigures } from './measure-trial.ts';
import { listConventions } from './trial-conventions.ts';

/** One set of conventions and how it fits the pictures. */
export interface Trial extends TrialFigures {
  readonly preset: string | null;
  readonly channelOrder: 'RGB' | 'BGR' | 'grey';
  /** `null` for what the file says where that has no name. */
  readonly pixels: PixelRange | null;
  /** `null` where the file leaves no choice. */
  readonly fc6Order: 'CHW' | 'HWC' | null;
  /** Per element; `null` without LRN. */
  readonly lrnAlpha: number | null;
  /** Whether it is what importing assumes. */
  readonly isAssumed: boolean;
}

export interface TrialContext {
  readonly file: WeightFile;
  readonly options: ImportWeightsOptions;
  /** As it is imported with these options. */
  readonly imported: { readonly model: Model; readonly report: ImportReport };
  readonly pictures: TrialPictures;
  readonly device: DeviceChoice;
  onProgress(done: number, total: number): void;
}

/** How a network can be put together of the same arrays. */
interface Variant {
  readonly options: ImportWeightsOptions;
  readonly preset: PresetId | null;
  readonly fc6Order: 'CHW' | 'HWC' | null;
  readonly lrnAlpha: number | null;
}

/**
 * Tries the conventions that a weight file leaves open on pictures: the order of the inputs of fc6, alpha of LRN, and
 * for each of these the order of the channels and the range of the pixels. Then, with what fitted best, the other
 * networks that have the same shapes.
 *
 * @returns the best first
 */
export async function tryConventions(context: TrialContext): Promise<readonly Trial[]> {
  const { imported, options } = context;
  const first = listVariants(imported, options);
  const { alternatives } = imported.report;
  const total = first.length + alternatives.length;
  const trials: Trial[] = [];
  for (const [index, variant] of first.entries()) {
    trials.push(...(await tryVariant(variant, context)));
    context.onProgress(index + 1, total);
  }
  const best = [...trials].sort(compareTrials)[0];
  for (const [index, preset] of alternatives.entries()) {
    const { fc6Order } = best ?? { fc6Order: null };
    const { lrnAlpha: _alpha, ...others } = options;
    const variant: Variant = {
      options: { ...others, preset, ...(fc6Order ? { fc6Order } : {}) },
      preset,
      fc6Order,
      lrnAlpha: null,
    };
    trials.push(...(await tryVariant(variant, context, best)));
    context.onProgress(first.length + index + 1, total);
  }
  return trials.sort(compareTrials);
}

/** What is known to be right counts most; then what seems to see best. */
function compareTrials(a: Trial, b: Trial): number {
  const accuracy = (b.accuracy ?? 0) - (a.accuracy ?? 0);
  return accuracy !== 0 ? accuracy : b.score - a.score;
}

function listVariants(
  { model, report }: TrialContext['imported'],
  options: ImportWeightsOptions,
): readonly Variant[] {
  const orders = report.fc6Order === null ? [null] : (['CHW', 'HWC'] as const);
  const alphas = listAlphas(model);
  return orders.flatMap((fc6Order) => {
    return alphas.map((lrnAlpha): Variant => {
      return {
        options: {
          ...options,
          ...(fc6Order ? { fc6Order } : {}),
          ...(lrnAlpha === null ? {} : { lrnAlpha }),
        },
        preset: null,
        fc6Order,
        lrnAlpha,
      };
    });
  });
}

/** Alpha, and what it is if it was meant for the whole window, or for each element. */
function listAlphas({ graph }: Model): readonly (number | null)[] {
  const node = graph.nodes.find(({ op }) => op === 'LRN');
  if (node?.op !== 'LRN') return [null];
  const { alpha, size } = node.attributes;
  return [alpha, ...[alpha * size, alpha / size].filter((each) => each > 5e-6 && each < 1e-3)];
}

async function tryVariant(
  { options, preset, fc6Order, lrnAlpha }: Variant,
  { file, imported, pictures, device }: TrialContext,
  only?: Trial,
): Promise<readonly Trial[]> {
  const { model } = importWeights(file, options);
  const session = await openSession(exportOnnx(model), { name: 'the network', device });
  const assumed = imported.model.metadata.preprocessing;
  const graph = imported.model.graph;
  const trials: Trial[] = [];
  try {
    for (const { preprocessing, channelOrder, pixels } of listConventions(
      only ? model.metadata.preprocessing : assumed,
    )) {
      if (only && (only.channelOrder !== channelOrder || only.pixels !== pixels)) continue;
      const figures = await measureTrial(session, preprocessing, pictures);
      const own = alphaOf(model);
      trials.push({
        ...figures,
        preset: preset ?? imported.report.preset,
        channelOrder,
        pixels,
        fc6Order,
        lrnAlpha: lrnAlpha ?? own,
        isAssumed:
          preset === null &&
          isSameRange(preprocessing, assumed) &&
          (fc6Order === null || fc6Order === imported.report.fc6Order) &&
          (lrnAlpha === null || lrnAlpha === alphaOf({ graph })),
      });
    }
  } finally {
    await session.dispose();
  }
  return trials;
}

function alphaOf({ graph }: Pick<Model, 'graph'>): number | null {
  const node = graph.nodes.find(({ op }) => op === 'LRN');
  return node?.op === 'LRN' ? node.attributes.alpha : null;
}
