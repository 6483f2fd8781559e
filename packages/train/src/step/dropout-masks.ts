import { createRandom, type Random } from '@alexnet/core';

/** Random bits that decide over one value, at most; other ratios are rounded to multiples of 1 / 2¹⁶. */
const MOST_BITS = 16;
/** Of a value, where two are looked up at once: at most 256 pairs. */
const MOST_PAIRED_BITS = 4;
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
  const rule = { bits, threshold: Math.round(ratio * 2 ** bits), kept: 1 / (1 - ratio) };
  if (bits <= MOST_PAIRED_BITS && isOfPairs(out)) fillPairs(toPairs(out), rule, random);
  else fill(out, rule, random);
}

/** How many bits decide over a value, below what they drop it, and what it is multiplied by otherwise. */
interface DropRule {
  readonly bits: number;
  readonly threshold: number;
  readonly kept: number;
}

/** A power of two: whole values fit into a word. */
function countBits(ratio: number): number {
  let bits = 1;
  while (bits < MOST_BITS && !Number.isInteger(ratio * 2 ** bits)) bits *= 2;
  return bits;
}

function fill(out: Float32Array, { bits, threshold, kept }: DropRule, random: Random): void {
  const mask = 2 ** bits - 1;
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

/** Whether each two values can be written as one number of twice the bits, in half the time. */
function isOfPairs({ length, byteOffset }: Float32Array): boolean {
  return length % 2 === 0 && byteOffset % Float64Array.BYTES_PER_ELEMENT === 0;
}

function toPairs({ buffer, byteOffset, length }: Float32Array): Float64Array {
  return new Float64Array(buffer, byteOffset, length / 2);
}

/** As `fill`, with what the bits of two values stand for looked up. */
function fillPairs(out: Float64Array, rule: DropRule, random: Random): void {
  const table = tabulatePairs(rule);
  const mask = table.length - 1;
  const bits = 2 * rule.bits;
  const perWord = WORD_BITS / bits;
  for (let start = 0; start < out.length; start += perWord) {
    let word = random.uint32();
    const end = Math.min(start + perWord, out.length);
    for (let i = start; i < end; i++) {
      out[i] = table[word & mask] ?? 0;
      word >>>= bits;
    }
  }
}

/** The first value of a pair is that of the lower bits. */
function tabulatePairs({ bits, threshold, kept }: DropRule): Float64Array {
  const ofOne = Array.from({ length: 2 ** bits }, (_, drawn) => (drawn < threshold ? 0 : kept));
  return toPairs(Float32Array.from(ofOne.flatMap((high) => ofOne.flatMap((low) => [low, high]))));
}
