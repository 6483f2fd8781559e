import protobuf from 'protobufjs/minimal.js';

/** From this size on, bytes are handed on as they are; shorter ones are cheaper to copy. */
const VIEW_MIN_BYTES = 4096;

/** Wire types of the protobuf encoding. */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Writes protobuf fields into a list of byte parts. Long byte fields become parts of their own, views
 * of the caller's memory, so that 244 MB of weights are never copied.
 *
 * @see https://protobuf.dev/programming-guides/encoding
 */
export class PartWriter {
  private readonly parts: Uint8Array[] = [];
  private partBytes = 0;
  private writer = new protobuf.Writer();

  get byteLength(): number {
    return this.partBytes + this.writer.pos;
  }

  /** Starts a field; its value follows through the writer that comes back. */
  tag(fieldNumber: number, wireType: number): protobuf.Writer {
    return this.writer.uint32((fieldNumber << 3) | wireType);
  }

  bytes(fieldNumber: number, value: Uint8Array): void {
    this.tag(fieldNumber, WireType.bytes).uint32(value.length);
    this.append(value);
  }

  message(fieldNumber: number, writeFields: (inner: PartWriter) => void): void {
    const inner = new PartWriter();
    writeFields(inner);
    this.tag(fieldNumber, WireType.bytes).uint32(inner.byteLength);
    for (const part of inner.finish()) this.append(part);
  }

  /** Everything written so far, to be put one after another. */
  finish(): Uint8Array[] {
    this.flush();
    return this.parts;
  }

  private append(bytes: Uint8Array): void {
    if (bytes.length < VIEW_MIN_BYTES) {
      this.writer.raw(bytes);
      return;
    }
    this.flush();
    this.parts.push(bytes);
    this.partBytes += bytes.length;
  }

  private flush(): void {
    if (this.writer.pos === 0) return;
    const part = this.writer.finish();
    this.parts.push(part);
    this.partBytes += part.length;
    this.writer = new protobuf.Writer();
  }
}
