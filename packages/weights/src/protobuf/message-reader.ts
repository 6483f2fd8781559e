import { AlexNetError } from '@alexnet/core';
import { decodeFloat, WireReader, WireType } from '@alexnet/core/protobuf';

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
  /** Where the value at hand begins in the file, behind the length that it may have. */
  private valueStart: number;
  private valueEnd: number;
  private readonly start: number;
  private readonly wire: WireReader;
  private readonly origin: Origin;
  private readonly path: readonly string[];

  /**
   * @param wire - stands before the message
   * @param path - of the message in the file: `layer[3]`, `blobs[0]`
   */
  private constructor(wire: WireReader, origin: Origin, path: readonly string[]) {
    this.wire = wire;
    this.start = wire.position;
    this.valueStart = wire.position;
    this.valueEnd = wire.position;
    this.origin = origin;
    this.path = path;
  }

  /** @param what - names the file in errors: `Caffe model` */
  static open(bytes: Uint8Array, what: string): MessageReader {
    // A plain Uint8Array even where a Node Buffer comes in, so that views of it are plain as well.
    const file = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new MessageReader(new WireReader(file), { what, file }, []);
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    const { wire } = this;
    this.valueStart = this.valueEnd;
    if (this.valueStart === wire.end) return false;
    wire.position = this.valueStart;
    try {
      const { number, wireType } = wire.tag();
      this.field = number;
      this.wireType = wireType;
      this.valueStart = wire.position;
      if (wireType === WireType.bytes) {
        const { length } = wire.delimited();
        this.valueStart = wire.position - length;
      } else wire.skip(wireType, number);
    } catch (error) {
      throw this.blame(error);
    }
    this.valueEnd = wire.position;
    return true;
  }

  /** From the first field again. */
  rewind(): void {
    this.valueEnd = this.start;
  }

  /** Whether the value at hand has a length of its own: a message, a text, or a packed list. */
  get isDelimited(): boolean {
    return this.wireType === WireType.bytes;
  }

  /** A number of up to 64 bits, signed; a count, a size, a code. */
  integer(): number {
    this.expect(WireType.varint);
    return this.readInteger(this.part());
  }

  boolean(): boolean {
    return this.integer() !== 0;
  }

  float(): number {
    return decodeFloat(this.fixed(4));
  }

  /** The bytes of a number of fixed length, a view of the file. */
  fixed(length: 4 | 8): Uint8Array {
    this.expect(length === 4 ? WireType.fixed32 : WireType.fixed64);
    return this.view();
  }

  /** An unsigned 32-bit number of fixed length. */
  fixed32(): number {
    const { buffer, byteOffset } = this.fixed(4);
    return new DataView(buffer, byteOffset).getUint32(0, true);
  }

  /** A view of the file. */
  content(): Uint8Array {
    this.expect(WireType.bytes);
    return this.view();
  }

  text(): string {
    return new TextDecoder().decode(this.content());
  }

  /** @param name - of the field, for errors: `layer[3]` */
  message(name: string): MessageReader {
    this.expect(WireType.bytes);
    return new MessageReader(this.part(), this.origin, [...this.path, name]);
  }

  /**
   * Adds the value at hand to a list of numbers, many at once if they are packed.
   *
   * @param limit - the longest list
   */
  appendIntegers(list: number[], limit: number): void {
    if (!this.isDelimited) this.expect(WireType.varint);
    const numbers = this.part();
    while (numbers.position < numbers.end) {
      if (list.length >= limit) throw this.fault(`a list of more than ${limit} numbers`);
      list.push(this.readInteger(numbers));
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
    return new AlexNetError('INVALID_MODEL', {
      message: `This is not a readable ${what}: ${place}, at byte ${this.valueStart} of ${file.length}: ${reason}.`,
      hint: 'The file is damaged, cut short, or of another kind. Compare its size with the original.',
      path: [...path].reverse(),
    });
  }

  private expect(wireType: number): void {
    if (this.wireType === wireType) return;
    throw this.fault(`field ${this.field} has wire type ${this.wireType} in place of ${wireType}`);
  }

  /** The value at hand, to be read by itself. */
  private part(): WireReader {
    return new WireReader(this.wire.bytes, { start: this.valueStart, end: this.valueEnd });
  }

  private view(): Uint8Array {
    return this.wire.bytes.subarray(this.valueStart, this.valueEnd);
  }

  private readInteger(numbers: WireReader): number {
    try {
      const value = numbers.int64();
      const number = Number(value);
      if (Number.isSafeInteger(number)) return number;
      throw new RangeError(`${value} is out of range`);
    } catch (error) {
      throw this.blame(error);
    }
  }

  /** What the encoding's reader says, with the place. */
  private blame(error: unknown): unknown {
    return error instanceof RangeError ? this.fault(error.message) : error;
  }
}
