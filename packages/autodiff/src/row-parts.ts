import { type Graph, invariant, type Parameter, type Shape, sizeOf } from '@alexnet/core';

/** Some rows of a large matrix, as an array of their own: a view of it, not a copy. */
export interface RowPart {
  /** `fc6.weight[0:64]` */
  readonly name: string;
  /** [rows, columns] */
  readonly shape: Shape;
  /** Elements of the matrix before it. */
  readonly offset: number;
}

/** Elements of a part, about, in small batches. */
const SMALL_PART = 900_000;
/** Batches up to here are small. */
const SMALL_BATCH = 128;
/**
 * Rows come in multiples of it: product kernels take 16 or 32 columns and 6 or 12 rows at a time (onnxruntime's
 * of AVX2 and AVX-512), and a part of 65 rows pays for 80.
 */
const ROW_TILE = 48;

/**
 * Elements of a part, about. A small batch is bound by memory: a part, its gradient and its momentum are to stay in
 * the caches while they are made, added and taken off. A large one is bound by its products, which are quicker the
 * larger they are.
 */
export function choosePartSize(batchSize: number): number {
  return SMALL_PART * Math.max(1, batchSize / SMALL_BATCH);
}

/**
 * Cuts the large matrices of fully connected layers into parts of whole rows.
 *
 * Only those that one node reads are cut: a gradient that several nodes add up is not made in parts.
 *
 * @param size - elements of a part, about
 * @returns parts by parameter; none for those that stay whole
 */
export function cutIntoRows(
  graph: Graph,
  parameters: readonly Parameter[],
  size: number,
): ReadonlyMap<string, readonly RowPart[]> {
  const readers = graph.nodes.flatMap((node): readonly string[] => node.inputs);
  const weights = new Set(
    graph.nodes.flatMap((node) => (node.op === 'Gemm' ? [node.inputs[1]] : [])),
  );
  const isCut = ({ name, shape }: Parameter) =>
    weights.has(name) &&
    readers.filter((reader) => reader === name).length === 1 &&
    sizeOf(shape) >= 2 * size;
  return new Map(
    parameters.filter(isCut).map((parameter) => [parameter.name, cut(parameter, size)]),
  );
}

function cut({ name, shape }: Parameter, size: number): readonly RowPart[] {
  const [rows, columns] = shape;
  invariant(rows !== undefined && columns !== undefined, `${name} is no matrix`);
  const rowsEach = chooseRows(size / columns);
  return Array.from({ length: Math.ceil(rows / rowsEach) }, (_part, i) => {
    const from = i * rowsEach;
    const to = Math.min(rows, from + rowsEach);
    return { name: `${name}[${from}:${to}]`, shape: [to - from, columns], offset: from * columns };
  });
}

function chooseRows(wanted: number): number {
  return wanted < ROW_TILE
    ? Math.max(1, Math.round(wanted))
    : ROW_TILE * Math.round(wanted / ROW_TILE);
}
