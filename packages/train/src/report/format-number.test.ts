import { expect, test } from 'vitest';
import { formatCount, formatDecimal, formatShare, formatTick } from './format-number.ts';

test('shares', () => {
  expect(formatShare(0.93456)).toBe('93.5 %');
  expect(formatShare(1, 0)).toBe('100 %');
  expect(formatShare(Number.NaN)).toBe('–');
});

test('counts', () => {
  expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567']);
});

test('losses and rates', () => {
  expect([0, 0.431249, 2, 1.5e-5, 1e-4, 1e7].map(formatDecimal)).toEqual([
    '0',
    '0.4312',
    '2',
    '1.5e-5',
    '1e-4',
    '1e7',
  ]);
});

test('ticks are as long as their neighbours need', () => {
  const format = (step: number, ...values: number[]) =>
    values.map((value) => formatTick(value, step));
  expect(format(0.5, 0, 0.5, 1)).toEqual(['0', '0.5', '1.0']);
  expect(format(0.005, 0.005, 0.02)).toEqual(['0.005', '0.020']);
  expect(format(500, 500, 1500)).toEqual(['500', '1500']);
  expect(format(5000, 5000, 20000)).toEqual(['5000', '20k']);
  expect(format(5e5, 1.5e6)).toEqual(['1.5M']);
  expect(format(1e-4, 2e-4)).toEqual(['2e-4']);
});
