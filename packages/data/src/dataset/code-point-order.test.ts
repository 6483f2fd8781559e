import { expect, test } from 'vitest';
import { compareCodePoints } from './code-point-order.ts';

test('sorts by code points, not by UTF-16 units or language', () => {
  const names = ['ä', 'b', 'a10', 'a2', 'B', '\u{1f431}', '\uff5e', 'a', '\u{1f436}'];
  expect(names.sort(compareCodePoints)).toEqual([
    'B',
    'a',
    'a10',
    'a2',
    'b',
    'ä',
    '\uff5e',
    '\u{1f431}',
    '\u{1f436}',
  ]);
});
