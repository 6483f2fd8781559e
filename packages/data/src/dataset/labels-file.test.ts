import { expect, test } from 'vitest';
import { parseLabels } from './labels-file.ts';

test('a label a line, whatever the line ends are', () => {
  expect(parseLabels('\ufeffT-shirt/top\r\nTrouser \r\n__proto__\r\n\r\n', 'labels.txt')).toEqual([
    'T-shirt/top',
    'Trouser',
    '__proto__',
  ]);
});

test.each([
  ['a\n\nb', 'labels.txt has no name in line 2.'],
  ['', 'labels.txt has no name in line 1.'],
  ['a\nb\x1b[31m', 'labels.txt has control characters in line 2.'],
])('refuses %j', (text, message) => {
  expect(() => parseLabels(text, 'labels.txt')).toThrow(
    expect.objectContaining({ code: 'INVALID_DATASET', message }),
  );
});

test('stops at more lines than labels can be', () => {
  expect(() => parseLabels('x\n'.repeat(1_000_001), 'labels.txt')).toThrow(
    /more than 1000000 lines/,
  );
});
