// Apart from reader and writer: pages read none.

/** A float32, as the encoding has it. */
export function encodeFloat(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

/** @param bytes - four of them */
export function decodeFloat({ buffer, byteOffset }: Uint8Array): number {
  return new DataView(buffer, byteOffset).getFloat32(0, true);
}
