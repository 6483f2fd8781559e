import type { GraphComparison, WeightComparison } from '@alexnet/core';
import { formatTable } from '../terminal/format.ts';

/** Two networks side by side, and where they differ. */
export interface Comparison extends GraphComparison {
  readonly a: ComparedNetwork;
  readonly b: ComparedNetwork;
  /** `null` unless both have weights. */
  readonly weights: readonly WeightComparison[] | null;
}

export interface ComparedNetwork {
  /** As the user named it. */
  readonly source: string;
  readonly name: string;
  readonly preset: string | null;
}

/** Longest value in a table; the JSON has it whole. */
const LONGEST_VALUE = 32;

/** A comparison in lines for people. */
export function describeComparison(comparison: Comparison): readonly string[] {
  const { a, b, isSame, input, onlyInA, onlyInB, changed, weights } = comparison;
  const [titleA, titleB] = titlesOf(a, b);
  const rows = [
    ...(input ? [['input', 'shape', formatValue(input.a), formatValue(input.b)]] : []),
    ...changed.flatMap(({ name, differences }) =>
      differences.map((difference, index) => [
        index === 0 ? name : '',
        difference.field,
        formatValue(difference.a),
        formatValue(difference.b),
      ]),
    ),
  ];
  return [
    isSame ? `${titleA} and ${titleB} have the same layers.` : `${titleA} and ${titleB} differ.`,
    ...(onlyInA.length > 0 ? [`only in ${titleA}: ${onlyInA.join(', ')}`] : []),
    ...(onlyInB.length > 0 ? [`only in ${titleB}: ${onlyInB.join(', ')}`] : []),
    ...(rows.length > 0 ? formatTable(['layer', 'what', titleA, titleB], rows) : []),
    ...describeWeights(weights),
  ];
}

function describeWeights(weights: Comparison['weights']): readonly string[] {
  if (!weights || weights.length === 0) return [];
  if (weights.every(({ maxAbsoluteDifference }) => maxAbsoluteDifference === 0)) {
    return [`All ${weights.length} arrays of weights are the same.`];
  }
  const rows = weights.map(({ name, maxAbsoluteDifference: difference }) => [
    name,
    difference === null ? 'cannot be compared' : difference === 0 ? '0' : difference.toPrecision(3),
  ]);
  return formatTable(['weights', 'largest difference'], rows);
}

/** The networks' names, if they tell them apart. */
function titlesOf(a: ComparedNetwork, b: ComparedNetwork): readonly [string, string] {
  if (a.name !== b.name) return [a.name, b.name];
  return a.source !== b.source ? [a.source, b.source] : ['the first', 'the second'];
}

function formatValue(value: unknown): string {
  if (value === undefined) return '–';
  const text = Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}
