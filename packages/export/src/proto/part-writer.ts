import { WireType, WireWriter } from '@alexnet/core/protobuf';

/** From this size on, bytes are handed on as they are; shorter ones are cheaper to copy. */
const VIEW_MIN_BYTES = 4096;

/**
 * Writes protobuf fields into a list of byte parts. Long byte fields become parts of their own, views
 * of the caller's memory, so that 244 MB of weights are never copied.
 *
 * @see https://protobuf.dev/programming-guides/encoding
 */
export class PartWriter {
  private readonly parts: Uint8Array[] = [];
  private partBytes = 0;
  private writer = new WireWriter();

  get byteLength(): number {
    return this.partBytes + this.writer.byteLength;
  }

  /** Starts a field; its value follows through the writer that comes back. */
  tag(fieldNumber: number, wireType: number): WireWriter {
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
    if (this.writer.byteLength === 0) return;
    const part = this.writer.finish();
    this.parts.push(part);
    this.partBytes += part.length;
    this.writer = new WireWriter();
  }
}
