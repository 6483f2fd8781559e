/** A matrix, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/**
 * One axis of a convolution of stride 1, as products of single numbers:
 *
 *   y = outputsᵀ · ((taps · w) ∘ (inputs · x)),   y[j] = Σᵤ w[u] · x[j + u − before]
 */
export interface FourierAxis {
  /** Products: rows of each matrix. */
  readonly points: number;
  /** [points, size] */
  readonly inputs: Matrix;
  /** [points, kernel] */
  readonly taps: Matrix;
  /** [points, outputs] */
  readonly outputs: Matrix;
}

export interface ConvolutionAxis {
  /** Of x. */
  readonly size: number;
  readonly kernel: number;
  /** Zeros before and after x. */
  readonly pads: readonly [before: number, after: number];
}

/** What a row of `inputs` and `taps`, and of `outputs`, makes of an angle. */
interface PointRow {
  readonly factor: (angle: number) => number;
  readonly output: (angle: number) => number;
}

/** A real frequency: one product. */
const REAL: readonly PointRow[] = [{ factor: Math.cos, output: Math.cos }];

/**
 * A complex frequency and its mirror image: a complex product out of three real ones, of the real parts, of
 * the imaginary parts, and of the sums of both. (Karatsuba & Ofman 1962)
 */
const COMPLEX: readonly PointRow[] = [
  { factor: Math.cos, output: (angle) => 2 * (Math.cos(angle) + Math.sin(angle)) },
  { factor: Math.sin, output: (angle) => 2 * (Math.sin(angle) - Math.cos(angle)) },
  {
    factor: (angle) => Math.cos(angle) + Math.sin(angle),
    output: (angle) => -2 * Math.sin(angle),
  },
];

/**
 * The discrete Fourier transform, of the shortest length at which the padding before x may be the one after
 * it: what wraps around is zero. About three products for two outputs, whatever the kernel's length.
 *
 * All entries are of size 1 or so: the rounding is that of a sum.
 */
export function createFourierAxis({ size, kernel, pads }: ConvolutionAxis): FourierAxis {
  const [before, after] = pads;
  const length = size + Math.max(before, after);
  const outputs = size + before + after - kernel + 1;
  const rows = Array.from({ length: Math.floor(length / 2) + 1 }, (_, frequency) =>
    (frequency === 0 || 2 * frequency === length ? REAL : COMPLEX).map((row) => ({
      ...row,
      angle: (2 * Math.PI * frequency) / length,
    })),
  ).flat();
  const matrix = (columns: number, valueAt: (row: (typeof rows)[number], i: number) => number) => ({
    rows: rows.length,
    columns,
    values: Float32Array.from(
      rows.flatMap((row) => Array.from({ length: columns }, (_, i) => valueAt(row, i))),
    ),
  });
  return {
    points: rows.length,
    inputs: matrix(size, ({ factor, angle }, i) => factor(-angle * i)),
    taps: matrix(kernel, ({ factor, angle }, u) => factor(angle * (u - before))),
    outputs: matrix(outputs, ({ output, angle }, j) => output(angle * j) / length),
  };
}

/**
 * What the taps of a kernel [kH, kW] give at the points of both axes: [columns.points · rows.points, kH · kW].
 *
 * @param rows - the axis down the map
 * @param columns - the axis across it
 */
export function createTapMatrix(rows: FourierAxis, columns: FourierAxis): Matrix {
  const [kernelH, kernelW] = [rows.taps.columns, columns.taps.columns];
  const count = columns.points * rows.points;
  const values = new Float32Array(count * kernelH * kernelW);
  let next = 0;
  for (let q = 0; q < columns.points; q++) {
    for (let p = 0; p < rows.points; p++) {
      for (let u = 0; u < kernelH; u++) {
        const down = rows.taps.values[p * kernelH + u] ?? 0;
        for (let v = 0; v < kernelW; v++) {
          values[next++] = down * (columns.taps.values[q * kernelW + v] ?? 0);
        }
      }
    }
  }
  return { rows: count, columns: kernelH * kernelW, values };
}
