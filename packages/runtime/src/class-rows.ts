import { AlexNetError, type Tensor } from '@alexnet/core';

/**
 * The rows of one picture, checked.
 *
 * Shape: [crops, classes] → crops rows [classes]
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` for another number of classes · `NUMERIC` for NaN
 */
export function splitRows(
  { shape, data }: Tensor,
  { classes, picture }: { readonly classes: number; readonly picture: number },
): readonly Float32Array[] {
  const [crops = 1] = shape;
  if (data.length !== crops * classes) {
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `The model gave ${data.length / crops} values per picture, but there are ${classes} labels.`,
      hint: 'Give one label for each class.',
      path: ['labels'],
    });
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new AlexNetError('NUMERIC', {
      message: `The model gave ${data[bad]} for class ${bad % classes} of picture ${picture} (counted from 0).`,
      hint: 'Its weights are broken, or its training diverged: try an earlier checkpoint.',
    });
  }
  return Array.from({ length: crops }, (_, crop) =>
    data.subarray(crop * classes, (crop + 1) * classes),
  );
}

/** The mean of rows of equal length, element by element, in float64; a row alone comes back as it is. */
export function averageRows(rows: readonly ArrayLike<number>[]): ArrayLike<number> {
  const [first = [], ...others] = rows;
  if (others.length === 0) return first;
  const mean = Float64Array.from(first);
  for (const row of others) {
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) + (row[i] ?? 0);
  }
  return mean.map((sum) => sum / rows.length);
}
