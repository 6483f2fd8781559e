import { expect, test } from 'vitest';
import { readModelAddress } from './model-source.ts';

const page = (query: string): URL => new URL(`https://example.org/alexnet/${query}`);

test('a page without a query asks for no model', () => {
  expect(readModelAddress(page(''))).toBeNull();
  expect(readModelAddress(page('?model='))).toBeNull();
});

test.each([
  ['?model=mine.onnx', 'mine.onnx', 'https://example.org/alexnet/mine.onnx'],
  ['?model=/m/a%20b.onnx', 'a%20b.onnx', 'https://example.org/m/a%20b.onnx'],
  ['?model=https://example.org/x/y.onnx', 'y.onnx', 'https://example.org/x/y.onnx'],
])('%s', (query, name, from) => {
  expect(readModelAddress(page(query))).toEqual({ name, from });
});

test.each([
  'https://elsewhere.org/y.onnx',
  '//elsewhere.org/y.onnx',
  'http://example.org/y.onnx',
  'javascript:alert(1)',
  'data:application/octet-stream,x',
])('refuses %s', (asked) => {
  expect(() => readModelAddress(page(`?model=${encodeURIComponent(asked)}`))).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining(asked) }),
  );
});
