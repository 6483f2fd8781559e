import type { Interpolation } from '@alexnet/core';

/** Weights are whole numbers in units of 2⁻²²: 32 bits less 8 for the pixel and 2 for the sum. */
export const PRECISION_BITS = 22;
const ONE = 1 << PRECISION_BITS;

/** Which source samples make each sample of one output axis, and with what weight. */
export interface ResampleWeights {
  /** The part of the source axis that is looked at. */
  readonly source: Span;
  /** First source sample of each output sample, counted from `source.from`. */
  readonly starts: Int32Array;
  /** How many source samples each output sample takes. */
  readonly counts: Int32Array;
  /** Room for the weights of one output sample; those of sample i begin at i · stride. */
  readonly stride: number;
  readonly values: Int32Array;
}

/** Part of an axis: samples `from` … `to − 1`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const FILTERS = {
  bilinear: { support: 1, weigh: weighBilinear },
  bicubic: { support: 2, weigh: weighBicubic },
} as const satisfies Record<
  Interpolation['filter'],
  { support: number; weigh: (x: number) => number }
>;

/**
 * The weights of Pillow's resampling for one axis, for the output samples of `span` only.
 *
 * @param length - samples of the source axis
 * @param resized - samples of the whole output axis
 * @see Pillow 13, src/libImaging/Resample.c: `precompute_coeffs`, `normalize_coeffs_8bpc`
 */
export function createResampleWeights(
  length: number,
  resized: number,
  { interpolation, span }: { readonly interpolation: Interpolation; readonly span: Span },
): ResampleWeights {
  const { support: unitSupport, weigh } = FILTERS[interpolation.filter];
  const scale = length / resized;
  const widening = interpolation.antialias ? Math.max(scale, 1) : 1;
  const support = unitSupport * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const outputs = span.to - span.from;
  const starts = new Int32Array(outputs);
  const counts = new Int32Array(outputs);
  const values = new Int32Array(outputs * stride);
  const weights = new Float64Array(stride);
  for (let i = 0; i < outputs; i++) {
    const centre = (span.from + i + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - support + 0.5), 0);
    const count = Math.min(Math.trunc(centre + support + 0.5), length) - start;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      // Pillow multiplies with the reciprocal: a division could round otherwise.
      const weight = weigh((k + start - centre + 0.5) * (1 / widening));
      weights[k] = weight;
      sum += weight;
    }
    starts[i] = start;
    counts[i] = count;
    for (let k = 0; k < count; k++) values[i * stride + k] = toFixedPoint((weights[k] ?? 0) / sum);
  }
  // Starts and ends never go back from one output sample to the next.
  const from = starts[0] ?? 0;
  const to = (starts[outputs - 1] ?? 0) + (counts[outputs - 1] ?? 0);
  return {
    source: { from, to },
    starts: starts.map((start) => start - from),
    counts,
    stride,
    values,
  };
}

function toFixedPoint(weight: number): number {
  return Math.trunc(weight * ONE + (weight < 0 ? -0.5 : 0.5));
}

function weighBilinear(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}

/** Catmull–Rom: a = −½, where OpenCV and PyTorch's tensors have −¾. */
function weighBicubic(x: number): number {
  const a = -0.5;
  const distance = Math.abs(x);
  if (distance < 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  if (distance < 2) return (((distance - 5) * distance + 8) * distance - 4) * a;
  return 0;
}
