import type { ProfileRow } from '@alexnet/train/node';

/** Operators of a row that are named; the rest is little. */
const NAMED_OPERATORS = 3;

/** A table of where a step's time goes, and the sums by kind. */
export function describeProfile(rows: readonly ProfileRow[]): readonly string[] {
  const total = rows.reduce((sum, { ms }) => sum + ms, 0);
  const width = Math.max(5, ...rows.map(({ layer }) => layer.length));
  const line = (layer: string, kind: string, ms: number) =>
    `${layer.padEnd(width)}  ${kind.padEnd(15)}  ${ms.toFixed(1).padStart(8)} ms  ${((100 * ms) / total).toFixed(1).padStart(5)} %`;
  const kinds = new Map<string, number>();
  for (const { kind, ms } of rows) kinds.set(kind, (kinds.get(kind) ?? 0) + ms);
  return [
    ...rows.map(
      ({ layer, kind, ms, operators }) => `${line(layer, kind, ms)}  ${nameOperators(operators)}`,
    ),
    '',
    ...[...kinds].sort(([, a], [, b]) => b - a).map(([kind, ms]) => line('all', kind, ms)),
    line('all', '', total),
  ];
}

function nameOperators(operators: ProfileRow['operators']): string {
  return Object.entries(operators)
    .slice(0, NAMED_OPERATORS)
    .map(([operator, ms]) => `${operator} ${ms.toFixed(1)}`)
    .join(', ');
}
