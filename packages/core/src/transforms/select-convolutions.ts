import { AlexNetError } from '../errors.ts';
import type { Graph, NodeOf } from '../graph/graph.ts';
import { createNameTest } from './name-pattern.ts';

/**
 * Convolutions by pattern, in the graph's order.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a pattern that names no convolution, listing them
 */
export function selectConvolutions(
  graph: Graph,
  patterns: readonly string[],
): readonly NodeOf<'Conv'>[] {
  const convolutions = graph.nodes.filter((node) => node.op === 'Conv');
  const selected = new Set<NodeOf<'Conv'>>();
  for (const pattern of patterns) {
    const isNamed = createNameTest(pattern);
    const found = convolutions.filter(({ name }) => isNamed(name));
    if (found.length === 0) {
      throw new AlexNetError('INVALID_ARGUMENT', {
        message: `No convolution is called "${pattern}".`,
        hint: `Convolutions: ${convolutions.map(({ name }) => name).join(', ') || 'none'}.`,
        path: [pattern],
      });
    }
    for (const node of found) selected.add(node);
  }
  return convolutions.filter((node) => selected.has(node));
}
