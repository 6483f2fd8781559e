import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const folder = new URL('../examples/data/fashion-mnist/', import.meta.url);
const read = (name: string): Buffer => readFileSync(fileURLToPath(new URL(name, folder)));

test('the files are those of SHA256SUMS', () => {
  const lines = read('SHA256SUMS').toString().trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  for (const line of lines) {
    const [sum, name = ''] = line.split(/ +/);
    expect(createHash('sha256').update(read(name)).digest('hex'), name).toBe(sum);
  }
});

test.each([
  ['train', 12_000],
  ['t10k', 2_000],
])('%s holds %i pictures, as many of each class', (name, count) => {
  const images = gunzipSync(read(`${name}-images-idx3-ubyte.gz`));
  expect([0, 4, 8, 12].map((offset) => images.readUInt32BE(offset))).toEqual([
    0x803,
    count,
    28,
    28,
  ]);
  expect(images.length).toBe(16 + count * 28 * 28);

  const labels = gunzipSync(read(`${name}-labels-idx1-ubyte.gz`));
  expect([0, 4].map((offset) => labels.readUInt32BE(offset))).toEqual([0x801, count]);
  const perClass = new Array<number>(10).fill(0);
  for (const label of labels.subarray(8)) perClass[label] = (perClass[label] ?? 0) + 1;
  expect(perClass).toEqual(new Array(10).fill(count / 10));
});

test('labels.txt names ten classes', () => {
  const names = read('labels.txt').toString().trimEnd().split('\n');
  expect(new Set(names).size).toBe(10);
});
