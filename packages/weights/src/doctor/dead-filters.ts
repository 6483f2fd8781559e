import type { Graph, Weights } from '@alexnet/core';

/** Filters, or rows of a dense layer, that do nothing. */
export interface DeadFilters {
  readonly layer: string;
  readonly filters: number;
  /** All zeros. */
  readonly zero: number;
  /** The same number throughout, but not zero. */
  readonly constant: number;
  /** With less than a hundredth of the median filter's norm. */
  readonly faint: number;
}

const FAINT = 0.01;

/** Looks at each filter of each convolution and dense layer; layers where all is well are left out. */
export function findDeadFilters({ nodes }: Graph, weights: Weights): readonly DeadFilters[] {
  return nodes.flatMap((node): readonly DeadFilters[] => {
    if (node.op !== 'Conv' && node.op !== 'Gemm') return [];
    const weight = weights.get(node.inputs[1]);
    const [filters = 0] = weight?.shape ?? [];
    if (!weight || filters === 0) return [];
    const found = countDead(weight.data, filters);
    const isWell = found.zero + found.constant + found.faint === 0;
    return isWell ? [] : [{ layer: node.name, filters, ...found }];
  });
}

function countDead(
  data: Float32Array,
  filters: number,
): Pick<DeadFilters, 'zero' | 'constant' | 'faint'> {
  const size = data.length / filters;
  let [zero, constant] = [0, 0];
  const norms = new Float64Array(filters);
  for (let filter = 0; filter < filters; filter += 1) {
    const first = data[filter * size] ?? 0;
    let isConstant = true;
    let squares = 0;
    for (let i = filter * size; i < (filter + 1) * size; i += 1) {
      const value = data[i] ?? 0;
      if (value !== first) isConstant = false;
      squares += value * value;
    }
    norms[filter] = Math.sqrt(squares);
    if (squares === 0) zero += 1;
    else if (isConstant && size > 1) constant += 1;
  }
  const median = norms.toSorted()[Math.floor(filters / 2)] ?? 0;
  const faint = norms.filter((norm) => norm > 0 && norm < FAINT * median).length;
  return { zero, constant, faint };
}
