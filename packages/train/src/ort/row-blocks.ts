import type { StateArray } from '@alexnet/autodiff';

/** Does something to an array whose rows lie in blocks, or are to. */
export function forBlocks(
  { shape: [, columns], rowBlock }: StateArray,
  lay: (columns: number, block: number) => void,
): void {
  if (columns !== undefined && rowBlock !== undefined) lay(columns, rowBlock);
}

/** Lays a matrix [rows, columns] out in blocks of B rows, [rows/B, columns, B], in its own array. */
export function toRowBlocks(matrix: Float32Array, columns: number, block: number): void {
  transposeEach(matrix, block, columns);
}

/** Back to [rows, columns]. */
export function fromRowBlocks(blocks: Float32Array, columns: number, block: number): void {
  transposeEach(blocks, columns, block);
}

/** Turns matrices [rows, columns], one after another, into [columns, rows]. */
function transposeEach(matrices: Float32Array, rows: number, columns: number): void {
  for (let first = 0; first < matrices.length; first += rows * columns) {
    const matrix = matrices.slice(first, first + rows * columns);
    for (let column = 0; column < columns; column++) {
      const to = first + column * rows;
      for (let row = 0; row < rows; row++) {
        matrices[to + row] = matrix[row * columns + column] as number;
      }
    }
  }
}
