import { regroup, withGroups } from './regroup.ts';
import { requireOwnParameters } from './rewire.ts';
import { selectConvolutions } from './select-convolutions.ts';
import { type WeightedGraph, weightOf } from './weighted-graph.ts';

/**
 * Grouped convolutions as ungrouped ones: every channel sees every other, and those that did not before do it
 * with zero weights. Exact; a training can then fill the zeros.
 *
 * @param patterns - names of convolutions: `conv2`, `conv*`; all unless given
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a name that no convolution has; `UNSUPPORTED` for
 *   parameters that another layer shares
 */
export function mergeGroups<M extends WeightedGraph>(
  model: M,
  patterns: readonly string[] = ['*'],
): M {
  const grouped = selectConvolutions(model.graph, patterns).filter(
    ({ attributes }) => attributes.group > 1,
  );
  return grouped.reduce((merged, node) => {
    requireOwnParameters(merged.graph, node);
    const { weight } = regroup(weightOf(merged, node.inputs[1]), node.attributes.group, 1);
    return withGroups(merged, node, { group: 1, weight });
  }, model);
}
