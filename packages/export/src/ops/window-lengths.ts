/** Windows along one axis. */
export interface WindowRow {
  readonly kernel: number;
  readonly stride: number;
  /** How far the first window starts before the first pixel. */
  readonly before: number;
  readonly pixels: number;
  /** How many windows there are. */
  readonly windows: number;
}

/** How many pixels of the row each window holds. */
export function windowLengths({
  kernel,
  stride,
  before,
  pixels,
  windows,
}: WindowRow): readonly number[] {
  return Array.from({ length: windows }, (_, index) => {
    const begin = index * stride - before;
    return Math.min(begin + kernel, pixels) - Math.max(begin, 0);
  });
}

/** [rows, columns]: each row's number times each column's. */
export function outerProduct(rows: readonly number[], columns: readonly number[]): Float32Array {
  return Float32Array.from(rows.flatMap((row) => columns.map((column) => row * column)));
}
