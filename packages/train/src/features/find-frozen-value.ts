import { type Graph, isAlexNetError } from '@alexnet/core';
import { cutAt, cutFrom } from '@alexnet/core/transforms';

/**
 * The last value of a network that no step changes: nothing before it learns, and nothing is dropped by chance.
 * All that is behind it reads it alone.
 *
 * @param frozen - names of the parameters that do not learn
 * @returns its name; `null` where the first layer learns already
 */
export function findFrozenValue(graph: Graph, frozen: ReadonlySet<string>): string | null {
  const candidates = graph.nodes
    .map(({ output }) => output)
    .filter((name) => name !== graph.output);
  return (
    candidates.findLast((value) => isFixed(graph, value, frozen) && isOnlyWay(graph, value)) ?? null
  );
}

function isFixed(graph: Graph, value: string, frozen: ReadonlySet<string>): boolean {
  const { nodes, parameters } = cutAt({ graph, weights: new Map() }, value).graph;
  const drops = nodes.some((node) => node.op === 'Dropout' && node.attributes.ratio > 0);
  return !drops && parameters.length > 0 && parameters.every(({ name }) => frozen.has(name));
}

function isOnlyWay(graph: Graph, value: string): boolean {
  try {
    cutFrom({ graph, weights: new Map() }, value);
    return true;
  } catch (error) {
    // Another layer reads past it: no place to cut, and no fault.
    if (isAlexNetError(error) && error.code === 'INVALID_ARGUMENT') return false;
    throw error;
  }
}
