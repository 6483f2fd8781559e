import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { decodePicture } from '@alexnet/data/node';
import { describe, expect, test } from 'vitest';

interface Golden {
  readonly file: string;
  readonly bytes: string;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** As Pillow decodes the file. */
  readonly pixels: string;
}

const cases: readonly Golden[] = JSON.parse(
  gunzipSync(readFileSync(new URL('./golden/picture-formats.json.gz', import.meta.url))).toString(),
);
const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const bytesOf = (file: string) =>
  fromBase64(cases.find((golden) => golden.file === file)?.bytes ?? '');

/** Levels that a decoder differs by, at most; docs/data.md has the reasons. */
const LEVELS: Readonly<Record<string, number>> = {
  '444.avif': 1,
  'alpha.avif': 1,
  'exif-6.avif': 1,
  '420.avif': 17,
};

test.each(cases)('$file gives the pixels that Pillow gives', async (golden) => {
  const { file, width, height, channels } = golden;
  const picture = await decodePicture(fromBase64(golden.bytes));
  expect(picture).toMatchObject({ width, height, channels });
  const pillow = fromBase64(golden.pixels);
  switch (file) {
    case 'grey-16.tif': {
      // Pillow clips 16 bits at 255; here the upper byte counts.
      expect(pillow.every((value) => value === 255)).toBe(true);
      const grey = cases.find((each) => each.file === 'grey.tif');
      expect(picture.pixels).toEqual(fromBase64(grey?.pixels ?? ''));
      return;
    }
    case 'transparent.gif': {
      // What is transparent is black here, and has the colour of its place in the palette in Pillow.
      const off = pillow.map((value, i) => (value === picture.pixels[i] ? 0 : 1));
      expect(off.some((value) => value === 1)).toBe(true);
      off.forEach((value, i) => {
        if (value === 1) expect(picture.pixels[i]).toBe(0);
      });
      return;
    }
    default: {
      const off = pillow.map((value, i) => Math.abs(value - (picture.pixels[i] ?? 0)));
      expect(Math.max(...off)).toBe(LEVELS[file] ?? 0);
    }
  }
});

describe('refuses, naming what is wrong', () => {
  const invalid = (message: RegExp) =>
    expect.objectContaining({ code: 'INVALID_PICTURE', message: expect.stringMatching(message) });

  test.each(['rgb.bmp', 'lzw.tif', 'palette.gif', '444.avif', 'one-bit.bmp', 'four-bit.bmp'])(
    'truncated scans: %s',
    async (file) => {
      const bytes = bytesOf(file);
      const cut = bytes.subarray(0, Math.floor(bytes.length * 0.6));
      await expect(decodePicture(cut)).rejects.toEqual(invalid(/is a (?:truncated|damaged) \w+/));
    },
  );

  /** Places of the values of a little-endian TIFF's tags. */
  const placesInTiff = (view: DataView, tags: readonly number[]) => {
    const directory = view.getUint32(4, true);
    const entries = Array.from(
      { length: view.getUint16(directory, true) },
      (_, i) => directory + 2 + 12 * i,
    );
    return entries.filter((at) => tags.includes(view.getUint16(at, true))).map((at) => at + 8);
  };

  test.each(['rgb.bmp', 'rgb.tif'])('50,000 × 50,000 pixels in 10 kB: %s', async (file) => {
    const bomb = bytesOf(file).slice();
    const view = new DataView(bomb.buffer);
    // A TIFF's tags 256 and 257 are its sides.
    for (const at of file.endsWith('.bmp') ? [18, 22] : placesInTiff(view, [256, 257])) {
      view.setUint32(at, 50_000, true);
    }
    await expect(decodePicture(bomb)).rejects.toEqual(
      invalid(/is 50000 × 50000 = 2500000000 pixels; the limit is 100000000/),
    );
  });

  test.each(['rgb.tif', 'lzw.tif'])('a TIFF that says its colours are YCbCr: %s', async (file) => {
    const bytes = bytesOf(file).slice();
    const view = new DataView(bytes.buffer);
    const [photometric = 0] = placesInTiff(view, [262]);
    expect(view.getUint16(photometric, true)).toBe(2);
    view.setUint16(photometric, 6, true);
    await expect(decodePicture(bytes)).rejects.toEqual(
      invalid(/is a TIFF of YCbCr colours without JPEG compression/),
    );
  });

  test('animated files without end give their first frame', async () => {
    const bytes = bytesOf('animated.gif');
    // The frames again and again, and no end.
    const frames = bytes.subarray(13, bytes.length - 1);
    const endless = new Uint8Array(bytes.length + 200 * frames.length);
    endless.set(bytes.subarray(0, bytes.length - 1));
    for (let i = 0; i < 200; i++) endless.set(frames, bytes.length - 1 + i * frames.length);
    const picture = await decodePicture(endless).catch((error: unknown) => error);
    if (picture instanceof Error) expect(picture).toEqual(invalid(/is a damaged gif/));
    else expect(picture).toEqual(await decodePicture(bytes));
  });

  test.each([
    ['a BMP of 2 bits', 28, 2, /is a BMP of 2 bits/],
    ['a BMP packed as JPEG', 30, 4, /packed by method 4, which is not read/],
    ['a BMP with the wrong run lengths', 30, 1, /is a BMP of 24 bits with "rle-8"/],
  ])('%s', async (_, at, value, message) => {
    const bytes = bytesOf('rgb.bmp').slice();
    bytes[at] = value;
    await expect(decodePicture(bytes)).rejects.toEqual(invalid(message));
  });
});
