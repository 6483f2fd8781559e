import type { ReadFloats } from './read-floats.ts';

/** Outputs that are moved together: four cache lines of each row. */
const OUTPUTS = 64;
/** Numbers of each of them that are gathered before they are written: 64 kB in all, which stay in the cache. */
const GATHERED = 256;

/**
 * Turns [P, I, O] into [O, I, P]: HWIO into OIHW with P = H · W, a matrix into its transpose with P = 1.
 *
 * The source is read by some inputs at a time, so that it need not be there as a whole.
 */
export function transposeInto(
  read: ReadFloats,
  target: Float32Array,
  [P, I, O]: readonly [number, number, number],
): void {
  const inputs = Math.min(I, Math.max(1, Math.floor(GATHERED / Math.max(1, P))));
  const rows = new Float32Array(P * inputs * O);
  const gathered = new Float32Array(Math.min(OUTPUTS, O) * inputs * P);
  for (let first = 0; first < I; first += inputs) {
    const count = Math.min(inputs, I - first);
    for (let p = 0; p < P; p += 1) {
      read(rows.subarray(p * count * O, (p + 1) * count * O), (p * I + first) * O);
    }
    for (let begin = 0; begin < O; begin += OUTPUTS) {
      const end = Math.min(begin + OUTPUTS, O);
      gather(rows, gathered, { P, O, count, begin, end });
      for (let output = begin; output < end; output += 1) {
        const from = (output - begin) * count * P;
        target.set(gathered.subarray(from, from + count * P), (output * I + first) * P);
      }
    }
  }
}

interface Block {
  readonly P: number;
  readonly O: number;
  /** Inputs that are there. */
  readonly count: number;
  readonly begin: number;
  readonly end: number;
}

/** [P, count, O] into [end − begin, count, P]. */
function gather(
  rows: Float32Array,
  gathered: Float32Array,
  { P, O, count, begin, end }: Block,
): void {
  for (let p = 0; p < P; p += 1) {
    for (let i = 0; i < count; i += 1) {
      const row = (p * count + i) * O;
      let to = i * P + p;
      for (let output = begin; output < end; output += 1) {
        gathered[to] = rows[row + output] ?? 0;
        to += count * P;
      }
    }
  }
}

/** Turns each row of a matrix from [P, I] into [I, P]: channels last into channels first. */
export function turnRows(
  source: Float32Array,
  [rows, P, I]: readonly [number, number, number],
): Float32Array {
  const turned = new Float32Array(source.length);
  for (let begin = 0; begin < rows * P * I; begin += P * I) {
    for (let p = 0; p < P; p += 1) {
      for (let i = 0; i < I; i += 1) {
        turned[begin + i * P + p] = source[begin + p * I + i] ?? 0;
      }
    }
  }
  return turned;
}
