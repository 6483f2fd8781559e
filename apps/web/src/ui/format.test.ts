import { expect, test } from 'vitest';
import { formatDuration, formatPoints, formatShare } from './format.ts';

test.each([
  [0.9797595, '98.0 %'],
  [1, '100.0 %'],
  [0.0004, '< 0.1 %'],
  [0.0005, '0.1 %'],
  [0, '0.0 %'],
])('a share of %d is %s', (share, text) => {
  expect(formatShare(share)).toBe(text);
});

test.each([
  [4.23, '4.2 ms'],
  [23.4, '23 ms'],
  [1900, '1.9 s'],
])('%d ms are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test('a difference of shares is in points', () => {
  expect(formatPoints(0.5529 - 0.3502)).toBe('20.3 points');
});
