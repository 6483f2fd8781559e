import { expect, test } from 'vitest';
import { readExifOrientation } from './exif-orientation.ts';

const PREFIX = [0x45, 0x78, 0x69, 0x66, 0, 0];
const LITTLE = [0x49, 0x49, 42, 0, 8, 0, 0, 0];
const BIG = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
/** ImageWidth = 7, then Orientation. */
const little = (value: number) => [
  ...LITTLE,
  ...[2, 0],
  ...[0x00, 0x01, 3, 0, 1, 0, 0, 0, 7, 0, 0, 0],
  ...[0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0],
];
const big = (value: number) => [
  ...BIG,
  ...[0, 1],
  ...[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0],
];

test.each([
  ['little-endian, behind another tag', little(6), 6],
  ['big-endian', big(8), 8],
  ['behind "Exif"', [...PREFIX, ...big(3)], 3],
  ['below the legal values', little(0), 1],
  ['above them', big(9), 1],
  ['no tags', [...LITTLE, 0, 0], 1],
  ['nothing', [], 1],
  ['no TIFF', [...'not a TIFF header'].map((letter) => letter.charCodeAt(0)), 1],
  ['cut short', little(6).slice(0, -1), 1],
  ['a directory outside', [0x49, 0x49, 42, 0, 255, 255, 255, 255, 1, 0], 1],
])('%s', (_name, bytes, orientation) => {
  expect(readExifOrientation(Uint8Array.from(bytes))).toBe(orientation);
});
