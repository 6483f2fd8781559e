import type { Shape } from '@alexnet/core';
import type { WeightType } from '../weight-file.ts';

/** The numbers of an array in short. */
export interface TensorStatistics {
  readonly name: string;
  readonly dtype: WeightType;
  readonly shape: Shape;
  /** Of the finite ones; 0 for none. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  /** Share of exact zeros, 0 to 1. */
  readonly zeros: number;
  /** How many are not a number. */
  readonly nans: number;
  readonly infinities: number;
}

/** Counts, range and moments of some numbers, in float64. */
export function measureTensor(
  values: Float32Array,
): Omit<TensorStatistics, 'name' | 'dtype' | 'shape'> {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [sum, squares, zeros, nans, infinities] = [0, 0, 0, 0, 0];
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    if (Number.isNaN(value)) nans += 1;
    else if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
      infinities += 1;
    } else {
      if (value < min) min = value;
      if (value > max) max = value;
      if (value === 0) zeros += 1;
      sum += value;
      squares += value * value;
    }
  }
  const count = values.length - nans - infinities;
  const mean = count > 0 ? sum / count : 0;
  return {
    min: count > 0 ? min : 0,
    max: count > 0 ? max : 0,
    mean,
    std: count > 0 ? Math.sqrt(Math.max(0, squares / count - mean * mean)) : 0,
    zeros: values.length > 0 ? zeros / values.length : 0,
    nans,
    infinities,
  };
}
