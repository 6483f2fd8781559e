/** Round numbers that divide an axis. */
export interface Ticks {
  readonly values: readonly number[];
  /** Distance between neighbours. */
  readonly step: number;
}

/**
 * Multiples of 1, 2 or 5 times a power of ten between two ends, about `count` of them.
 *
 * @example
 * makeTicks(0, 2.3, 5).values; // [0, 0.5, 1, 1.5, 2]
 */
export function makeTicks(low: number, high: number, count: number): Ticks {
  const span = high - low;
  if (!(span > 0)) return { values: [low], step: 1 };
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.999) ?? 10;
  const step = factor * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const values = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  return { values, step };
}

/** Ticks at whole numbers only: steps, epochs. */
export function makeWholeTicks(low: number, high: number, count: number): Ticks {
  const ticks = makeTicks(low, high, count);
  return ticks.step >= 1 ? ticks : makeTicks(low, high, Math.max(1, Math.floor(high - low)));
}
