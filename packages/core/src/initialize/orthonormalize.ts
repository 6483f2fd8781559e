/**
 * Makes the rows of a matrix orthonormal, in place; the columns, where there are fewer of them.
 *
 * Gram–Schmidt, modified: each row loses what the rows before it already have, one row after another. Of a
 * Gaussian matrix it makes one that is drawn evenly from all orthonormal ones.
 *
 * @param matrix - [rows, columns], of full rank
 * @see Saxe, McClelland & Ganguli 2013, "Exact solutions to the nonlinear dynamics of learning", §3
 */
export function orthonormalize(matrix: Float32Array, rows: number, columns: number): void {
  const isTall = rows > columns;
  const [count, length] = isTall ? [columns, rows] : [rows, columns];
  const indexOf = (vector: number, i: number) =>
    isTall ? i * columns + vector : vector * columns + i;
  const vectors = Array.from({ length: count }, (_, vector) =>
    Float64Array.from({ length }, (_, i) => matrix[indexOf(vector, i)] ?? 0),
  );
  for (const [at, vector] of vectors.entries()) {
    for (const earlier of vectors.slice(0, at)) subtractProjection(vector, earlier);
    const norm = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < length; i++) matrix[indexOf(at, i)] = vector[i] = (vector[i] ?? 0) / norm;
  }
}

function subtractProjection(vector: Float64Array, onto: Float64Array): void {
  const share = dot(vector, onto);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - share * (onto[i] ?? 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
