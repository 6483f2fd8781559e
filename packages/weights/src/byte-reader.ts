import { damagedFile } from './file-error.ts';

const LINE_FEED = 0x0a;

/**
 * A cursor over the bytes of a file. Each step names what it reads, and is checked against what is left
 * before anything is made of it. Numbers are little-endian unless their name says otherwise.
 *
 * Every method that reads throws {@link AlexNetError} `INVALID_MODEL` where the bytes do not suffice.
 */
export class ByteReader {
  /** Of the whole source; a plain Uint8Array even where a Node Buffer came in. */
  readonly bytes: Uint8Array;
  /** Which part of which file, for messages. */
  readonly place: string;
  private readonly view: DataView;
  private position = 0;

  constructor(bytes: Uint8Array, place: string) {
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.place = place;
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.position;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  /** Goes to an offset, which may be the very end. */
  seek(offset: number, field: string): void {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.bytes.length) {
      throw damagedFile(
        this.place,
        `${field} is said to lie at byte ${offset} of ${this.bytes.length}`,
      );
    }
    this.position = offset;
  }

  skip(count: number, field: string): void {
    this.advance(count, field);
  }

  /** The next bytes, as a view. */
  take(count: number, field: string): Uint8Array {
    const begin = this.advance(count, field);
    return this.bytes.subarray(begin, begin + count);
  }

  uint8(field: string): number {
    return this.view.getUint8(this.advance(1, field));
  }

  uint16(field: string): number {
    return this.view.getUint16(this.advance(2, field), true);
  }

  uint32(field: string): number {
    return this.view.getUint32(this.advance(4, field), true);
  }

  int32(field: string): number {
    return this.view.getInt32(this.advance(4, field), true);
  }

  /** Refuses what no offset or length can be: 2⁵³ and above. */
  uint64(field: string): number {
    const value = this.view.getBigUint64(this.advance(8, field), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw damagedFile(this.place, `${field} is ${value}, more than any file holds`);
    }
    return Number(value);
  }

  float64BigEndian(field: string): number {
    return this.view.getFloat64(this.advance(8, field), false);
  }

  /**
   * The bytes up to the next line feed, as a view; the line feed is passed over.
   *
   * @param limit - longest line that is read
   */
  line(field: string, limit: number): Uint8Array {
    const begin = this.position;
    const end = this.bytes.subarray(begin, begin + limit + 1).indexOf(LINE_FEED);
    if (end < 0) {
      throw damagedFile(
        this.place,
        `${field} at byte ${begin} has no end within ${Math.min(limit, this.remaining)} bytes`,
      );
    }
    this.position = begin + end + 1;
    return this.bytes.subarray(begin, begin + end);
  }

  private advance(count: number, field: string): number {
    if (!Number.isSafeInteger(count) || count < 0 || count > this.remaining) {
      throw damagedFile(
        this.place,
        `${field} at byte ${this.position} needs ${count} bytes, but ${this.remaining} are left`,
      );
    }
    const begin = this.position;
    this.position += count;
    return begin;
  }
}
