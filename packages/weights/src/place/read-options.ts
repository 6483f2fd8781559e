import { type PresetId, type PresetOptions, presets } from '@alexnet/core';
import type { Placement } from './align-layers.ts';
import { loadedShape, shapeAs } from './file-view.ts';
import type { Layout } from './layout.ts';

export interface ReadOptionsContext {
  readonly layout: Layout;
  /** Of a head that the caller leaves out; the file's own otherwise. */
  readonly classes?: number | undefined;
}

/** Classes, channels and groups as the file's shapes tell them; undefined if no network has them. */
export function readOptions(
  preset: PresetId,
  placements: readonly Placement[],
  { layout, classes }: ReadOptionsContext,
): PresetOptions | undefined {
  const convolutions = placements.filter(({ expected }) => expected.kind === 'conv');
  const [first, second] = convolutions.map((placement) => loadedShape(placement, layout));
  const [made, channels] = first ?? [];
  const taken = second?.[1];
  const isFixed = presets[preset].fixed?.groups !== undefined;
  const groups = isFixed || !made || !taken ? undefined : made / taken;
  if (groups !== undefined && groups !== 1 && groups !== 2) return undefined;
  const head = placements.findLast(({ expected }) => expected.kind === 'dense');
  const own = head?.found ? shapeAs('dense', head.found, layout)[0] : undefined;
  const wanted = head?.isSkipped ? (classes ?? own) : own;
  return {
    ...(channels === undefined ? {} : { channels }),
    ...(groups === undefined ? {} : { groups }),
    ...(wanted === undefined ? {} : { classes: wanted }),
  };
}
