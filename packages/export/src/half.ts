import { AlexNetError } from '@alexnet/core';

/** Magnitudes from here on round to infinity; the largest half is 65504. */
const OVERFLOW = 65520;

/** Bits of that float32. */
const OVERFLOW_BITS = 0x477ff000;
const INFINITE_HALF = 0x7c00;
/** Bits of the float32 2⁻¹⁴, the smallest half that is normal. */
const NORMAL_BITS = 0x38800000;
/** Difference of the exponents' biases, 127 − 15, at the place of a float32's exponent. */
const REBIAS = 0x38000000;
/** Adding and taking away 1.5 · 2⁵² rounds a double to a whole number, halves to even. */
const ROUNDER = 1.5 * 2 ** 52;

/**
 * Floats as IEEE 754 halves, rounded to the nearest, ties to even.
 *
 * @param name - for the error
 * @throws AlexNetError `NUMERIC` for numbers that a half cannot hold, with the first of them
 */
export function toHalves(name: string, values: Float32Array): Uint16Array {
  const index = values.findIndex((value) => !(Math.abs(value) < OVERFLOW));
  if (index >= 0) {
    throw new AlexNetError('NUMERIC', {
      message: `${name} has the number ${values[index]} at index ${index}, but the largest of float16 is 65504.`,
      hint: 'Keep it in float32 or int8, or look for the fault in the training: weights are seldom above 10.',
      path: [name],
    });
  }
  return castToHalves(values);
}

/** As {@link toHalves}, and as ONNX's Cast: what a half cannot hold is infinite. */
export function castToHalves(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i++) halves[i] = roundToHalf(bits[i] as number);
  return halves;
}

function roundToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= OVERFLOW_BITS) return sign | INFINITE_HALF;
  if (magnitude >= NORMAL_BITS) {
    const isOdd = (magnitude >>> 13) & 1;
    return sign | ((magnitude - REBIAS + 0xfff + isOdd) >>> 13);
  }
  // A whole number of the smallest steps, 2⁻²⁴; up to 2⁻¹²⁶ a float32 is itself nothing beside them.
  const exponent = magnitude >>> 23;
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const steps = exponent === 0 ? 0 : fraction * 2 ** (exponent - 127 - 23 + 24);
  return sign | (steps + ROUNDER - ROUNDER);
}

/** Halves as floats. @param halves - their bits, or a `Float16Array` */
export function widenHalves(halves: ArrayBufferView): Float32Array {
  const bits = new Uint16Array(halves.buffer, halves.byteOffset, halves.byteLength / 2);
  const values = new Float32Array(bits.length);
  for (let i = 0; i < values.length; i++) values[i] = widenHalf(bits[i] as number);
  return values;
}

/** The number that the bits of an IEEE 754 half stand for. */
export function widenHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  // A shift, where a power would take longer than all the rest.
  return sign * (1024 + fraction) * (1 << exponent) * 2 ** -25;
}
