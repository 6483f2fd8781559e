import { AlexNetError } from '@alexnet/core';
import { WireType } from './wire-type.ts';

/** Groups within each other; protobuf's own libraries stop at the same depth. */
const MAX_GROUP_DEPTH = 100;
/** Bytes of the longest varint: 64 bits, seven at a time. */
const MAX_VARINT_BYTES = 10;
/** Bytes of a varint whose value is below 2⁴⁹ and needs no 64-bit arithmetic. */
const SHORT_VARINT_BYTES = 7;

/** The file that a message is part of, for errors. */
interface Origin {
  /** `Caffe model` */
  readonly what: string;
  readonly file: Uint8Array;
}

/**
 * Goes through the fields of a protobuf message, one after another. Nothing is copied, and nothing is kept: a field
 * that nobody asks about costs no memory.
 *
 * Lengths are checked against the message's end before anything else. Whatever is wrong is an
 * {@link AlexNetError} `INVALID_MODEL` that names the field's path and its byte in the file.
 *
 * @see protobuf.dev, "Encoding"
 *
 * @example
 * while (reader.next()) {
 *   if (reader.field === 1) name = reader.text();
 * }
 */
export class MessageReader {
  /** Number of the field at hand. */
  field = 0;
  private wireType = 0;
  private valueStart = 0;
  private valueEnd = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly origin: Origin;
  private readonly path: readonly string[];

  /** @param path - of the message in the file: `layer[3]`, `blobs[0]` */
  private constructor(bytes: Uint8Array, origin: Origin, path: readonly string[]) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.origin = origin;
    this.path = path;
  }

  /** @param what - names the file in errors: `Caffe model` */
  static open(bytes: Uint8Array, what: string): MessageReader {
    // A plain Uint8Array even where a Node Buffer comes in, so that views of it are plain as well.
    const file = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new MessageReader(file, { what, file }, []);
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    this.valueStart = this.valueEnd;
    if (this.valueStart === this.bytes.length) return false;
    this.wireType = this.readTag();
    this.valueEnd = this.findEnd(this.wireType, this.valueStart);
    return true;
  }

  /** From the first field again. */
  rewind(): void {
    this.valueEnd = 0;
  }

  /** Whether the value at hand has a length of its own: a message, a text, or a packed list. */
  get isDelimited(): boolean {
    return this.wireType === WireType.bytes;
  }

  /** A number of up to 64 bits, signed; a count, a size, a code. */
  integer(): number {
    this.expect(WireType.varint);
    return this.safe(this.readVarint(this.valueStart, this.valueEnd).value);
  }

  boolean(): boolean {
    return this.integer() !== 0;
  }

  float(): number {
    this.expect(WireType.fixed32);
    return this.view.getFloat32(this.valueStart, true);
  }

  /** The bytes of a number of fixed length, a view of the file. */
  fixed(length: 4 | 8): Uint8Array {
    this.expect(length === 4 ? WireType.fixed32 : WireType.fixed64);
    return this.bytes.subarray(this.valueStart, this.valueEnd);
  }

  /** An unsigned 32-bit number of fixed length. */
  fixed32(): number {
    this.expect(WireType.fixed32);
    return this.view.getUint32(this.valueStart, true);
  }

  /** A view of the file. */
  content(): Uint8Array {
    this.expect(WireType.bytes);
    return this.bytes.subarray(this.valueStart, this.valueEnd);
  }

  text(): string {
    return new TextDecoder().decode(this.content());
  }

  /** @param name - of the field, for errors: `layer[3]` */
  message(name: string): MessageReader {
    return new MessageReader(this.content(), this.origin, [...this.path, name]);
  }

  /**
   * Adds the value at hand to a list of numbers, many at once if they are packed.
   *
   * @param limit - the longest list
   */
  appendIntegers(list: number[], limit: number): void {
    let position = this.valueStart;
    if (!this.isDelimited) this.expect(WireType.varint);
    while (position < this.valueEnd) {
      const { value, end } = this.readVarint(position, this.valueEnd);
      if (list.length >= limit) throw this.fault(`a list of more than ${limit} numbers`);
      list.push(this.safe(value));
      position = end;
    }
  }

  /**
   * What is wrong with the value at hand.
   *
   * @param reason - the second half of a sentence: `its length is -1`
   */
  fault(reason: string, name?: string): AlexNetError {
    const path = name === undefined ? this.path : [...this.path, name];
    const { file, what } = this.origin;
    const place = path.length === 0 ? 'the file' : path.join('.');
    const offset = this.bytes.byteOffset - file.byteOffset + this.valueStart;
    return new AlexNetError('INVALID_MODEL', {
      message: `This is not a readable ${what}: ${place}, at byte ${offset} of ${file.length}: ${reason}.`,
      hint: 'The file is damaged, cut short, or of another kind. Compare its size with the original.',
      path: [...path].reverse(),
    });
  }

  private expect(wireType: number): void {
    if (this.wireType === wireType) return;
    throw this.fault(`field ${this.field} has wire type ${this.wireType} in place of ${wireType}`);
  }

  private safe(value: number | bigint): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw this.fault(`${value} is out of range`);
    return number;
  }

  /** Reads field number and wire type, and stands before the value. */
  private readTag(): number {
    const { value, end } = this.readVarint(this.valueStart, this.bytes.length);
    const tag = Number(value);
    const field = Math.floor(tag / 8);
    if (tag < 0 || tag >= 2 ** 32 || field === 0) throw this.fault(`${value} is no field`);
    this.field = field;
    this.valueStart = end;
    return tag % 8;
  }

  private findEnd(wireType: number, start: number): number {
    switch (wireType) {
      case WireType.varint:
        return this.readVarint(start, this.bytes.length).end;
      case WireType.fixed64:
        return this.within(start + 8);
      case WireType.fixed32:
        return this.within(start + 4);
      case WireType.bytes: {
        const { value, end } = this.readVarint(start, this.bytes.length);
        const length = typeof value === 'bigint' ? Number(BigInt.asUintN(64, value)) : value;
        this.valueStart = end;
        return this.within(end + length);
      }
      case WireType.startGroup:
        return this.skipGroup(start);
      default:
        throw this.fault(`field ${this.field} has wire type ${wireType}, which is none`);
    }
  }

  private within(end: number): number {
    if (end <= this.bytes.length) return end;
    const offset = this.bytes.byteOffset - this.origin.file.byteOffset;
    throw this.fault(
      `field ${this.field} should reach to byte ${offset + end}, but the message ends at ${offset + this.bytes.length}`,
    );
  }

  /** Behind the end of the group that starts here; a loop, not a recursion: groups nest as deep as a file likes. */
  private skipGroup(start: number): number {
    const open = [this.field];
    let position = start;
    while (open.length > 0) {
      if (open.length > MAX_GROUP_DEPTH) {
        throw this.fault(`more than ${MAX_GROUP_DEPTH} groups within each other`);
      }
      this.valueStart = position;
      const wireType = this.readTag();
      position = this.valueStart;
      if (wireType === WireType.startGroup) open.push(this.field);
      else if (wireType !== WireType.endGroup) position = this.findEnd(wireType, position);
      else if (open.pop() !== this.field) throw this.fault(`group ${this.field} was never opened`);
    }
    return position;
  }

  /** A bigint only where a number would lose bits. */
  private readVarint(start: number, limit: number): { value: number | bigint; end: number } {
    const end = this.findVarintEnd(start, limit);
    if (end - start <= SHORT_VARINT_BYTES) {
      let value = 0;
      for (let i = end - 1; i >= start; i--) value = value * 128 + ((this.bytes[i] ?? 0) & 127);
      return { value, end };
    }
    let bits = 0n;
    for (let i = end - 1; i >= start; i--) bits = bits * 128n + BigInt((this.bytes[i] ?? 0) & 127);
    return { value: BigInt.asIntN(64, bits), end };
  }

  private findVarintEnd(start: number, limit: number): number {
    for (let i = start; i < limit && i < start + MAX_VARINT_BYTES; i++) {
      if ((this.bytes[i] ?? 0) < 128) return i + 1;
    }
    const isCut = limit - start < MAX_VARINT_BYTES;
    throw this.fault(isCut ? 'a number is cut short' : 'a number does not end');
  }
}
