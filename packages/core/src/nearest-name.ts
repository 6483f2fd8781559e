/** Below this, two names have too little in common to take one for the other. */
const LEAST_SIMILARITY = 0.5;

/**
 * The known name that was most probably meant: `Relu` for "ReLU", `AveragePool` for "AvgPool".
 *
 * @returns `null` if none is near
 */
export function nearestName(name: string, known: readonly string[]): string | null {
  let best: { readonly name: string; readonly similarity: number } | null = null;
  for (const candidate of known) {
    const similarity = compareNames(fold(name), fold(candidate));
    if (similarity > (best?.similarity ?? LEAST_SIMILARITY)) best = { name: candidate, similarity };
  }
  return best?.name ?? null;
}

/** ` Did you mean "Relu"?`, or nothing if no known name is near: for the end of a message. */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === null ? '' : ` Did you mean "${nearest}"?`;
}

/** What upper and lower case, underscores and hyphens do not change. */
function fold(name: string): string {
  return name
    .slice(0, 64)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** From 0, nothing in common, to 1, the same. One name that begins with the other counts 0.9. */
function compareNames(a: string, b: string): number {
  if (a === b) return 1;
  const shorter = Math.min(a.length, b.length);
  if (shorter >= 3 && (a.startsWith(b) || b.startsWith(a))) return 0.9;
  const edits = 1 - countEdits(a, b) / Math.max(a.length, b.length, 1);
  return Math.max(edits, sharePairs(a, b));
}

/** Insertions, deletions, replacements and swaps of neighbours between two names. */
function countEdits(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** Share of the pairs of neighbouring letters that both names have (Dice's coefficient). */
function sharePairs(a: string, b: string): number {
  const pairsOf = (text: string) =>
    new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2)));
  const pairs = pairsOf(a);
  const others = pairsOf(b);
  const shared = [...pairs].filter((pair) => others.has(pair)).length;
  return (2 * shared) / Math.max(1, pairs.size + others.size);
}
