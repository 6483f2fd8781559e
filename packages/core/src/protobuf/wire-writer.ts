const FIRST_BYTES = 256;

/**
 * Writes values of the protobuf encoding, one after another.
 *
 * @see https://protobuf.dev/programming-guides/encoding
 */
export class WireWriter {
  private bytes = new Uint8Array(FIRST_BYTES);
  private length = 0;
  private readonly utf8 = new TextEncoder();

  get byteLength(): number {
    return this.length;
  }

  uint32(value: number): this {
    const start = this.reserve(5);
    let at = start;
    let bits = value >>> 0;
    for (; bits > 127; bits >>>= 7) this.bytes[at++] = (bits & 127) | 128;
    this.bytes[at++] = bits;
    this.length = at;
    return this;
  }

  /** Two's complement: a negative number takes ten bytes. */
  int64(value: bigint): this {
    let at = this.reserve(10);
    let bits = BigInt.asUintN(64, value);
    for (; bits > 127n; bits >>= 7n) this.bytes[at++] = Number(bits & 127n) | 128;
    this.bytes[at++] = Number(bits);
    this.length = at;
    return this;
  }

  text(value: string): this {
    return this.delimited(this.utf8.encode(value));
  }

  /** Bytes with their length in front. */
  delimited(value: Uint8Array): this {
    return this.uint32(value.length).raw(value);
  }

  raw(value: Uint8Array): this {
    const at = this.reserve(value.length);
    this.bytes.set(value, at);
    this.length = at + value.length;
    return this;
  }

  /** Everything so far; the writer is not to be used again. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Makes room. @returns where it begins */
  private reserve(length: number): number {
    const needed = this.length + length;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    return this.length;
  }
}
