/** Outputs that are moved together: four cache lines, which is fastest for the shapes of fc6 and fc7. */
const BLOCK = 64;

/**
 * Turns [P, I, O] into [O, I, P]: HWIO into OIHW with P = H · W, a matrix into its transpose with P = 1.
 *
 * In blocks of outputs, so that every cache line of the source is read once.
 */
export function transposeInto(
  source: Float32Array,
  target: Float32Array,
  [P, I, O]: readonly [number, number, number],
): void {
  for (let first = 0; first < O; first += BLOCK) {
    const last = Math.min(first + BLOCK, O);
    for (let p = 0; p < P; p += 1) {
      for (let i = 0; i < I; i += 1) {
        const row = (p * I + i) * O;
        for (let o = first; o < last; o += 1) {
          target[(o * I + i) * P + p] = source[row + o] ?? 0;
        }
      }
    }
  }
}
