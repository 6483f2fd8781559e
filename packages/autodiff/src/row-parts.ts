import { type Graph, invariant, type Parameter, type Shape, sizeOf } from '@alexnet/core';

/** Some rows of a large matrix, as an array of their own: a view of it, not a copy. */
export interface RowPart {
  /** `fc6.weight[0:64]` */
  readonly name: string;
  /** [rows, columns] */
  readonly shape: Shape;
  /** Elements of the matrix before it. */
  readonly offset: number;
  /** Rows that lie in a block, value by value side by side: [rows/B, columns, B]. Row follows row unless given. */
  readonly rowBlock?: number;
}

export interface RowPartOptions {
  /** Elements of a part, about. */
  readonly size: number;
  /** Rows in a block, for matrices whose columns come in whole blocks; row follows row unless given. */
  readonly rowBlock?: number;
}

/** Elements of a part whose rows lie in blocks, about: of fc6 two tiles, one for each of two threads. */
const BLOCKED_PART = 1_200_000;
/** Elements of another part, about, in small batches. */
const SMALL_PART = 900_000;
/** Batches up to here are small. */
const SMALL_BATCH = 128;
/**
 * Rows come in multiples of it: product kernels take 16 or 32 columns and 6 or 12 rows at a time (onnxruntime's
 * of AVX2 and AVX-512), and a part of 65 rows pays for 80.
 */
const ROW_TILE = 48;
/** The same of blocks: onnxruntime's blocked convolutions make four of them at a time. */
const BLOCK_TILE = 4;

/**
 * Elements of a part, about. A small batch is bound by memory: a part, its gradient and its momentum are to stay in
 * the caches while they are made, added and taken off. A large one is bound by its products, which are quicker the
 * larger they are; those on blocks want as little of the result at a time as there are tiles for.
 *
 * @param isBlocked - whether rows lie in blocks, where they can
 */
export function choosePartSize(batchSize: number, isBlocked = false): number {
  if (isBlocked) return BLOCKED_PART;
  return SMALL_PART * Math.max(1, batchSize / SMALL_BATCH);
}

/**
 * Cuts the large matrices of fully connected layers into parts of whole rows.
 *
 * Only those that one node reads are cut: a gradient that several nodes add up is not made in parts.
 *
 * @returns parts by parameter; none for those that stay whole
 */
export function cutIntoRows(
  graph: Graph,
  parameters: readonly Parameter[],
  options: RowPartOptions,
): ReadonlyMap<string, readonly RowPart[]> {
  const readers = graph.nodes.flatMap((node): readonly string[] => node.inputs);
  const weights = new Set(
    graph.nodes.flatMap((node) => (node.op === 'Gemm' ? [node.inputs[1]] : [])),
  );
  const isCut = ({ name, shape }: Parameter) =>
    weights.has(name) &&
    readers.filter((reader) => reader === name).length === 1 &&
    sizeOf(shape) >= 2 * options.size;
  return new Map(
    parameters.filter(isCut).map((parameter) => [parameter.name, cut(parameter, options)]),
  );
}

function cut({ name, shape }: Parameter, { size, rowBlock }: RowPartOptions): readonly RowPart[] {
  const [rows, columns] = shape;
  invariant(rows !== undefined && columns !== undefined, `${name} is no matrix`);
  const cutRows = (
    from: number,
    end: number,
    { rowsEach, ...layout }: { readonly rowsEach: number; readonly rowBlock?: number },
  ) =>
    Array.from({ length: Math.ceil((end - from) / rowsEach) }, (_part, i): RowPart => {
      const first = from + i * rowsEach;
      const last = Math.min(end, first + rowsEach);
      const offset = first * columns;
      return {
        name: `${name}[${first}:${last}]`,
        shape: [last - first, columns],
        offset,
        ...layout,
      };
    });
  const wanted = size / columns;
  const plain = { rowsEach: roundToTiles(wanted, { tile: ROW_TILE, least: 1 }) };
  if (rowBlock === undefined || columns % rowBlock !== 0) return cutRows(0, rows, plain);
  const tile = BLOCK_TILE * rowBlock;
  const blocked = { rowsEach: roundToTiles(wanted, { tile, least: rowBlock }), rowBlock };
  const wholeBlocks = rows - (rows % rowBlock);
  return [...cutRows(0, wholeBlocks, blocked), ...cutRows(wholeBlocks, rows, plain)];
}

/** A multiple of `tile`, or if that is too much of `least`. */
function roundToTiles(
  wanted: number,
  { tile, least }: { readonly tile: number; readonly least: number },
): number {
  const unit = wanted < tile ? least : tile;
  return unit * Math.max(1, Math.round(wanted / unit));
}
