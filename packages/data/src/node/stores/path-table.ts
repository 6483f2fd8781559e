import { AlexNetError } from '@alexnet/core';

/** Offsets are 32 bits wide. */
const MAX_BYTES = 2 ** 32 - 1;
const FIRST_BYTES = 4096;

/**
 * Paths of files, `/` between folders, in one block of UTF-8: a million take the memory of their letters.
 */
export class PathTable {
  readonly #bytes: Buffer;
  /** [length + 1]: where each path begins, and the last one ends. */
  readonly #offsets: Uint32Array;

  constructor(bytes: Uint8Array, offsets: Uint32Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#offsets = offsets;
  }

  get length(): number {
    return this.#offsets.length - 1;
  }

  at(index: number): string {
    return this.#bytes.toString('utf8', this.#offsets[index], this.#offsets[index + 1]);
  }

  *[Symbol.iterator](): Generator<string, void, undefined> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }

  /** Indices in the order of the paths' bytes, which is that of their code points. */
  order(): Uint32Array {
    const indices = Uint32Array.from({ length: this.length }, (_, index) => index);
    return this.#isInOrder() ? indices : indices.sort((a, b) => this.#compare(a, b) || a - b);
  }

  /** Some of the paths, in the order given. */
  select(indices: Uint32Array): PathTable {
    if (indices.length === this.length && indices.every((index, place) => index === place)) {
      return this;
    }
    const offsets = new Uint32Array(indices.length + 1);
    indices.forEach((index, place) => {
      const length = (this.#offsets[index + 1] ?? 0) - (this.#offsets[index] ?? 0);
      offsets[place + 1] = (offsets[place] ?? 0) + length;
    });
    const bytes = Buffer.allocUnsafe(offsets[indices.length] ?? 0);
    indices.forEach((index, place) => {
      this.#bytes.copy(bytes, offsets[place], this.#offsets[index], this.#offsets[index + 1]);
    });
    return new PathTable(bytes, offsets);
  }

  /** Whether two paths are the same. */
  isSame(a: number, b: number): boolean {
    return this.#compare(a, b) === 0;
  }

  #isInOrder(): boolean {
    for (let index = 1; index < this.length; index++) {
      if (this.#compare(index - 1, index) > 0) return false;
    }
    return true;
  }

  #compare(a: number, b: number): number {
    const offsets = this.#offsets;
    return this.#bytes.compare(this.#bytes, offsets[b], offsets[b + 1], offsets[a], offsets[a + 1]);
  }
}

/** Collects paths one by one. */
export class PathTableBuilder {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #used = 0;
  #offsets = new Uint32Array(FIRST_BYTES);
  #count = 0;

  get length(): number {
    return this.#count;
  }

  /**
   * @throws {@link AlexNetError} `INVALID_DATASET` beyond 4 GiB of letters
   */
  add(path: string): void {
    const most = this.#used + 3 * path.length;
    if (most > this.#bytes.length) this.#growBytes(most);
    this.#used += this.#bytes.write(path, this.#used, 'utf8');
    this.#count += 1;
    if (this.#count === this.#offsets.length) this.#growOffsets();
    this.#offsets[this.#count] = this.#used;
  }

  /** What was added, in that order. */
  build(): PathTable {
    return new PathTable(
      Buffer.from(this.#bytes.subarray(0, this.#used)),
      this.#offsets.slice(0, this.#count + 1),
    );
  }

  #growBytes(most: number): void {
    if (most > MAX_BYTES) {
      throw new AlexNetError('INVALID_DATASET', {
        message: `The names of the first ${this.#count} files take 4 GiB: there are too many of them.`,
        hint: 'Give a smaller part of the data set.',
      });
    }
    const grown = Buffer.allocUnsafe(Math.min(MAX_BYTES, Math.max(most, 2 * this.#bytes.length)));
    this.#bytes.copy(grown, 0, 0, this.#used);
    this.#bytes = grown;
  }

  #growOffsets(): void {
    const grown = new Uint32Array(2 * this.#offsets.length);
    grown.set(this.#offsets);
    this.#offsets = grown;
  }
}
