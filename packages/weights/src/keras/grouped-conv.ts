import type { KerasLayer } from './keras-network.ts';

/**
 * The convolution of several groups that a Concatenate ends: for each group a Cropping2D that cuts its channels out of
 * the same maps, and a Conv2D. TensorFlow.js's Conv2D has no groups; this is how `writeTfjsLayers` writes them.
 *
 * A Cropping2D that takes the channels for first cuts the last two axes, which are columns and channels.
 *
 * @returns undefined for a Concatenate of anything else
 */
export function findGroupedConv(
  { name, className, inputs, attributes: { axis = -1 } }: KerasLayer,
  layers: ReadonlyMap<string, KerasLayer>,
): KerasLayer | undefined {
  const [read = [], ...others] = inputs ?? [];
  if (className !== 'Concatenate' || others.length > 0 || read.length < 2) return undefined;
  if (axis !== -1 && axis !== 3) return undefined;
  const branches = read.flatMap((tower) => findBranch(tower, layers) ?? []);
  const [first] = branches;
  if (!first || branches.length < read.length) return undefined;
  const width = branches[1]?.from ?? 0;
  const isSplit = branches.every(({ from, left, input, conv }, index) => {
    const isPart = from === index * width && left === (read.length - 1 - index) * width;
    return isPart && input === first.input && isAlike(conv, first.conv);
  });
  const { filters, groups = 1 } = first.conv.attributes;
  if (!isSplit || width < 1 || filters === undefined || groups !== 1) return undefined;
  return {
    name,
    className: 'Conv2D',
    inputs: [[first.input]],
    attributes: {
      ...first.conv.attributes,
      filters: filters * read.length,
      groups: read.length,
    },
    towers: read,
  };
}

/** Attributes are read in one order. */
function isAlike(a: KerasLayer, b: KerasLayer): boolean {
  return JSON.stringify(a.attributes) === JSON.stringify(b.attributes);
}

interface Branch {
  readonly conv: KerasLayer;
  /** Of the maps that the branch reads some channels of. */
  readonly input: string;
  /** Channels before those that are read, and behind them. */
  readonly from: number;
  readonly left: number;
}

function findBranch(tower: string, layers: ReadonlyMap<string, KerasLayer>): Branch | undefined {
  const conv = layers.get(tower);
  const crop = layers.get(findOnlyInput(conv) ?? '');
  const input = findOnlyInput(crop);
  if (conv?.className !== 'Conv2D' || crop?.className !== 'Cropping2D') return undefined;
  const { border, dataFormat } = crop.attributes;
  if (input === undefined || !border || dataFormat !== 'channels_first') return undefined;
  if (conv.attributes.dataFormat === 'channels_first') return undefined;
  const [[before, behind], [from, left]] = border;
  return before === 0 && behind === 0 ? { conv, input, from, left } : undefined;
}

function findOnlyInput(layer: KerasLayer | undefined): string | undefined {
  const [use, ...others] = layer?.inputs ?? [];
  const [input, ...more] = use ?? [];
  return others.length === 0 && more.length === 0 ? input : undefined;
}
