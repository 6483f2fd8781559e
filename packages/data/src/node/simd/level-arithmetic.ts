import type { Preprocessing } from '@alexnet/core';
import { LEVELS, meansOfChannels } from '../../preprocess/level-table.ts';

/** What writeLevels of kernels.wat computes with: `fine`, `rest`, then means and stds of red, green and blue. */
export type LevelArithmetic = Float32Array;

/**
 * How the levels of an RGB or BGR preprocessing are computed rather than looked up:
 *
 *   ((byte · fine + byte · rest) − mean) / std, each step rounded to float32
 *
 * `fine` are the first 16 bits of the scale, so that its product is exact, and `rest` is what is missing of it: their
 * sum is byte · scale, rounded once, but for one scale in about a thousand.
 *
 * @param table - of `createLevelTable`
 * @returns `null` where this does not give the table to the last bit
 */
export function planLevelArithmetic(
  { channels, scale, mean, std }: Preprocessing,
  table: Float32Array,
): LevelArithmetic | null {
  const fine = firstBits(scale);
  const rest = Math.fround(scale - fine);
  const known = meansOfChannels(mean);
  const means = Float32Array.from(std, (_, c) => known?.[c] ?? 0);
  const stds = Float32Array.from(std, (value) => (known ? value : 1));
  for (let i = 0; i < table.length; i++) {
    const [c, byte] = [Math.floor(i / LEVELS), i % LEVELS];
    const sum = Math.fround(Math.fround(byte * fine) + Math.fround(byte * rest));
    const value = Math.fround(Math.fround(sum - (means[c] ?? 0)) / (stds[c] ?? 1));
    if (!Object.is(value, table[i])) return null;
  }
  if (channels === 'BGR') for (const values of [means, stds]) values.reverse();
  return Float32Array.of(fine, rest, ...means, ...stds);
}

/** The number with the first 16 bits of its significand alone. */
function firstBits(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  view.setUint32(0, view.getUint32(0) & 0xffffff00);
  return view.getFloat32(0);
}
