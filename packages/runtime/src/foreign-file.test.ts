import { expect, test } from 'vitest';
import { identifyForeignFile } from './foreign-file.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

test.each([
  ['a JPEG picture', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)],
  ['a PNG picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d)],
  ['a zip archive (a PyTorch checkpoint?)', text('PK\u0003\u0004')],
  ['a Git LFS pointer', text('version https://git-lfs.github.com/spec/v1\n')],
  ['a text file', text('<!doctype html>\n<html>')],
  ['a safetensors file', Uint8Array.of(8, 1, 0, 0, 0, 0, 0, 0, 0x7b, 0x22)],
  ['an empty file', new Uint8Array(0)],
])('recognises %s', (what, bytes) => {
  expect(identifyForeignFile(bytes)).toBe(what);
});

test('lets what may be an ONNX model pass', () => {
  // ir_version 9, then the producer's name.
  expect(identifyForeignFile(Uint8Array.of(8, 9, 0x12, 7, 0x61))).toBeUndefined();
});
