import { createRandom } from '@alexnet/core';

/** Random bits that decide over one value, at most; other ratios are rounded to multiples of 1 / 2¹⁶. */
const MOST_BITS = 16;
const WORD_BITS = 32;

/**
 * Fills a dropout mask: 0 with probability `ratio`, 1 / (1 − ratio) otherwise.
 *
 * A mask depends on the seed, the step and the node alone, so that every engine drops the same values
 * and a resumed training the same as one that was never stopped. A value takes the bits that the ratio needs, from
 * the lowest of each random word on: one for 1/2, two for 1/4, sixteen for 1/5.
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
  const bits = countBits(ratio);
  const threshold = Math.round(ratio * 2 ** bits);
  const mask = 2 ** bits - 1;
  const kept = 1 / (1 - ratio);
  const perWord = WORD_BITS / bits;
  for (let start = 0; start < out.length; start += perWord) {
    let word = random.uint32();
    const end = Math.min(start + perWord, out.length);
    for (let i = start; i < end; i++) {
      // 1 where the bits are not below the threshold; a branch would be guessed wrong every other time.
      out[i] = kept * ((threshold - 1 - (word & mask)) >>> 31);
      word >>>= bits;
    }
  }
}

/** A power of two: whole values fit into a word. */
function countBits(ratio: number): number {
  let bits = 1;
  while (bits < MOST_BITS && !Number.isInteger(ratio * 2 ** bits)) bits *= 2;
  return bits;
}
