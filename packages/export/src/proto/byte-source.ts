/** Bytes that are read a piece at a time: of a file, a Blob, a server that knows ranges. */
export interface ByteSource {
  readonly byteLength: number;
  /** Exactly these bytes; both numbers are within the source. */
  read(offset: number, length: number): Promise<Uint8Array>;
}
