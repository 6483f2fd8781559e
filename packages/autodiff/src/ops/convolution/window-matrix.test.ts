import { createOnnxBuilder } from '@alexnet/export';
import { expect, test } from 'vitest';
import { createWindowMatrix, toMatrix, toTransposedMatrix } from './window-matrix.ts';

/** Windows of 2 and 3 pixels, one of them beginning before the axis, one ending behind it. */
const matrix = createWindowMatrix(3, 4, (index) => ({
  begin: 2 * index - 1,
  end: 2 * index + 2,
  factor: index + 1,
}));

test('a row has the factor where its window is, as far as there are pixels', () => {
  expect(matrix).toEqual({
    windows: 3,
    pixels: 4,
    // biome-ignore format: rows
    values: Float32Array.of(
      1, 1, 0, 0,
      0, 2, 2, 2,
      0, 0, 0, 3,
    ),
  });
});

test('a window without pixels is a row of zeros', () => {
  const beyond = createWindowMatrix(1, 2, () => ({ begin: 2, end: 4, factor: 1 }));
  expect(beyond.values).toEqual(Float32Array.of(0, 0));
});

test('becomes a constant, as it is or turned', () => {
  const builder = createOnnxBuilder('constants');
  const straight = toMatrix(builder, matrix);
  const turned = toTransposedMatrix(builder, matrix);
  builder.output(builder.op('MatMul', [straight, turned]), 'float32', [3, 3]);
  const [first, second] = builder.build().graph.initializer;
  expect(first).toMatchObject({ name: straight, dims: [3, 4] });
  expect(second).toMatchObject({ name: turned, dims: [4, 3] });
  const bytes = second?.rawData ?? new Uint8Array();
  expect(new Float32Array(bytes.slice().buffer)).toEqual(
    // biome-ignore format: rows
    Float32Array.of(
      1, 0, 0,
      1, 2, 0,
      0, 2, 0,
      0, 2, 3,
    ),
  );
});
