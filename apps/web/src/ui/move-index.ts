export interface Place {
  readonly from: number;
  readonly count: number;
  /** Of the grid that the items stand in, row by row. */
  readonly columns: number;
}

/**
 * Where a key leads in a row or a grid of items: arrows step, Home and End go to the ends.
 *
 * @returns `null` for keys that lead nowhere
 */
export function moveIndex(key: string, { from, count, columns }: Place): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: from - 1,
    ArrowRight: from + 1,
    ArrowUp: from - columns,
    ArrowDown: from + columns,
    Home: 0,
    End: count - 1,
  };
  const to = steps[key];
  return to === undefined || to < 0 || to >= count || to === from ? null : to;
}
