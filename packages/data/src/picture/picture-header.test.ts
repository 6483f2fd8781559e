import { describe, expect, test } from 'vitest';
import { readPictureHeader } from './picture-header.ts';
import { checkPictureSize, PICTURE_LIMITS } from './picture-limits.ts';

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Heads of files, as far as they are looked at. */
const JPEG = Uint8Array.from([
  ...[0xff, 0xd8, 0xff, 0xe0, 0, 16, ...ascii('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0],
  ...[0xff, 0xc0, 0, 17, 8, 0, 18, 0, 27, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1],
]);
const PNG = Uint8Array.from([
  ...[0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a, 0, 0, 0, 13, ...ascii('IHDR')],
  ...[0, 0, 0, 27, 0, 0, 0, 18, 8, 2, 0, 0, 0],
]);
const WEBP = Uint8Array.from([
  ...[...ascii('RIFF'), 9, 9, 0, 0, ...ascii('WEBPVP8 '), 9, 9, 0, 0],
  ...[0, 0, 0, 0x9d, 0x01, 0x2a, 27, 0, 18, 0],
]);

function change(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = value;
  return changed;
}

test.each([
  ['a JPEG', JPEG, 'jpeg', 'rgb'],
  ['a progressive JPEG', change(JPEG, 21, 0xc2), 'jpeg', 'rgb'],
  ['a grey JPEG', change(JPEG, 29, 1), 'jpeg', 'grey'],
  ['a CMYK JPEG', change(JPEG, 29, 4), 'jpeg', 'cmyk'],
  ['a PNG', PNG, 'png', 'rgb'],
  ['a grey PNG', change(PNG, 25, 0), 'png', 'grey'],
  ['a grey PNG with alpha', change(PNG, 25, 4), 'png', 'grey'],
  ['a PNG with a palette', change(PNG, 25, 3), 'png', 'rgb'],
  ['a WebP', WEBP, 'webp', 'rgb'],
] as const)('%s says its sides and colours', (_, bytes, format, colours) => {
  expect(readPictureHeader(bytes)).toEqual({ format, width: 27, height: 18, colours });
});

describe('refuses', () => {
  test.each([
    ['an empty file', new Uint8Array(0), 'x is empty: 0 bytes.'],
    ['text', ascii('dear diary'), 'x is a text file, not a picture.'],
    ['a web page', ascii('\n<!DOCTYPE html><title>404'), 'x is a web page, not a picture.'],
    ['an SVG drawing', ascii('<svg xmlns="x"/>'), 'x is an SVG drawing, which is not read.'],
    [
      'an SVG drawing with a prologue',
      ascii('<?xml version="1.0"?>\n<!-- png -->\n<svg/>'),
      'x is an SVG drawing, which is not read.',
    ],
    ['a GIF', ascii('GIF89a....'), 'x is a GIF, which is not read.'],
    ['a PDF', ascii('%PDF-1.7'), 'x is a PDF, which is not read.'],
    ['an AVIF', ascii('\0\0\0\x1cftypavif'), 'x is an AVIF picture, which is not read.'],
    ['a zip archive', ascii('PK\x03\x04'), 'x is a zip archive, which is not read.'],
    ['other bytes', Uint8Array.of(0, 1, 2, 3), 'x is not a picture.'],
    [
      'half a JPEG head',
      Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16),
      'x is a JPEG cut short: its header is not complete.',
    ],
    ['half a PNG head', PNG.subarray(0, 20), 'x is a PNG cut short: its header is not complete.'],
    [
      'half a WebP head',
      WEBP.subarray(0, 29),
      'x is a WebP cut short: its header is not complete.',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => readPictureHeader(bytes, 'x')).toThrow(
      expect.objectContaining({ code: 'INVALID_PICTURE', message, hint: expect.any(String) }),
    );
  });

  test('a JPEG of two components', () => {
    const bytes = Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 14, 8, 0, 9, 0, 9, 2, 0, 0);
    expect(() => readPictureHeader(bytes, 'x')).toThrow(/x is a JPEG of 2 components/);
  });

  test('a JPEG cut anywhere before its frame ends, without hanging', () => {
    for (let length = 3; length < 30; length++) {
      expect(() => readPictureHeader(JPEG.subarray(0, length), 'x')).toThrow(/cut short/);
    }
  });
});

test('skips what JPEG decoders skip: fill bytes and bytes between segments', () => {
  const frame = [0xff, 0xff, 0xc0, 0, 11, 8, 0, 5, 0, 7, 1, 1, 0x11, 0];
  const bytes = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 4, 9, 9, 1, 2, 3, ...frame);
  expect(readPictureHeader(bytes)).toEqual({
    format: 'jpeg',
    width: 7,
    height: 5,
    colours: 'grey',
  });
});

test.each([
  [1, 1, 'x is 1 × 1 pixels; each side must have at least 2.'],
  [500, 1, 'x is 500 × 1 pixels; each side must have at least 2.'],
  [20_000, 20_000, 'x is 20000 × 20000 = 400000000 pixels; the limit is 100000000.'],
])('%d × %d pixels are refused with both numbers', (width, height, message) => {
  expect(() => checkPictureSize({ width, height }, { limits: PICTURE_LIMITS, name: 'x' })).toThrow(
    expect.objectContaining({ code: 'INVALID_PICTURE', message }),
  );
});
