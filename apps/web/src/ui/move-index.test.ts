import { expect, test } from 'vitest';
import { moveIndex } from './move-index.ts';

// Ten items in rows of four: 0–3, 4–7, 8–9.
test.each([
  ['ArrowRight', 3, 4],
  ['ArrowLeft', 4, 3],
  ['ArrowDown', 1, 5],
  ['ArrowUp', 9, 5],
  ['Home', 6, 0],
  ['End', 6, 9],
] as const)('%s leads from %d to %d', (key, from, to) => {
  expect(moveIndex(key, { from, count: 10, columns: 4 })).toBe(to);
});

test.each([
  ['ArrowLeft', 0],
  ['ArrowRight', 9],
  ['ArrowUp', 3],
  ['ArrowDown', 6],
  ['Home', 0],
  ['a', 5],
] as const)('%s leads nowhere from %d', (key, from) => {
  expect(moveIndex(key, { from, count: 10, columns: 4 })).toBeNull();
});
