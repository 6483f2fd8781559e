import { expect, test } from 'vitest';
import { isolateStill } from './still-picture.ts';

const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The checksum is not looked at. */
const pngChunk = (type: string, body: readonly number[]) => [
  ...[0, 0, 0, body.length],
  ...ascii(type),
  ...body,
  ...[9, 9, 9, 9],
];

test('a PNG loses its animation, and nothing else', () => {
  const [head, data, end] = [pngChunk('IHDR', [1, 2]), pngChunk('IDAT', [3]), pngChunk('IEND', [])];
  const [control, frame, more] = [
    pngChunk('acTL', [4, 4]),
    pngChunk('fcTL', [5]),
    pngChunk('fdAT', [6, 6, 6]),
  ];
  const animated = Uint8Array.from(
    [PNG, head, control, data, frame, more, frame, more, end].flat(),
  );
  const { bytes, orientation } = isolateStill(animated, 'png');
  expect(Array.from(bytes)).toEqual([PNG, head, data, end].flat());
  expect(orientation).toBe(1);
});

const webpChunk = (type: string, body: readonly number[]) => [
  ...ascii(type),
  ...[body.length, 0, 0, 0],
  ...body,
  ...(body.length % 2 === 1 ? [0] : []),
];
const webp = (...chunks: readonly (readonly number[])[]) => {
  const body = [...ascii('WEBP'), ...chunks.flat()];
  return Uint8Array.from([...ascii('RIFF'), body.length, 0, 0, 0, ...body]);
};
const EXIF = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 7];
/** Flags: alpha (0x10) and EXIF (0x08). */
const head = (flags: number) => webpChunk('VP8X', [flags, 0, 0, 0, 1, 0, 0, 2, 0, 0]);
const data = webpChunk('VP8L', [1, 2, 3]);

test('a WebP loses its EXIF, and what it says of the orientation is told', () => {
  const { bytes, orientation } = isolateStill(
    webp(head(0x18), data, webpChunk('EXIF', EXIF)),
    'webp',
  );
  expect(Array.from(bytes)).toEqual(Array.from(webp(head(0x10), data)));
  expect(orientation).toBe(6);
});

test.each([
  ['jpeg', Uint8Array.of(0xff, 0xd8, 0xff)],
  ['png', Uint8Array.from([...PNG, ...pngChunk('IHDR', [1, 2])])],
  ['png', Uint8Array.from([...PNG, 0xff, 0xff, 0xff, 0xff, ...ascii('acTL'), 1, 2, 3, 4])],
  ['webp', webp(head(0x10), data)],
  ['webp', webp(head(0x18), data, webpChunk('EXIF', EXIF)).slice(0, -1)],
] as const)('what has nothing to lose, or is damaged, stays as it is: %s', (format, bytes) => {
  expect(isolateStill(bytes, format)).toEqual({ bytes, orientation: 1 });
});
