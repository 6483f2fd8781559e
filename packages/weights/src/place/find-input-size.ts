import type { PresetId, PresetOptions } from '@alexnet/core';
import type { Placement } from './align-layers.ts';
import { loadedShape } from './file-view.ts';
import type { Layout } from './layout.ts';
import type { NetworkBuilder } from './network-builder.ts';

/** Sides that pictures often have. */
const USUAL_SIZES = [224, 227, 256, 128, 64, 32, 28, 96, 112, 160, 192, 48, 299, 320, 384, 512];
const LARGEST_SIZE = 512;

export interface FindSizeContext {
  readonly placements: readonly Placement[];
  readonly layout: Layout;
  readonly build: NetworkBuilder;
}

/**
 * The size of the input at which the last feature maps have as many pixels as the file's first dense layer reads: one
 * that pictures often have, else the smallest.
 */
export function findInputSize(
  preset: PresetId,
  options: PresetOptions,
  { placements, layout, build }: FindSizeContext,
): number | undefined {
  const first = loadedShape(
    placements.find(({ expected }) => expected.flattened),
    layout,
  );
  const last = loadedShape(
    placements.findLast(({ expected }) => expected.kind === 'conv'),
    layout,
  );
  const pixels = (first?.[1] ?? Number.NaN) / (last?.[0] ?? Number.NaN);
  if (!Number.isSafeInteger(Math.sqrt(pixels))) return undefined;
  const pixelsAt = (inputSize: number): number => {
    const built = build(preset, { ...options, inputSize });
    return built?.layers.find(({ flattened }) => flattened)?.flattened?.pixels ?? 0;
  };
  const usual = USUAL_SIZES.find((inputSize) => pixelsAt(inputSize) === pixels);
  if (usual !== undefined) return usual;
  // Larger pictures never have smaller feature maps.
  let [tooSmall, enough] = [0, LARGEST_SIZE];
  while (enough - tooSmall > 1) {
    const middle = Math.floor((tooSmall + enough) / 2);
    if (pixelsAt(middle) >= pixels) enough = middle;
    else tooSmall = middle;
  }
  return pixelsAt(enough) === pixels ? enough : undefined;
}
