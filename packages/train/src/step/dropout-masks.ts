import { createRandom } from '@alexnet/core';

/** Random bits that decide over one value; ratios are rounded to multiples of 1 / 2¹⁶. */
const BITS = 16;

/**
 * Fills a dropout mask: 0 with probability `ratio`, 1 / (1 − ratio) otherwise.
 *
 * A mask depends on the seed, the step and the node alone, so that every engine drops the same values
 * and a resumed training the same as one that was never stopped.
 */
export function fillDropoutMask(
  out: Float32Array,
  {
    seed,
    step,
    node,
    ratio,
  }: {
    readonly seed: number;
    readonly step: number;
    readonly node: string;
    readonly ratio: number;
  },
): void {
  const random = createRandom(seed).split('dropout', node, step);
  const threshold = Math.round(ratio * 2 ** BITS);
  const kept = 1 / (1 - ratio);
  for (let i = 0; i < out.length; i += 2) {
    const word = random.uint32();
    out[i] = (word & 0xffff) < threshold ? 0 : kept;
    // Beyond the end of an array of odd length, the write does nothing.
    out[i + 1] = word >>> BITS < threshold ? 0 : kept;
  }
}
