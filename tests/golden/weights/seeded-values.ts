import { readFileSync } from 'node:fs';

/** The rule of make_weights_numpy.py: ((37 i + 11 seed) mod 101 − 50) / 64 for element i. */
export function seededValues(count: number, seed: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (seededInteger(index, seed) - 50) / 64);
}

/** The same for other types than floats: whole numbers, from 0 where there is no sign, 0 and 1 for truth. */
export function seededIntegers(
  count: number,
  seed: number,
  kind: 'signed' | 'unsigned' | 'bool',
): readonly number[] {
  return Array.from({ length: count }, (_, index) => {
    const value = seededInteger(index, seed);
    return kind === 'bool' ? value % 2 : kind === 'signed' ? value - 50 : value;
  });
}

function seededInteger(index: number, seed: number): number {
  return (37 * index + 11 * seed) % 101;
}

/** A file of this folder as a source that stands alone. */
export function readSource(path: string): {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sibling: () => Promise<null>;
} {
  const bytes = readFileSync(new URL(path, import.meta.url));
  return { name: path.split('/').at(-1) ?? path, bytes, sibling: async () => null };
}
