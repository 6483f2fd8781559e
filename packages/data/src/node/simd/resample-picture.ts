import type { Picture } from '../../picture/picture.ts';
import type { ResamplePlan } from '../../resize/resample.ts';
import type { ResampleWeights } from '../../resize/resample-weights.ts';
import type { KernelMemory } from './kernel-memory.ts';
import { bringRows, RGB, type Rows, takePicture } from './rows.ts';
import type { WeightCache } from './weight-cache.ts';

/** What resizing goes by besides the picture. */
export interface Resources {
  readonly memory: KernelMemory;
  readonly cache: WeightCache;
}

/** Carries out a plan of at least one pass. The result lies in the kernels' memory. */
export function resamplePicture(
  picture: Picture,
  plan: ResamplePlan,
  resources: Resources,
): Picture {
  const { horizontal, vertical, area, isVerticalFirst } = plan;
  let rows = bringRows(picture, area, resources.memory);
  if (vertical && (isVerticalFirst || !horizontal)) rows = runColumns(rows, vertical, resources);
  if (horizontal) rows = runRows(rows, horizontal, resources);
  if (vertical && horizontal && !isVerticalFirst) rows = runColumns(rows, vertical, resources);
  return takePicture(rows, picture.channels, resources.memory);
}

function runRows(rows: Rows, weights: ResampleWeights, { memory, cache }: Resources): Rows {
  const { at, stride, height } = rows;
  const width = weights.starts.length;
  const length = width * RGB;
  const near = cache.nearRows(weights);
  const { values, recordBytes } = near ?? cache.rows(weights);
  const records = bringRecords(values, memory);
  // The kernel that takes all weights works on four rows at a time.
  const out = memory.reserve(length * (height + 3));
  if (near) {
    const count = values.byteLength / recordBytes;
    const { resampleNearRows } = memory.kernels;
    resampleNearRows(at, stride, height, records, recordBytes, count, out, length);
  } else {
    memory.kernels.resampleRows(at, stride, height, records, recordBytes, width, out, length);
  }
  return { at: out, stride: length, width, height };
}

function runColumns(rows: Rows, weights: ResampleWeights, { memory, cache }: Resources): Rows {
  const { at, stride, width } = rows;
  const height = weights.starts.length;
  const length = width * RGB;
  const { values, recordBytes } = cache.columns(weights);
  const records = bringRecords(values, memory);
  const out = memory.reserve(length * height);
  memory.kernels.resampleColumns(at, stride, length, records, recordBytes, height, out);
  return { at: out, stride: length, width, height };
}

function bringRecords(values: Int32Array, memory: KernelMemory): number {
  const at = memory.reserve(values.byteLength);
  memory.integers(at, values.length).set(values);
  return at;
}
