import { expect, test } from 'vitest';
import { renderClassTable, scoreClasses } from './class-table.ts';
import { type Confusion, renderConfusionMatrix } from './confusion-matrix.ts';

const CONFUSION: Confusion = {
  labels: ['cat', 'dog', 'eel'],
  counts: [
    [8, 2, 0],
    [1, 9, 0],
    [0, 4, 0],
  ],
};

test('scores classes by hand', () => {
  // dog: 9 of 15 predicted, 9 of 10 there; eel: never predicted.
  expect(scoreClasses(CONFUSION)).toEqual([
    { label: 'cat', count: 10, precision: 8 / 9, recall: 0.8, f1: 16 / 19 },
    { label: 'dog', count: 10, precision: 0.6, recall: 0.9, f1: 18 / 25 },
    { label: 'eel', count: 4, precision: 0, recall: 0, f1: 0 },
  ]);
});

test('the table has headers for rows and columns, and means of the classes that have pictures', () => {
  const table = renderClassTable(CONFUSION);
  expect(table).toContain('<th scope="col">Precision</th>');
  expect(table).toContain(
    '<tr><th scope="row">eel</th><td>4</td><td>0.0 %</td><td>0.0 %</td><td>0.0 %</td></tr>',
  );
  expect(table).toContain('<th scope="row">Mean of the classes</th><td>24</td><td>49.6 %</td>');
});

test('a cell is as strong as its share of the row', () => {
  const svg = renderConfusionMatrix(CONFUSION);
  expect(svg).toContain('<title>cat taken for dog: 2 of 10</title>');
  expect(svg).toMatch(/<title>cat taken for dog: 2 of 10<\/title><rect [^>]*fill-opacity="0\.20"/);
  expect(svg.match(/class="cell"/g)).toHaveLength(5);
  expect(svg.match(/class="count/g)).toHaveLength(5);
});

test('says the essence in words', () => {
  const svg = renderConfusionMatrix(CONFUSION);
  expect(svg).toContain(
    'aria-label="Confusion matrix of 3 classes: 17 of 24 pictures right. Most frequent mix-up: eel taken for dog, 4 times."',
  );
  expect(svg).toContain('<li><b>eel</b> taken for <b>dog</b>: 4 (100.0 % of them)</li>');
});

test('a hundred classes have no numbers in their cells', () => {
  const labels = Array.from({ length: 100 }, (_, index) => `class ${index}`);
  const counts = labels.map((_, t) => labels.map((_, p) => (t === p ? 5 : 0)));
  const svg = renderConfusionMatrix({ labels, counts });
  expect(svg).not.toContain('class="count');
  expect(svg).toContain('class 99');
  expect(svg).toContain('No picture was taken for another class.');
});

test('a class without pictures does no harm', () => {
  const counts = [
    [0, 0],
    [0, 0],
  ];
  const svg = renderConfusionMatrix({ labels: ['a', 'b'], counts });
  expect(svg).not.toMatch(/NaN|Infinity/);
});

test.each([
  [[[1, 2]], /1 rows for 2 labels/],
  [[[1, 2], [1]], /Row 1 .* has 1 columns for 2 labels/],
])('refuses counts %j for two labels', (counts, message) => {
  expect(() => renderConfusionMatrix({ labels: ['a', 'b'], counts })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
  );
});
