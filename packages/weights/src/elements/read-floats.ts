/** Fills an array with the numbers of another one, from an index on. */
export type ReadFloats = (target: Float32Array, begin: number) => void;

/** Of numbers that are all there. */
export function readingFrom(source: Float32Array): ReadFloats {
  return (target, begin) => target.set(source.subarray(begin, begin + target.length));
}
