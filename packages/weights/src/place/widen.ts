import type { Graph } from '@alexnet/core';
import type { Placement } from './align-layers.ts';
import { withOutputs } from './expected-layers.ts';
import { loadedShape } from './file-view.ts';
import type { Layout } from './layout.ts';
import { tolerate } from './tolerate.ts';

/** How many times as wide a file's network is: by the preset's widest hidden layer that the file has. */
export function findWidthFactor(placements: readonly Placement[], layout: Layout): number {
  let widest = 0;
  let factor = 1;
  for (const placement of hiddenLayers(placements)) {
    const width = widthOf(placement);
    const [made] = loadedShape(placement, layout) ?? [];
    if (made === undefined || width <= widest) continue;
    widest = width;
    factor = made / width;
  }
  return factor;
}

/**
 * The network with the file's numbers of outputs; layers that are left out are as much wider as the widest one.
 *
 * @returns undefined if they do not fit together
 */
export function widen(
  graph: Graph,
  placements: readonly Placement[],
  layout: Layout,
): Graph | undefined {
  const factor = findWidthFactor(placements, layout);
  const outputs = hiddenLayers(placements).map((placement) => {
    const [made] = loadedShape(placement, layout) ?? [];
    const scaled = Math.max(1, Math.round(widthOf(placement) * factor));
    return [placement.expected.name, made ?? scaled] as const;
  });
  return tolerate(() => withOutputs(graph, new Map(outputs)));
}

/** All but the head, whose width is the number of classes. */
function hiddenLayers(placements: readonly Placement[]): readonly Placement[] {
  return placements.filter(({ expected }) => expected.kind !== 'norm').slice(0, -1);
}

function widthOf({ expected }: Placement): number {
  return expected.parameters.get('weight')?.shape[0] ?? 0;
}
