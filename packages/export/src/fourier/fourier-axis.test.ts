import { expect, test } from 'vitest';
import { createFourierAxis, createTapMatrix, type Matrix } from './fourier-axis.ts';

const AXES = [
  { size: 13, kernel: 3, pads: [1, 1] },
  { size: 27, kernel: 5, pads: [2, 2] },
  { size: 6, kernel: 3, pads: [0, 0] },
  { size: 5, kernel: 4, pads: [2, 1] },
  { size: 4, kernel: 2, pads: [0, 3] },
  { size: 1, kernel: 5, pads: [4, 3] },
  { size: 3, kernel: 3, pads: [0, 0] },
  { size: 2, kernel: 1, pads: [0, 0] },
] as const;

test.each(AXES)(
  'sums $kernel taps over $size numbers padded by $pads',
  ({ size, kernel, pads }) => {
    const axis = createFourierAxis({ size, kernel, pads });
    const x = Array.from({ length: size }, (_, i) => Math.sin(3 * i + 1));
    const w = Array.from({ length: kernel }, (_, i) => Math.cos(2 * i + 5));
    const taps = apply(axis.taps, w);
    const products = apply(axis.inputs, x).map((value, i) => value * (taps[i] ?? Number.NaN));
    const y = applyTransposed(axis.outputs, products);

    const [before, after] = pads;
    const expected = Array.from({ length: size + before + after - kernel + 1 }, (_, j) =>
      w.reduce((sum, tap, u) => sum + tap * (x[j + u - before] ?? 0), 0),
    );
    expect(y.length).toBe(expected.length);
    for (const [j, value] of expected.entries()) expect(y[j]).toBeCloseTo(value, 5);
  },
);

test.each([
  [13, 3, 20],
  [27, 5, 43],
  [6, 3, 10],
])('%s numbers and %s taps take %s products', (size, kernel, points) => {
  const pad = (kernel - 1) / 2;
  expect(createFourierAxis({ size, kernel, pads: [pad, pad] }).points).toBe(points);
});

test('the taps of a map are those of its axes, across the map first', () => {
  const rows = createFourierAxis({ size: 3, kernel: 2, pads: [0, 0] });
  const columns = createFourierAxis({ size: 4, kernel: 3, pads: [1, 1] });
  const both = createTapMatrix(rows, columns);
  const kernel = [1, 2, 3, 4, 5, 6];
  const found = apply(both, kernel);
  const perRow = [kernel.slice(0, 3), kernel.slice(3)].map((line) => apply(columns.taps, line));
  const expected = Array.from({ length: columns.points }, (_, q) =>
    apply(
      rows.taps,
      perRow.map((line) => line[q] ?? Number.NaN),
    ),
  ).flat();
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 4);
});

function apply({ rows, columns, values }: Matrix, x: readonly number[]): number[] {
  return Array.from({ length: rows }, (_, i) =>
    x.reduce((sum, value, j) => sum + value * (values[i * columns + j] ?? Number.NaN), 0),
  );
}

function applyTransposed({ rows, columns, values }: Matrix, x: readonly number[]): number[] {
  return Array.from({ length: columns }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < rows; i++)
      sum += (x[i] ?? Number.NaN) * (values[i * columns + j] ?? Number.NaN);
    return sum;
  });
}
