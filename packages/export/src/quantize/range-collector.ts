import { AlexNetError } from '@alexnet/core';
import { findEntropyThreshold } from './entropy-threshold.ts';
import { MagnitudeHistogram } from './magnitude-histogram.ts';
import type { Range, Ranges } from './range.ts';

/**
 * What becomes of rare large numbers: `min-max` keeps all of them; `percentile` cuts off the largest 0.01 %, `entropy`
 * what costs least information (Kullback–Leibler, as TensorRT does), so that the others have finer steps.
 */
export type CalibrationMethod = (typeof CALIBRATION_METHODS)[number];
export const CALIBRATION_METHODS = ['min-max', 'percentile', 'entropy'] as const;

/** Finds the ranges of a network's values, batch by batch. */
export interface RangeCollector {
  /** @param values - of the layer `name`, of some pictures */
  add(name: string, values: Float32Array): void;
  /** @throws AlexNetError `NUMERIC` naming a layer that gave what is no number */
  finish(): Ranges;
}

/** Share of the magnitudes that `percentile` keeps. */
const KEPT = 0.9999;

/**
 * @throws AlexNetError `INVALID_ARGUMENT` for a method that is none
 *
 * @example
 * const collector = createRangeCollector('min-max');
 * collector.add('relu1', Float32Array.of(0, 3));
 * console.log(collector.finish()); // Map { 'relu1' => { min: 0, max: 3 } }
 */
export function createRangeCollector(method: CalibrationMethod): RangeCollector {
  if (!CALIBRATION_METHODS.includes(method)) throw unknownMethod(method);
  const histograms = new Map<string, MagnitudeHistogram>();
  return {
    add(name, values) {
      const histogram = histograms.get(name) ?? new MagnitudeHistogram();
      histograms.set(name, histogram);
      histogram.add(values);
    },
    finish: () =>
      new Map(
        Array.from(histograms, ([name, histogram]) => [name, toRange(name, histogram, method)]),
      ),
  };
}

function toRange(name: string, histogram: MagnitudeHistogram, method: CalibrationMethod): Range {
  const { min, max, strays } = histogram;
  if (strays > 0) {
    throw new AlexNetError('NUMERIC', {
      message: `${name} gave ${strays} numbers that are not finite.`,
      hint: 'Check the model with alexnet doctor, and the pictures.',
      path: [name],
    });
  }
  const threshold = thresholdOf(histogram, method);
  return { min: Math.max(min, -threshold), max: Math.min(max, threshold) };
}

function thresholdOf(histogram: MagnitudeHistogram, method: CalibrationMethod): number {
  switch (method) {
    case 'min-max':
      return Number.POSITIVE_INFINITY;
    case 'percentile':
      return histogram.findThreshold(KEPT);
    default: {
      // 255 steps cover one side where there is only one, half of them each of two.
      const levels = histogram.min < 0 ? 128 : 255;
      return findEntropyThreshold(histogram, levels);
    }
  }
}

function unknownMethod(method: string): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: `There is no calibration "${method}".`,
    hint: `It can be ${CALIBRATION_METHODS.join(', ')}.`,
    path: ['method'],
  });
}
