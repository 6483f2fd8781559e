import { AlexNetError } from './errors.ts';

/**
 * A stream of random numbers that depends on its seed and its labels alone.
 *
 * Because {@link Random.split} makes an independent stream for any label, a place in training (`seed`,
 * epoch, picture) has its numbers without anybody having drawn the ones before: nothing needs to be
 * stored to resume a run bit for bit.
 */
export interface Random {
  /** What all its numbers follow from: two words of 32 bits, for {@link restoreRandom}. */
  readonly key: RandomKey;
  /** The next 32 random bits, 0 … 2³² − 1. */
  uint32(): number;
  /** Uniform in [low, high); 0 and 1 unless given. */
  uniform(low?: number, high?: number): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform among 0 … n − 1, without modulo bias. */
  integer(n: number): number;
  /** Fisher–Yates, in place. */
  shuffle<Values extends number[] | Uint32Array>(values: Values): Values;
  fillUniform(out: Float32Array): void;
  fillNormal(out: Float32Array): void;
  /** An independent stream for these labels. Pure: this stream goes on as if nothing had happened. */
  split(...labels: readonly (string | number)[]): Random;
}

export type RandomKey = readonly [number, number];

const ROUNDS = 10;
const MULTIPLIER0 = 0xd2511f53;
const MULTIPLIER1 = 0xcd9e8d57;
const WEYL0 = 0x9e3779b9;
const WEYL1 = 0xbb67ae85;
/** Last counter word of blocks that derive keys; blocks that make numbers have 0 there. */
const SPLIT_DOMAIN = 0x53504c54;
const UINT32 = 2 ** 32;

/**
 * Philox4x32-10: ten rounds of multiply and xor turn a counter and a key into four random words.
 *
 * @param block - four words: the counter, replaced by the result
 * @param key - two words
 * @see Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", §3.3
 */
export function philox(block: Uint32Array, key: Readonly<Uint32Array>): void {
  // By index: destructuring a typed array runs its iterator, ten times as slow. As signed words from the start: a
  // variable that is unsigned here and signed after the first round is kept in floating point.
  let c0 = (block[0] ?? 0) | 0;
  let c1 = (block[1] ?? 0) | 0;
  let c2 = (block[2] ?? 0) | 0;
  let c3 = (block[3] ?? 0) | 0;
  let key0 = (key[0] ?? 0) | 0;
  let key1 = (key[1] ?? 0) | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER0, c0);
    const high1 = multiplyHigh(MULTIPLIER1, c2);
    const low0 = Math.imul(MULTIPLIER0, c0);
    const low1 = Math.imul(MULTIPLIER1, c2);
    c0 = high1 ^ c1 ^ key0;
    c1 = low1;
    c2 = high0 ^ c3 ^ key1;
    c3 = low0;
    key0 = (key0 + WEYL0) | 0;
    key1 = (key1 + WEYL1) | 0;
  }
  block[0] = c0;
  block[1] = c1;
  block[2] = c2;
  block[3] = c3;
}

/** Upper 32 bits of the 64-bit product of two unsigned words. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (cross >>> 16)) | 0;
}

/**
 * @param seed - a whole number, 0 … 2⁵³ − 1
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`
 */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `A seed is a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, not ${seed}.`,
      hint: 'Use --seed 0, for example.',
    });
  }
  return new PhiloxStream(Uint32Array.of(seed % UINT32, Math.floor(seed / UINT32)));
}

/** The stream with this key from its beginning: in another thread, say. */
export function restoreRandom(key: RandomKey): Random {
  return new PhiloxStream(Uint32Array.from(key));
}

class PhiloxStream implements Random {
  readonly #key: Uint32Array;
  readonly #block = new Uint32Array(4);
  #blocksMade = 0;
  #wordsUsed = 4;
  #spareNormal: number | undefined;

  constructor(key: Uint32Array) {
    this.#key = key;
  }

  get key(): RandomKey {
    return [this.#key[0] ?? 0, this.#key[1] ?? 0];
  }

  uint32(): number {
    if (this.#wordsUsed === 4) {
      this.#block[0] = this.#blocksMade;
      this.#block[1] = this.#blocksMade / UINT32;
      this.#block[2] = 0;
      this.#block[3] = 0;
      philox(this.#block, this.#key);
      this.#blocksMade += 1;
      this.#wordsUsed = 0;
    }
    return this.#block[this.#wordsUsed++] ?? 0;
  }

  uniform(low = 0, high = 1): number {
    return low + (this.uint32() / UINT32) * (high - low);
  }

  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    // Box–Muller; the half keeps the logarithm finite.
    const radius = Math.sqrt(-2 * Math.log((this.uint32() + 0.5) / UINT32));
    const angle = (2 * Math.PI * this.uint32()) / UINT32;
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  integer(n: number): number {
    const limit = UINT32 - (UINT32 % n);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % n;
  }

  shuffle<Values extends number[] | Uint32Array>(values: Values): Values {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = values[i] ?? 0;
      values[i] = values[j] ?? 0;
      values[j] = held;
    }
    return values;
  }

  fillUniform(out: Float32Array): void {
    // 24 bits: what a float32 below 1 can hold without rounding up to 1.
    for (let i = 0; i < out.length; i++) out[i] = (this.uint32() >>> 8) / 2 ** 24;
  }

  fillNormal(out: Float32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
  }

  split(...labels: readonly (string | number)[]): Random {
    let key = this.#key;
    for (const words of labels.flatMap(labelWords)) {
      const block = Uint32Array.of(...words, SPLIT_DOMAIN);
      philox(block, key);
      key = block.slice(0, 2);
    }
    return new PhiloxStream(key);
  }
}

/** A label as blocks of three words; kind and length are part of it, so that no two labels meet. */
function labelWords(label: string | number): [number, number, number][] {
  if (typeof label === 'number') {
    const [low, high] = new Uint32Array(new Float64Array([label]).buffer);
    return [[1, low ?? 0, high ?? 0]];
  }
  const blocks: [number, number, number][] = [[2, label.length, 0]];
  for (let i = 0; i < label.length; i += 2) {
    blocks.push([3, label.charCodeAt(i), i + 1 < label.length ? label.charCodeAt(i + 1) : 0]);
  }
  return blocks;
}
