/**
 * float32 numbers in [−bound, bound) from a 32-bit integer hash of seed and position, the same as `hashed` in
 * make_gradients.py: golden files of large networks need not hold their inputs.
 *
 * @see lowbias32 of github.com/skeeto/hash-prospector
 */
export function hashedValues(seed: number, count: number, bound = 1): Float32Array {
  const offset = Math.imul(seed, 0x9e3779b9);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let h = (i + offset) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
    h ^= h >>> 16;
    values[i] = ((h >>> 8) / 2 ** 23 - 1) * bound;
  }
  return values;
}

/** Dropout mask: 0 for the share `ratio`, else 1 / (1 − ratio). */
export function hashedMask(seed: number, count: number, ratio: number): Float32Array {
  return hashedValues(seed, count).map((value) => (value >= 2 * ratio - 1 ? 1 / (1 - ratio) : 0));
}

/** Where a golden file samples an array of `size` elements. */
export function samplePositions(seed: number, size: number, count: number): readonly number[] {
  return Array.from(hashedValues(seed, count), (value) =>
    Math.floor(((value + 1) * 2 ** 23 * size) / 2 ** 24),
  );
}
