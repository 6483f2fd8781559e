import type { Preprocessing } from '../model/preprocessing.ts';
import type { Graph } from './graph.ts';

/**
 * The text of a network file, which `parseNetwork` reads: one parameter, one node a line.
 *
 * @param preprocessing - left out where none is given
 */
export function formatNetwork(graph: Graph, preprocessing?: Preprocessing): string {
  const { name, input, parameters, nodes, output } = graph;
  const fields = [
    ['name', formatInline(name)],
    ['input', formatInline(input)],
    ...(preprocessing ? [['preprocessing', formatInline(preprocessing)] as const] : []),
    ['parameters', formatList(parameters)],
    ['nodes', formatList(nodes)],
    ['output', formatInline(output)],
  ] as const;
  return `{\n${fields.map(([key, text]) => `  "${key}": ${text}`).join(',\n')}\n}`;
}

function formatList(items: readonly unknown[]): string {
  if (items.length === 0) return '[]';
  return `[\n${items.map((item) => `    ${formatInline(item)}`).join(',\n')}\n  ]`;
}

/** JSON on one line, with spaces as people set them. */
function formatInline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatInline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([name, field]) => `${JSON.stringify(name)}: ${formatInline(field)}`,
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
