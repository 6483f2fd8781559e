import { expect, test } from 'vitest';
import { fromRowBlocks, toRowBlocks } from './row-blocks.ts';

/** [4, 3]. */
const MATRIX: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

test.each([
  [1, MATRIX],
  [2, [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]],
  [4, [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]],
])(
  'the values of the rows of a block lie side by side, and apart again: blocks of %i',
  (block, blocks) => {
    const data = Float32Array.from(MATRIX);
    toRowBlocks(data, 3, block);
    expect([...data]).toEqual(blocks);
    fromRowBlocks(data, 3, block);
    expect([...data]).toEqual(MATRIX);
  },
);
