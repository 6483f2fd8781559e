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

/**
 * Elements of a part, about: a part, its gradient and its momentum stay in a core's cache while they are
 * made, added and taken off.
 */
export const PART_SIZE: number = 600_000;

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
  const rowsEach = Math.max(1, Math.round(size / columns));
  return Array.from({ length: Math.ceil(rows / rowsEach) }, (_part, i) => {
    const from = i * rowsEach;
    const to = Math.min(rows, from + rowsEach);
    return { name: `${name}[${from}:${to}]`, shape: [to - from, columns], offset: from * columns };
  });
}
