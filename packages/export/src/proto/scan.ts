import { WireType, WireWriter } from '@alexnet/core/protobuf';
import type { ByteSource } from './byte-source.ts';
import { MAX_FIELDS } from './source.ts';

/**
 * Which fields of a message to read, by number; those that are messages of which only a part is wanted, with that, and
 * those that are passed over where they are long, with the most bytes that are read.
 */
export type Scan = ReadonlyMap<number, Scan | 'whole' | number>;

/** What is read at once where only a number is wanted. */
const WINDOW_BYTES = 4096;
const MAX_VARINT_BYTES = 10;

/**
 * Reads of a long message only some fields, and passes over the others: weights of hundreds of megabytes are skipped
 * by their length.
 */
export class Scanner {
  /** Where in the source it stands. */
  position = 0;
  private readonly source: ByteSource;
  private window: Uint8Array = new Uint8Array();
  private windowStart = 0;
  private fieldCount = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  /**
   * @param end - of the message, which begins at `position` without a length before it
   * @returns the same message without the other fields, to be decoded in the ordinary way
   * @throws RangeError where lengths do not fit; what the source throws
   */
  async scan(fields: Scan, end: number): Promise<Uint8Array> {
    const writer = new WireWriter();
    while (this.position < end) {
      this.fieldCount += 1;
      if (this.fieldCount > MAX_FIELDS) throw new RangeError(`more than ${MAX_FIELDS} fields`);
      const tag = await this.readVarint(end);
      const wireType = tag % 8;
      const length = await this.readLength(wireType, end);
      const wanted = fields.get(Math.floor(tag / 8));
      const isLong = typeof wanted === 'number' && length > wanted;
      if (wanted === undefined || isLong) this.position += length;
      else if (wireType === WireType.bytes) {
        const isPart = typeof wanted === 'object';
        const value = isPart
          ? await this.scan(wanted, this.position + length)
          : await this.take(length);
        writer.uint32(tag).delimited(value);
      } else writer.uint32(tag).raw(await this.take(length));
    }
    return writer.finish();
  }

  /** Of the field's value, behind its tag. */
  private async readLength(wireType: number, end: number): Promise<number> {
    const length = await this.measure(wireType, end);
    if (length <= end - this.position) return length;
    throw new RangeError(`it should reach to byte ${this.position + length}`);
  }

  private async measure(wireType: number, end: number): Promise<number> {
    switch (wireType) {
      case WireType.varint: {
        const start = this.position;
        await this.readVarint(end);
        const length = this.position - start;
        this.position = start;
        return length;
      }
      case WireType.fixed64:
        return 8;
      case WireType.bytes:
        return this.readVarint(end);
      case WireType.fixed32:
        return 4;
      default:
        throw new RangeError(`wire type ${wireType}, which ONNX does not use`);
    }
  }

  private async readVarint(end: number): Promise<number> {
    const bytes = await this.look(Math.min(MAX_VARINT_BYTES, end - this.position));
    let value = 0;
    for (const [index, byte] of bytes.entries()) {
      value += (byte & 127) * 2 ** (7 * index);
      if (byte >= 128) continue;
      this.position += index + 1;
      return value;
    }
    throw new RangeError('a number does not end');
  }

  private async take(length: number): Promise<Uint8Array> {
    const bytes = await this.look(length);
    this.position += length;
    return bytes;
  }

  /** The next bytes; they are there. */
  private async look(length: number): Promise<Uint8Array> {
    const start = this.position - this.windowStart;
    if (start >= 0 && start + length <= this.window.length) {
      return this.window.subarray(start, start + length);
    }
    const left = this.source.byteLength - this.position;
    const window = await this.source.read(
      this.position,
      Math.min(left, Math.max(length, WINDOW_BYTES)),
    );
    this.window = window;
    this.windowStart = this.position;
    return window.subarray(0, length);
  }
}
