import { WireType } from './wire-type.ts';

/** Groups within each other; protobuf's own libraries stop at the same depth. */
const MAX_GROUP_DEPTH = 100;

/** The part of some bytes that a message takes. */
export interface WirePart {
  readonly start?: number;
  readonly end?: number;
}

/**
 * Reads values of the protobuf encoding, one after another. Nothing is copied, and nothing is read behind `end`.
 *
 * @see https://protobuf.dev/programming-guides/encoding
 */
export class WireReader {
  readonly bytes: Uint8Array;
  /** Where the next value begins. */
  position: number;
  /** Where the message at hand ends. */
  end: number;
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  /**
   * @param bytes - all there is; positions count from its beginning
   * @param part - which of it is read; all of it unless given
   */
  constructor(bytes: Uint8Array, { start = 0, end = bytes.length }: WirePart = {}) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** @throws RangeError for a number of 0, which no field has */
  tag(): { readonly number: number; readonly wireType: number } {
    const tag = this.uint32();
    if (tag >>> 3 === 0) throw new RangeError('a field has the number 0');
    return { number: tag >>> 3, wireType: tag & 7 };
  }

  /** A length, or a tag. @throws RangeError from 2³² on */
  uint32(): number {
    const value = BigInt.asUintN(64, this.int64());
    if (value > 0xffff_ffffn) throw new RangeError(`${value} is out of range`);
    return Number(value);
  }

  int64(): bigint {
    let low = 0;
    // As a number while it fits in one: nearly all are short.
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      low |= (byte & 127) << shift;
      if (byte < 128) return BigInt(low);
    }
    let bits = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      bits |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, bits);
    }
    throw new RangeError('the number does not end');
  }

  /** As many bytes, as a view. */
  raw(length: number): Uint8Array {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** What a length stands in front of, as a view. */
  delimited(): Uint8Array {
    return this.raw(this.uint32());
  }

  /** @throws TypeError for what is not UTF-8 */
  text(): string {
    return this.utf8.decode(this.delimited());
  }

  /**
   * Passes over a value, and everything in a group.
   *
   * @param number - of the field, which a group's end repeats
   */
  skip(wireType: number, number: number, depth = 0): void {
    switch (wireType) {
      case WireType.varint:
        this.int64();
        return;
      case WireType.fixed64:
        this.advance(8);
        return;
      case WireType.bytes:
        this.advance(this.uint32());
        return;
      case WireType.group:
        this.skipGroup(number, depth + 1);
        return;
      case WireType.fixed32:
        this.advance(4);
        return;
      default:
        throw new RangeError(`wire type ${wireType} is none`);
    }
  }

  private skipGroup(open: number, depth: number): void {
    if (depth > MAX_GROUP_DEPTH) {
      throw new RangeError(`more than ${MAX_GROUP_DEPTH} groups within each other`);
    }
    for (;;) {
      const { number, wireType } = this.tag();
      if (wireType !== WireType.groupEnd) this.skip(wireType, number, depth);
      else if (number === open) return;
      else throw new RangeError(`group ${number} was never opened`);
    }
  }

  private byte(): number {
    const byte = this.position < this.end ? this.bytes[this.position] : undefined;
    if (byte === undefined) throw new RangeError('the number is cut short');
    this.position += 1;
    return byte;
  }

  /** Moves on, and says where it stood. */
  private advance(length: number): number {
    const start = this.position;
    if (length > this.end - start) {
      const end = start + length;
      throw new RangeError(`it should reach to byte ${end}, but the message ends at ${this.end}`);
    }
    this.position = start + length;
    return start;
  }
}
