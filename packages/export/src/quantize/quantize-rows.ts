import { AlexNetError, type Tensor } from '@alexnet/core';

export interface QuantizedRows {
  /** Of the tensor's shape, from −127 to 127. */
  readonly values: Int8Array;
  /** What each row's values are multiplied with: one for each length of the first axis. */
  readonly scales: Float32Array;
}

/** −128 is left out: the steps lie evenly on both sides of 0. */
const LARGEST = 127;
/** The smallest normal float32: smaller scales are 0 to processors that flush them. */
const SMALLEST_SCALE = 2 ** -126;
/** Adding and taking away 1.5 · 2⁵² rounds a double to a whole number, halves to even, as QuantizeLinear does. */
const ROUNDER = 1.5 * 2 ** 52;

/**
 * Weights as 8-bit integers, symmetric, with a scale for each output channel:
 *
 *   value[o, i] = round(w[o, i] / scale[o]),  scale[o] = max |w[o, ·]| / 127
 *
 * What is read back quantises to the same values and scales.
 *
 * Shape: tensor [out, …]
 *
 * @param name - for the error
 * @param options.atLeast - the smallest scale of each row
 * @throws AlexNetError `NUMERIC` for weights that are no finite numbers
 */
export function quantizeRows(
  name: string,
  { shape, data }: Tensor,
  { atLeast }: { readonly atLeast?: Float32Array } = {},
): QuantizedRows {
  const [rows = 0] = shape;
  const length = data.length / Math.max(1, rows);
  const values = new Int8Array(data.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const begin = row * length;
    const end = begin + length;
    let largest = 0;
    for (let i = begin; i < end; i++) {
      const magnitude = Math.abs(data[i] as number);
      if (!(magnitude < Number.POSITIVE_INFINITY)) throw notFinite(name, i, data[i]);
      if (magnitude > largest) largest = magnitude;
    }
    const scale = Math.max(chooseScale(largest), atLeast?.[row] ?? 0);
    scales[row] = scale;
    for (let i = begin; i < end; i++) values[i] = (data[i] as number) / scale + ROUNDER - ROUNDER;
  }
  return { values, scales };
}

function chooseScale(largest: number): number {
  if (largest === 0) return 1;
  const scale = Math.fround(largest / LARGEST);
  // 127 · scale may round so that its 127th part is the number beside scale, and that of the neighbour is itself.
  const settled = Math.fround(Math.fround(scale * LARGEST) / LARGEST);
  return Math.max(settled, SMALLEST_SCALE);
}

function notFinite(name: string, index: number, value: number | undefined): AlexNetError {
  return new AlexNetError('NUMERIC', {
    message: `${name} has ${value} at index ${index}: only finite numbers can be int8.`,
    hint: 'The training has diverged: take an earlier checkpoint, and a lower learning rate.',
    path: [name],
  });
}
