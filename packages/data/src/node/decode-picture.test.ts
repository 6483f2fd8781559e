import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { decodePicture } from './decode-picture.ts';
import { encodePng } from './encode-png.ts';
import { loadSharp } from './sharp.ts';

/** 27 × 18 pixels, RGB. */
const waves = sharp(
  Uint8Array.from({ length: 27 * 18 * 3 }, (_, i) => 127 + 120 * Math.sin(i / 40)),
  { raw: { width: 27, height: 18, channels: 3 } },
);
const rgbPng = new Uint8Array(await waves.clone().png().toBuffer());
const encoded: Readonly<Record<string, Uint8Array>> = {
  'baseline.jpg': await waves.clone().jpeg().toBuffer(),
  'progressive.jpg': await waves.clone().jpeg({ progressive: true }).toBuffer(),
  'rgb.png': rgbPng,
  'lossless.webp': await waves.clone().webp({ lossless: true }).toBuffer(),
};
const folder = mkdtempSync(join(tmpdir(), 'alexnet-pictures-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const invalid = (path: string, message: RegExp) =>
  expect.objectContaining({
    code: 'INVALID_PICTURE',
    message: expect.stringMatching(message),
    hint: expect.any(String),
    path: [path],
  });

test('takes the upper byte of 16-bit grey, which Pillow would clip', async () => {
  const values = Uint16Array.from({ length: 15 }, (_, i) => i * 4369 + 137);
  const png = await sharp(values, { raw: { width: 5, height: 3, channels: 1 } })
    .toColourspace('grey16')
    .png()
    .toBuffer();
  const picture = await decodePicture(png);
  expect(picture).toEqual({
    width: 5,
    height: 3,
    channels: 1,
    pixels: Uint8Array.from(values, (value) => value >> 8),
  });
});

test('reads a path, whatever its name and ending', async () => {
  const path = write('eine "Katze"\n猫 .jpg', rgbPng);
  expect(await decodePicture(path)).toEqual(await decodePicture(rgbPng));
});

test('EXIF of megabytes is passed over', async () => {
  const jpeg = encoded['baseline.jpg'] ?? new Uint8Array(0);
  // A segment has 65,533 bytes at most: forty of them, each with another offset that leads nowhere.
  const segments = Array.from({ length: 40 }, (_, i) => {
    const segment = new Uint8Array(2 + 0xffff).fill(0xee);
    segment.set([
      0xff,
      0xe1,
      0xff,
      0xff,
      0x45,
      0x78,
      0x69,
      0x66,
      0,
      0,
      0x4d,
      0x4d,
      0,
      42,
      0xff,
      i,
      0,
      0,
    ]);
    return segment;
  });
  const large = Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
  expect(large.length).toBeGreaterThan(2_500_000);
  expect(await decodePicture(large)).toEqual(await decodePicture(jpeg));
});

test('gives plain bytes, not a Buffer', async () => {
  const { pixels } = await decodePicture(rgbPng);
  expect(Object.getPrototypeOf(pixels)).toBe(Uint8Array.prototype);
});

describe('refuses, naming the file', () => {
  test('a text file named .jpg', async () => {
    const path = write('text.jpg', 'not a picture');
    await expect(decodePicture(path)).rejects.toEqual(invalid(path, /text\.jpg is a text file/));
  });

  test('an SVG posing as PNG, unrendered', async () => {
    const path = write(
      'drawing.png',
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    );
    await expect(decodePicture(path)).rejects.toEqual(invalid(path, /SVG drawing/));
  });

  test('an empty file', async () => {
    const path = write('empty.png', '');
    await expect(decodePicture(path)).rejects.toEqual(invalid(path, /is empty: 0 bytes/));
  });

  test.each(Object.entries(encoded))('%s cut short', async (file, bytes) => {
    const path = write(`cut-${file}`, bytes.subarray(0, Math.floor(bytes.length * 0.8)));
    await expect(decodePicture(path)).rejects.toEqual(invalid(path, /is a truncated \w+ picture/));
  });

  test('a PNG with a wrong checksum', async () => {
    const bytes = rgbPng.slice();
    const at = bytes.length - 20;
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    const path = write('checksum.png', bytes);
    await expect(decodePicture(path)).rejects.toEqual(invalid(path, /is a damaged png picture/));
  });

  test('one pixel', async () => {
    const png = await sharp(Buffer.of(1, 2, 3), { raw: { width: 1, height: 1, channels: 3 } })
      .png()
      .toBuffer();
    const path = write('dot.png', png);
    await expect(decodePicture(path)).rejects.toEqual(
      invalid(path, /is 1 × 1 pixels; .* at least 2/),
    );
  });

  test('20,000 × 20,000 pixels in a few kilobytes, before they are decoded', async () => {
    const bomb = rgbPng.slice();
    new DataView(bomb.buffer).setUint32(16, 20_000);
    new DataView(bomb.buffer).setUint32(20, 20_000);
    const path = write('bomb.png', bomb);
    await expect(decodePicture(path)).rejects.toEqual(
      invalid(path, /is 20000 × 20000 = 400000000 pixels; the limit is 100000000/),
    );
  });

  test('more than other limits allow', async () => {
    const path = write('limits.png', rgbPng);
    await expect(decodePicture(path, { maxPixels: 100 })).rejects.toEqual(
      invalid(path, /27 × 18 = 486 pixels/),
    );
    await expect(decodePicture(path, { minSide: 20 })).rejects.toEqual(
      invalid(path, /at least 20/),
    );
    await expect(decodePicture(path, { maxFileBytes: 100 })).rejects.toEqual(
      invalid(path, /the limit is 100/),
    );
  });

  test('a folder', async () => {
    const path = join(folder, 'folder.jpg');
    mkdirSync(path);
    await expect(decodePicture(path)).rejects.toMatchObject({
      code: 'IO',
      message: `${path} is a folder, not a file.`,
    });
  });

  test('what is not there', async () => {
    const path = join(folder, 'nothing.jpg');
    await expect(decodePicture(path)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `${path} does not exist.`,
    });
  });

  test('what is no path', async () => {
    const path = join(write('file.png', 'x'), 'below.png');
    await expect(decodePicture(path)).rejects.toMatchObject({
      code: 'IO',
      message: `${path} cannot be read: a part of its path is a file, not a folder.`,
    });
  });
});

test.each([1, 3] as const)('a PNG of %d channels gives the same picture back', async (channels) => {
  const pixels = Uint8Array.from({ length: 6 * 4 * channels }, (_, i) => (i * 37) & 255);
  const picture = { width: 6, height: 4, channels, pixels };
  expect(await decodePicture(await encodePng(picture))).toEqual(picture);
});

test('no PNG is made of pixels that do not fit', async () => {
  const picture = { width: 6, height: 4, channels: 1, pixels: new Uint8Array(5) } as const;
  await expect(encodePng(picture)).rejects.toMatchObject({ code: 'INVALID_PICTURE' });
});

test.each([
  [
    'absent',
    Object.assign(new Error("Cannot find package 'sharp'"), { code: 'ERR_MODULE_NOT_FOUND' }),
    { message: /is not installed\./, hint: 'Install it: npm install sharp' },
  ],
  [
    'of another platform',
    new Error('Could not load the "sharp" module using the linux-x64 runtime\nPossible solutions:'),
    {
      message:
        /does not load on .*: Could not load the "sharp" module using the linux-x64 runtime$/,
      hint: 'Install it for this platform: npm install --include=optional sharp',
    },
  ],
])(
  'where sharp is %s, the error names the command that installs it',
  async (_, cause, expected) => {
    await expect(loadSharp(() => Promise.reject(cause))).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      message: expect.stringMatching(expected.message),
      hint: expected.hint,
    });
  },
);
