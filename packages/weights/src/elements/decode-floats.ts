import { type ByteOrder, ELEMENT_BYTES, type ElementType } from './element-type.ts';

/**
 * Numbers of a file as float32: a view where they are little-endian float32 at a multiple of four bytes,
 * else new. Integers beyond 2²⁴ and float64 are rounded.
 *
 * @param bytes - whole elements, one after another
 */
export function decodeFloats(
  bytes: Uint8Array,
  type: ElementType,
  byteOrder: ByteOrder = 'little',
): Float32Array {
  const size = ELEMENT_BYTES[type];
  const count = bytes.length / size;
  const isSwapped = byteOrder === 'big' && size > 1;
  const isAligned = bytes.byteOffset % size === 0;
  const own = isSwapped ? swapBytes(bytes, size) : isAligned ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset } = own;
  switch (type) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, count);
    case 'float64':
      return new Float32Array(new Float64Array(buffer, byteOffset, count));
    case 'float16':
      return decodeHalf(new Uint16Array(buffer, byteOffset, count));
    case 'bfloat16':
      return decodeBfloat16(new Uint16Array(buffer, byteOffset, count));
    case 'int8':
      return new Float32Array(new Int8Array(buffer, byteOffset, count));
    case 'uint8':
      return new Float32Array(own);
    case 'bool':
      return mapFloats(own, (byte) => (byte === 0 ? 0 : 1));
    case 'int16':
      return new Float32Array(new Int16Array(buffer, byteOffset, count));
    case 'uint16':
      return new Float32Array(new Uint16Array(buffer, byteOffset, count));
    case 'int32':
      return new Float32Array(new Int32Array(buffer, byteOffset, count));
    case 'uint32':
      return new Float32Array(new Uint32Array(buffer, byteOffset, count));
    case 'int64':
      return mapFloats(new BigInt64Array(buffer, byteOffset, count), Number);
    case 'uint64':
      return mapFloats(new BigUint64Array(buffer, byteOffset, count), Number);
    default:
      return type satisfies never;
  }
}

/** Fills an array with numbers of a file, {@link decodeFloats}, without another copy where they are float32. */
export function decodeFloatsInto(
  target: Float32Array,
  bytes: Uint8Array,
  { type, byteOrder = 'little' }: { readonly type: ElementType; readonly byteOrder?: ByteOrder },
): void {
  if (type === 'float32' && byteOrder === 'little') {
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes);
  } else target.set(decodeFloats(bytes, type, byteOrder));
}

/** Like `Float32Array.from`, which would make a list of all the numbers first. */
function mapFloats<Element>(
  elements: ArrayLike<Element>,
  toNumber: (element: Element) => number,
): Float32Array {
  const floats = new Float32Array(elements.length);
  for (let index = 0; index < elements.length; index += 1) {
    const element = elements[index];
    if (element !== undefined) floats[index] = toNumber(element);
  }
  return floats;
}

/** A copy with the bytes of each element the other way round. */
function swapBytes(bytes: Uint8Array, size: number): Uint8Array {
  const swapped = new Uint8Array(bytes.length);
  for (let begin = 0; begin < bytes.length; begin += size) {
    for (let index = 0; index < size; index += 1) {
      swapped[begin + index] = bytes[begin + size - 1 - index] ?? 0;
    }
  }
  return swapped;
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function decodeHalf(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  const floats = new Float32Array(bits.buffer);
  for (let index = 0; index < halves.length; index += 1) {
    const half = halves[index] ?? 0;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) {
      const magnitude = fraction / 2 ** 24;
      floats[index] = sign === 0 ? magnitude : -magnitude;
    } else {
      const wide = exponent === 0x1f ? 0xff : exponent + 112;
      bits[index] = sign | (wide << 23) | (fraction << 13);
    }
  }
  return floats;
}

/** The upper half of a float32. */
function decodeBfloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let index = 0; index < halves.length; index += 1) bits[index] = (halves[index] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}
