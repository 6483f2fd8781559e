import type { ConvGeometry } from './conv-geometry.ts';
import { createFourierAxis, type FourierAxis } from './fourier-axis.ts';

/** Both axes of a convolution through the Fourier transform. */
export interface FourierPlan {
  /** Down the map. */
  readonly rows: FourierAxis;
  /** Across the map. */
  readonly columns: FourierAxis;
  /**
   * Points across the map, chunk by chunk. The weights at all points are several times the kernels: where they
   * are many, a chunk of them is made, used while it is still in the cache, and forgotten.
   */
  readonly chunks: readonly number[];
}

/** Room of the weights at the points of a chunk, about. */
const CHUNK_BYTES = 2 ** 22;

export function planFourier(geometry: ConvGeometry): FourierPlan {
  const { x, kernel, pads } = geometry;
  const [top, left, bottom, right] = pads;
  const rows = createFourierAxis({ size: x.height, kernel: kernel[0], pads: [top, bottom] });
  const columns = createFourierAxis({ size: x.width, kernel: kernel[1], pads: [left, right] });
  const pairs = countPairs(geometry);
  const bytes = pairs * rows.points * columns.points * Float32Array.BYTES_PER_ELEMENT;
  // Cutting copies what the pictures are at the points.
  const isWorthwhile = pairs > x.batch * (x.channels + geometry.dy.channels);
  const count = isWorthwhile ? Math.min(columns.points, Math.ceil(bytes / CHUNK_BYTES)) : 1;
  const begin = (chunk: number) => Math.floor((chunk * columns.points) / count);
  const chunks = Array.from({ length: count }, (_, chunk) => begin(chunk + 1) - begin(chunk));
  return { rows, columns, chunks };
}

/** A weight at a point costs as much as its products with so many pictures. */
const PICTURES_PER_WEIGHT = 12;
/** A product of a transform, whose matrices are small, costs as much as so many of the large ones. */
const TRANSFORM_COST = 2;
/** What must be left of the usual products. */
const WORTHWHILE = 0.8;

/**
 * Whether the transform is likely to save time, by counting products: the same answer on every machine, so that
 * runs can be repeated.
 */
export function isFourierQuicker(geometry: ConvGeometry): boolean {
  const { strides, kernel, x, dy } = geometry;
  if (strides.some((stride) => stride > 1)) return false;
  const { rows, columns } = planFourier(geometry);
  const pairs = countPairs(geometry);
  const usual = pairs * x.batch * dy.height * dy.width * kernel[0] * kernel[1];
  const atPoints = pairs * (x.batch + PICTURES_PER_WEIGHT) * rows.points * columns.points;
  const perMap = ({ height, width }: ConvGeometry['x']) =>
    columns.points * height * (width + rows.points);
  const transforms = x.batch * (x.channels * perMap(x) + dy.channels * perMap(dy));
  return atPoints + TRANSFORM_COST * transforms < WORTHWHILE * usual;
}

/** Pairs of channels with a kernel between them. */
function countPairs({ x, dy, group }: ConvGeometry): number {
  return (x.channels * dy.channels) / group;
}
