/** Protobuf's bytes for tests, written by hand: what no library would write as well. */

export function joinBytes(...parts: readonly ArrayLike<number>[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

export function varint(value: number | bigint): Uint8Array {
  const encoded: number[] = [];
  let bits = BigInt.asUintN(64, BigInt(value));
  for (; bits > 127n; bits >>= 7n) encoded.push(Number(bits & 127n) | 128);
  return Uint8Array.from([...encoded, Number(bits)]);
}

export function tag(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}

export function varintField(field: number, value: number | bigint): Uint8Array {
  return joinBytes(tag(field, 0), varint(value));
}

/** A text, packed numbers, or a message of these fields. */
export function bytesField(
  field: number,
  ...content: readonly (Uint8Array | string)[]
): Uint8Array {
  const bytes = joinBytes(
    ...content.map((part) => (typeof part === 'string' ? new TextEncoder().encode(part) : part)),
  );
  return joinBytes(tag(field, 2), varint(bytes.length), bytes);
}

export function floatField(field: number, value: number): Uint8Array {
  return joinBytes(tag(field, 5), floats(value));
}

export function floats(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
