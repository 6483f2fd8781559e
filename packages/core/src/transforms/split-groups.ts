import { AlexNetError } from '../errors.ts';
import type { NodeOf } from '../graph/graph.ts';
import { type Regrouped, regroup, withGroups } from './regroup.ts';
import { requireOwnParameters } from './rewire.ts';
import { selectConvolutions } from './select-convolutions.ts';
import { type WeightedGraph, weightOf } from './weighted-graph.ts';

export interface SplitGroupsOptions {
  /** Groups to split into; 2 unless given, as on the two GPUs of 2012. */
  readonly groups?: number;
  /** Drops weights between the groups where they are not zero, which changes the outputs. */
  readonly force?: boolean;
}

export interface GroupSplitting<M extends WeightedGraph> {
  readonly model: M;
  /** Layers that were split, and what that cost them: nothing, unless it was forced. */
  readonly split: readonly {
    readonly layer: string;
    /** Share of the weight's energy (its sum of squares) that was dropped, 0 to 1. */
    readonly droppedEnergy: number;
  }[];
}

/**
 * Ungrouped convolutions as grouped ones. Exact where the weights between the groups are zero, as
 * {@link mergeGroups} leaves them.
 *
 * @param patterns - names of convolutions: the paper's are `conv2`, `conv4`, `conv5`
 * @throws {@link AlexNetError} `UNSUPPORTED` if weights between the groups are not zero, with how much they
 *   are; `INVALID_ARGUMENT` for a name that no convolution has, or channels that do not divide
 */
export function splitGroups<M extends WeightedGraph>(
  model: M,
  patterns: readonly string[],
  { groups = 2, force = false }: SplitGroupsOptions = {},
): GroupSplitting<M> {
  const split: { layer: string; droppedEnergy: number }[] = [];
  let current = model;
  for (const node of selectConvolutions(model.graph, patterns)) {
    const { group } = node.attributes;
    if (group === groups) continue;
    requireOwnParameters(model.graph, node);
    const weight = weightOf(model, node.inputs[1]);
    checkDivision(node, [weight.shape[0] ?? 0, (weight.shape[1] ?? 0) * group], groups);
    const regrouped = regroup(weight, group, groups);
    if (regrouped.droppedCount > 0 && !force) throw linksInTheWay(node.name, groups, regrouped);
    split.push({ layer: node.name, droppedEnergy: regrouped.droppedEnergy });
    current = withGroups(current, node, { group: groups, weight: regrouped.weight });
  }
  return { model: current, split };
}

function checkDivision(
  { name }: NodeOf<'Conv'>,
  [out, channels]: readonly [number, number],
  groups: number,
): void {
  const isCount = Number.isSafeInteger(groups) && groups >= 1;
  if (isCount && out % groups === 0 && channels % groups === 0) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: isCount
      ? `${name} has ${channels} input and ${out} output channels, which do not divide into ${groups} groups.`
      : `${name} cannot have ${groups} groups.`,
    hint: 'Both numbers of channels have to be multiples of the number of groups.',
    path: [name],
  });
}

function linksInTheWay(
  layer: string,
  groups: number,
  { droppedCount, droppedLargest, droppedEnergy }: Regrouped,
): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `${layer} does not fall into ${groups} groups: ${droppedCount} of its weights link different groups and are not zero. The largest is ${droppedLargest.toPrecision(3)}; together they have ${(droppedEnergy * 100).toPrecision(3)} % of its energy (sum of squares).`,
    hint: '{ force: true } drops them: the outputs change, and it takes some training to make up for it.',
    path: [layer],
  });
}
