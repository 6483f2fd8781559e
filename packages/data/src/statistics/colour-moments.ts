import type { Picture } from '../picture/picture.ts';

/** Channels of a colour, and the pairs of them that have a product. */
const CHANNELS = 3;
const PAIRS = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 1],
  [1, 2],
  [2, 2],
] as const;

/** Sums over all pixels seen, exact whatever their number and order. */
export class ColourMoments {
  #pixels = 0n;
  readonly #sums: bigint[] = Array.from({ length: CHANNELS }, () => 0n);
  readonly #products: bigint[] = PAIRS.map(() => 0n);
  #hasColour = false;

  /** A grey pixel counts as one of three equal channels. */
  add(picture: Picture): void {
    const { pixels, channels } = picture;
    this.#pixels += BigInt(pixels.length / channels);
    this.#hasColour ||= channels === CHANNELS;
    const { sums, products } = channels === CHANNELS ? sumColours(pixels) : sumGreys(pixels);
    for (const [i, sum] of sums.entries()) this.#sums[i] = (this.#sums[i] ?? 0n) + BigInt(sum);
    for (const [i, sum] of products.entries()) {
      this.#products[i] = (this.#products[i] ?? 0n) + BigInt(sum);
    }
  }

  get pixels(): number {
    return Number(this.#pixels);
  }

  /** 1 while every picture was grey. */
  get channels(): 1 | 3 {
    return this.#hasColour ? CHANNELS : 1;
  }

  /** Of bytes / 255, by channel. */
  get mean(): readonly number[] {
    return this.#sums
      .slice(0, this.channels)
      .map((sum) => Number(sum) / Number(this.#pixels) / 255);
  }

  /** Of bytes / 255, over all pixels (not n − 1): E[xy] − E[x] E[y], of which only the quotient is rounded. */
  get covariance(): readonly (readonly number[])[] {
    const range = Array.from({ length: this.channels }, (_, channel) => channel);
    return range.map((a) => range.map((b) => this.#covarianceOf(Math.min(a, b), Math.max(a, b))));
  }

  #covarianceOf(a: number, b: number): number {
    const pair = PAIRS.findIndex(([x, y]) => x === a && y === b);
    const n = this.#pixels;
    const product = this.#products[pair] ?? 0n;
    const numerator = n * product - (this.#sums[a] ?? 0n) * (this.#sums[b] ?? 0n);
    return Number(numerator) / Number(n * n) / 255 ** 2;
  }
}

interface Sums {
  readonly sums: readonly number[];
  /** In the order of {@link PAIRS}. */
  readonly products: readonly number[];
}

/** Whole numbers below 2⁵³ for any picture that fits into memory, and so exact. */
function sumColours(pixels: Uint8Array): Sums {
  let [r, g, b, rr, rg, rb, gg, gb, bb] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let p = 0; p < pixels.length; p += CHANNELS) {
    const red = pixels[p] as number;
    const green = pixels[p + 1] as number;
    const blue = pixels[p + 2] as number;
    r += red;
    g += green;
    b += blue;
    rr += red * red;
    rg += red * green;
    rb += red * blue;
    gg += green * green;
    gb += green * blue;
    bb += blue * blue;
  }
  return { sums: [r, g, b], products: [rr, rg, rb, gg, gb, bb] };
}

function sumGreys(pixels: Uint8Array): Sums {
  let sum = 0;
  let squares = 0;
  for (let p = 0; p < pixels.length; p++) {
    const value = pixels[p] as number;
    sum += value;
    squares += value * value;
  }
  return { sums: [sum, sum, sum], products: PAIRS.map(() => squares) };
}
