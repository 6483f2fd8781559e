export interface Eigen {
  /** The largest first. */
  readonly values: readonly number[];
  /** A unit vector for each value; its largest component is positive. */
  readonly vectors: readonly (readonly number[])[];
}

/** Each sweep squares what is left beside the diagonal: far more than a matrix of three rows takes. */
const SWEEPS = 30;

/**
 * Eigenvalues and eigenvectors of a small symmetric matrix.
 *
 * @see Golub & Van Loan, Matrix Computations, §8.5 (Jacobi's method)
 */
export function decomposeSymmetric(matrix: readonly (readonly number[])[]): Eigen {
  const n = matrix.length;
  const a = matrix.map((row) => Float64Array.from(row));
  const v = a.map((_, row) => Float64Array.from({ length: n }, (_, column) => +(row === column)));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, [p, q]);
  }
  const at = (m: Float64Array[], row: number, column: number) => m[row]?.[column] ?? 0;
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => at(a, j, j) - at(a, i, i));
  return {
    values: order.map((i) => at(a, i, i)),
    vectors: order.map((i) => orient(Array.from({ length: n }, (_, row) => at(v, row, i)))),
  };
}

/** Makes the element in row p, column q zero. */
function rotate(a: Float64Array[], v: Float64Array[], [p, q]: readonly [number, number]): void {
  const rowP = a[p] ?? new Float64Array();
  const rowQ = a[q] ?? new Float64Array();
  const element = rowP[q] ?? 0;
  if (element === 0) return;
  const theta = ((rowQ[q] ?? 0) - (rowP[p] ?? 0)) / (2 * element);
  const sign = theta < 0 ? -1 : 1;
  const t = sign / (Math.abs(theta) + Math.hypot(theta, 1));
  const cos = 1 / Math.hypot(t, 1);
  const sin = t * cos;
  for (const row of [...a, ...v]) turn(row, [p, q], cos, sin);
  for (let k = 0; k < rowP.length; k++) {
    const x = rowP[k] ?? 0;
    const y = rowQ[k] ?? 0;
    rowP[k] = cos * x - sin * y;
    rowQ[k] = sin * x + cos * y;
  }
}

function turn(
  row: Float64Array,
  [p, q]: readonly [number, number],
  ...[cos, sin]: [number, number]
): void {
  const x = row[p] ?? 0;
  const y = row[q] ?? 0;
  row[p] = cos * x - sin * y;
  row[q] = sin * x + cos * y;
}

function orient(vector: readonly number[]): readonly number[] {
  const largest = vector.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
}
