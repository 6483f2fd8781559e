import type { FileLayer } from './file-layers.ts';
import { convShape, type Layout, linearShape } from './layout.ts';
import { compareNames } from './parameter-name.ts';

/** A file's layers in the order in which they run, as far as that can be told; one list for each kind. */
export interface OrderedLayers {
  readonly conv: readonly FileLayer[];
  readonly dense: readonly FileLayer[];
  readonly norm: readonly FileLayer[];
}

/** Longer chains are not searched: what is no chain by its names either is no AlexNet. */
const LONGEST_SEARCH = 8;

/**
 * Orders layers by their numbers; where one then does not take what the one before it makes, as the file has them;
 * where that fails too, as their shapes fit together.
 */
export function orderLayers(layers: readonly FileLayer[], layout: Layout): OrderedLayers {
  const ofKind = (kind: FileLayer['kind']) => layers.filter((layer) => layer.kind === kind);
  const conv = order(ofKind('conv'), (a, b) => {
    const [, taken = 0] = convShape(shapeOf(b), layout);
    const [made = 0] = convShape(shapeOf(a), layout);
    return made === taken || made === 2 * taken;
  });
  const dense = order(ofKind('dense'), (a, b) => {
    return linearShape(shapeOf(a), layout)[0] === linearShape(shapeOf(b), layout)[1];
  });
  return { conv, dense, norm: [...ofKind('norm')].sort(byName) };
}

function shapeOf({ arrays }: FileLayer): readonly number[] {
  return arrays.get('weight')?.tensor.shape ?? [];
}

function byName(a: FileLayer, b: FileLayer): number {
  return compareNames(a.name, b.name);
}

type Follows = (a: FileLayer, b: FileLayer) => boolean;

function order(layers: readonly FileLayer[], follows: Follows): readonly FileLayer[] {
  const named = [...layers].sort(byName);
  if (isChain(named, follows)) return named;
  if (isChain(layers, follows)) return layers;
  return (layers.length <= LONGEST_SEARCH && findChain([], named, follows)) || named;
}

function isChain(layers: readonly FileLayer[], follows: Follows): boolean {
  return layers.every((layer, index) => {
    const before = layers[index - 1];
    return before === undefined || follows(before, layer);
  });
}

/** The first order in which each layer takes what the one before it makes. */
function findChain(
  chain: readonly FileLayer[],
  rest: readonly FileLayer[],
  follows: Follows,
): readonly FileLayer[] | undefined {
  if (rest.length === 0) return chain;
  const last = chain.at(-1);
  for (const next of rest) {
    if (last && !follows(last, next)) continue;
    const found = findChain(
      [...chain, next],
      rest.filter((layer) => layer !== next),
      follows,
    );
    if (found) return found;
  }
  return undefined;
}
