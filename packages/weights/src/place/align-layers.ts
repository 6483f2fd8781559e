import type { ExpectedLayer } from './expected-layers.ts';
import type { FileLayer, LayerKind } from './file-layers.ts';
import type { OrderedLayers } from './order-layers.ts';

/** A layer of the network, and the layer of the file that stands in its place. */
export interface Placement {
  readonly expected: ExpectedLayer;
  /** `null` where the file has none. */
  readonly found: FileLayer | null;
  /** Whether the caller leaves it out: the network's layer starts anew. */
  readonly isSkipped: boolean;
}

export interface Alignment {
  readonly placements: readonly Placement[];
  /** Layers of the file that the network has no place for and that the caller leaves out. */
  readonly dropped: readonly FileLayer[];
}

/** Whether a layer, by its name in the network or in the file, is left out. */
export type SkipTest = (name: string) => boolean;

/**
 * Puts a file's layers beside a network's, each kind in its order.
 *
 * @returns undefined if there are more or fewer than the network has and the caller leaves out
 */
export function alignLayers(
  expected: readonly ExpectedLayer[],
  layers: OrderedLayers,
  isSkipped: SkipTest,
): Alignment | undefined {
  const found = moveFullConvolutions(expected, layers);
  const placements = new Map<ExpectedLayer, Placement>();
  const dropped: FileLayer[] = [];
  for (const kind of ['conv', 'dense', 'norm'] as const) {
    const wanted = ofKind(expected, kind);
    const aligned = alignKind(wanted, found[kind], isSkipped);
    if (!aligned) return undefined;
    for (const placement of aligned.placements) placements.set(placement.expected, placement);
    dropped.push(...aligned.dropped);
  }
  const ordered = expected.flatMap((layer) => placements.get(layer) ?? []);
  return { placements: ordered, dropped };
}

function ofKind(expected: readonly ExpectedLayer[], kind: LayerKind): readonly ExpectedLayer[] {
  return expected.filter((layer) => layer.kind === kind);
}

/** Dense layers may be written as convolutions over all that the feature maps have: TF-slim's, "fc6-conv". */
export function moveFullConvolutions(
  expected: readonly ExpectedLayer[],
  { conv, dense, norm }: OrderedLayers,
): OrderedLayers {
  const wanted = ofKind(expected, 'conv').length;
  const lacking = ofKind(expected, 'dense').length - dense.length;
  const surplus = conv.length - wanted;
  if (surplus <= 0 || surplus > lacking) return { conv, dense, norm };
  return { conv: conv.slice(0, wanted), dense: [...conv.slice(wanted), ...dense], norm };
}

function alignKind(
  expected: readonly ExpectedLayer[],
  found: readonly FileLayer[],
  isSkipped: SkipTest,
): Alignment | undefined {
  const kept = found.filter(({ name }) => !isSkipped(name));
  const wanted = expected.filter(({ name }) => !isSkipped(name));
  const pair = (layers: readonly FileLayer[]) =>
    expected.map((layer, index): Placement => {
      const other = layers[index] ?? null;
      const skips = isSkipped(layer.name) || (other !== null && isSkipped(other.name));
      return { expected: layer, found: other, isSkipped: skips };
    });
  if (found.length === expected.length) return { placements: pair(found), dropped: [] };
  const dropped = found.filter(({ name }) => isSkipped(name));
  if (kept.length === expected.length) return { placements: pair(kept), dropped };
  if (kept.length !== wanted.length) return undefined;
  const placements = expected.map((layer): Placement => {
    const index = wanted.indexOf(layer);
    return { expected: layer, found: kept[index] ?? null, isSkipped: index < 0 };
  });
  return { placements, dropped };
}
