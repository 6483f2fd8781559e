import type { ResampleWeights } from '../../resize/resample-weights.ts';
import { RGB } from './rows.ts';
import { findFactor, splitPair, type WeightRecords } from './sample-records.ts';

/** Bytes of a record's part of a row, and of the two halves that it is made in. */
const PART = 8;
const HALF = 4;
/** What a kernel loads at once. */
const REACH = 16;
/** No byte of those loaded: it gives 0. */
const NONE = 255;
const MOST_SAMPLES = 4;
const RECORD_BYTES = 176;
/** Behind the head, what is known of a half: the order of its bytes and four groups of weights. */
const HEAD_BYTES = 16;
const HALF_BYTES = 80;

/**
 * A record for each eight bytes of a row, as resampleNearRows takes it.
 *
 * @returns `null` where samples lie too far from each other for it, or are too many
 */
export function createNearRecords(weights: ResampleWeights): WeightRecords | null {
  const width = weights.starts.length;
  const rowBytes = RGB * width;
  if (rowBytes < PART || weights.counts.some((count) => count > MOST_SAMPLES)) return null;
  const factors = Array.from({ length: width }, (_, i) => findNearFactor(weights, i));
  const count = Math.ceil(rowBytes / PART);
  const values = new Int32Array((count * RECORD_BYTES) / 4);
  for (let i = 0; i < count; i++) {
    // The last part ends with the row, over what the one before it wrote.
    const to = Math.min(i * PART, rowBytes - PART);
    const record = values.subarray((i * RECORD_BYTES) / 4, ((i + 1) * RECORD_BYTES) / 4);
    record[0] = to;
    if (!writeBlend(record, { weights, factors, to }) && !writeMix(record, { weights, to })) {
      return null;
    }
  }
  return { values, recordBytes: RECORD_BYTES };
}

/** A single sample is its own blend. */
function findNearFactor(weights: ResampleWeights, i: number): number | null {
  const count = weights.counts[i];
  if (count === 1) return 0;
  return count === 2 ? findFactor(weights, i) : null;
}

/** @returns whether all of them are blends */
function writeBlend(
  record: Int32Array,
  {
    weights: { starts, counts },
    factors,
    to,
  }: {
    readonly weights: ResampleWeights;
    readonly factors: readonly (number | null)[];
    readonly to: number;
  },
): boolean {
  const order = new Uint8Array(record.buffer, record.byteOffset + HEAD_BYTES, 2 * PART);
  const scales = new Int16Array(record.buffer, record.byteOffset + HEAD_BYTES + 2 * PART, PART);
  const first = RGB * (starts[pixelOf(to)] as number);
  for (let i = 0; i < PART; i++) {
    const pixel = pixelOf(to + i);
    const factor = factors[pixel];
    if (factor === null || factor === undefined) return false;
    const at = RGB * (starts[pixel] as number) + ((to + i) % RGB) - first;
    const second = counts[pixel] === 1 ? at : at + RGB;
    if (second >= REACH) return false;
    order[i] = at;
    order[PART + i] = second;
    scales[i] = factor;
  }
  record[1] = 1;
  record[2] = first;
  return true;
}

/** @returns whether all their samples lie near enough */
function writeMix(
  record: Int32Array,
  { weights, to }: { readonly weights: ResampleWeights; readonly to: number },
): boolean {
  const { starts, counts, stride, values } = weights;
  record[1] = 0;
  for (let half = 0; half < PART / HALF; half++) {
    const start = to + half * HALF;
    const place = HEAD_BYTES + half * HALF_BYTES;
    const order = new Uint8Array(record.buffer, record.byteOffset + place, REACH).fill(NONE);
    const first = RGB * (starts[pixelOf(start)] as number);
    record[2 + half] = first;
    for (let i = 0; i < HALF; i++) {
      const pixel = pixelOf(start + i);
      const count = counts[pixel] as number;
      const from = pixel * stride;
      const at = RGB * (starts[pixel] as number) + ((start + i) % RGB) - first;
      if (at + RGB >= REACH) return false;
      order[4 * i] = at;
      order[4 * i + 2] = at + RGB;
      for (let k = 0; k < count; k += 2) {
        const second = k + 1 < count ? (values[from + k + 1] as number) : 0;
        const pair = splitPair(values[from + k] as number, second);
        record[(place + REACH * (1 + k)) / 4 + i] = pair.upper;
        record[(place + REACH * (2 + k)) / 4 + i] = pair.lower;
      }
    }
  }
  return true;
}

function pixelOf(byte: number): number {
  return Math.floor(byte / RGB);
}
