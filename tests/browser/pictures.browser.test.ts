import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JSHandle } from 'playwright-core';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { expectDecoded } from '../golden/pictures/expect-decoded.ts';
import {
  extractPhotographs,
  hasPhotographs,
  PHOTOGRAPHS_MISSING,
} from '../golden/pictures/extract-photographs.ts';
import { readGoldenCases, readPhotographs } from '../golden/pictures/read-pictures.ts';
import { PHOTOGRAPH, SMALL, torchvisionPreprocessing } from '../golden/pictures/torchvision.ts';
import { requireOrSkip } from '../require.ts';
import { bundle } from './bundle.ts';
import { importModule } from './import-module.ts';
import { launchChromium } from './launch-chromium.ts';
import { respond, serve } from './serve.ts';

// From picture file to input tensor, Chromium gives the numbers of Pillow and torchvision.

const encoded = fileURLToPath(new URL('../golden/pictures/encoded/', import.meta.url));

type DataModule = typeof import('@alexnet/data') & typeof import('@alexnet/data/web');

interface OpenedPage {
  readonly folders?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
}

async function openPage(
  context: TestContext,
  { folders = {}, flags = [] }: OpenedPage = {},
): Promise<JSHandle<DataModule>> {
  const code = await bundle(`
    export { preprocess } from '@alexnet/data';
    export { decodePicture, readBitmap } from '@alexnet/data/web';
  `);
  const browser = await launchChromium(context, { flags });
  const { url } = await serve({
    folders: { '/encoded/': encoded, ...folders },
    routes: { '/data.js': respond('text/javascript', code) },
  });
  const page = await browser.newPage();
  await page.goto(url);
  return importModule<DataModule>(page, '/data.js');
}

test('the small files', async (context) => {
  const data = await openPage(context);
  const files = readGoldenCases().decoded.map(({ file }) => file);
  const request = { files, preprocessing: torchvisionPreprocessing(SMALL), size: SMALL.crop };
  const decoded = await data.evaluate(async (module, { files, preprocessing, size }) => {
    const decode = async (file: string) => {
      const response = await fetch(`/encoded/${file}`);
      const picture = await module.decodePicture(await response.blob());
      const input = new Float32Array(3 * size * size);
      module.preprocess(picture, preprocessing, input);
      const pixels = Array.from(picture.pixels);
      return { file, picture: { ...picture, pixels }, input: Array.from(input) };
    };
    return await Promise.all(files.map(decode));
  }, request);
  expect(decoded).toHaveLength(files.length);
  for (const { file, picture, input } of decoded) {
    const pixels = Uint8Array.from(picture.pixels);
    expectDecoded('chromium', {
      file,
      picture: { ...picture, pixels },
      input: Float32Array.from(input),
    });
  }
});

test('photographs', async (context) => {
  const isNeeded = process.env.CI === 'true';
  requireOrSkip(context, 'DATA', hasPhotographs || isNeeded, PHOTOGRAPHS_MISSING);
  const folder = extractPhotographs();
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const data = await openPage(context, { folders: { '/photographs/': folder } });
  const photographs = readPhotographs();
  const request = {
    urls: photographs.map(({ tar, file }) => `/photographs/${tar}/${file}`),
    preprocessing: torchvisionPreprocessing(PHOTOGRAPH),
    size: PHOTOGRAPH.crop,
  };
  const found = await data.evaluate(async (module, { urls, preprocessing, size }) => {
    const hash = async (bytes: Uint8Array) => {
      const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
      return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(
        '',
      );
    };
    const sums: { sha256: string; inputSha256: string }[] = [];
    for (const url of urls) {
      const picture = await module.decodePicture(await (await fetch(url)).blob());
      const input = new Float32Array(3 * size * size);
      module.preprocess(picture, preprocessing, input);
      const inputSha256 = await hash(new Uint8Array(input.buffer));
      sums.push({ sha256: await hash(picture.pixels), inputSha256 });
    }
    return sums;
  }, request);
  expect(found).toEqual(photographs.map(({ sha256, inputSha256 }) => ({ sha256, inputSha256 })));
});

test('an <img> and a bitmap have the pixels of their file', async (context) => {
  const data = await openPage(context);
  const different = await data.evaluate(async ({ decodePicture, readBitmap }) => {
    const asStored: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };
    const found: string[] = [];
    // A colour profile that would change every pixel, an orientation, colours under transparency.
    for (const name of ['profile-xyz.jpg', 'exif-6.jpg', 'hidden.png']) {
      const blob = await (await fetch(`/encoded/${name}`)).blob();
      const expected = String((await decodePicture(blob)).pixels);
      const image = new Image();
      image.src = `/encoded/${name}`;
      await image.decode();
      const bitmap = await createImageBitmap(blob, asStored);
      for (const source of [image, bitmap]) {
        const { pixels } = readBitmap(await createImageBitmap(source, asStored));
        if (String(pixels) !== expected) found.push(`${name} ${source.constructor.name}`);
      }
    }
    return found;
  });
  expect(different).toEqual([]);
});

test('a transparent picture larger than one piece of a texture', async (context) => {
  const data = await openPage(context);
  const wrong = await data.evaluate(async ({ readBitmap }) => {
    const [width, height] = [2100, 2060];
    const pixels = new ImageData(width, height);
    for (let i = 0; i < pixels.data.length; i += 4) {
      const pixel = i / 4;
      pixels.data.set([pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255, 3], i);
    }
    const bitmap = await createImageBitmap(pixels, { premultiplyAlpha: 'none' });
    const picture = readBitmap(bitmap);
    let count = picture.pixels.length === width * height * 3 ? 0 : 1;
    for (let pixel = 0; pixel < width * height; pixel++) {
      const [red, green, blue] = picture.pixels.subarray(3 * pixel, 3 * pixel + 3);
      if (pixel !== (red ?? 0) + 256 * (green ?? 0) + 65536 * (blue ?? 0)) count += 1;
    }
    return count;
  });
  expect(wrong).toBe(0);
});

interface Refusal {
  readonly code: string;
  readonly message: string;
}

test('what is no whole picture is refused as in Node', async (context) => {
  const data = await openPage(context);
  const found = await data.evaluate(async ({ decodePicture }) => {
    const fetchBytes = async (name: string) =>
      new Uint8Array(await (await fetch(`/encoded/${name}`)).arrayBuffer());
    const [jpeg, png] = [await fetchBytes('progressive.jpg'), await fetchBytes('rgb.png')];
    const bomb = png.slice();
    new DataView(bomb.buffer).setUint32(16, 50_000);
    new DataView(bomb.buffer).setUint32(20, 50_000);
    const files: Record<string, BlobPart> = {
      'cut.jpg': jpeg.slice(0, jpeg.length * 0.7),
      'end\n.jpg': jpeg.slice(0, -2),
      'bomb.png': bomb,
      'damaged.png': png.slice().fill(0xaa, 60, 200),
      'page.jpg': '<!doctype html><title>Not found</title>',
      'drawing.png': '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'loop.gif': 'GIF89a........',
      'empty.png': '',
      'large.jpg': jpeg,
    };
    const outcomes: string[] = [];
    for (const [name, content] of Object.entries(files)) {
      const limits = name === 'large.jpg' ? { maxFileBytes: 100 } : {};
      const outcome = await decodePicture(new Blob([content]), { name, limits }).then(
        ({ width, height }) => `${width}×${height}`,
        ({ code, message }: Refusal) => `${code}: ${message}`,
      );
      outcomes.push(outcome);
    }
    return outcomes;
  });
  expect(found).toEqual([
    expect.stringMatching(/^INVALID_PICTURE: cut\.jpg is a truncated jpeg picture \(.*decoded/),
    expect.stringMatching(/^INVALID_PICTURE: end\\x0a\.jpg is a truncated jpeg picture/),
    'INVALID_PICTURE: bomb.png is 50000 × 50000 = 2500000000 pixels; the limit is 100000000.',
    expect.stringMatching(/^INVALID_PICTURE: damaged\.png is a damaged png picture \(.*decoded/),
    'INVALID_PICTURE: page.jpg is a web page, not a picture.',
    'INVALID_PICTURE: drawing.png is an SVG drawing, which is not read.',
    'INVALID_PICTURE: loop.gif is a GIF, which is not read.',
    'INVALID_PICTURE: empty.png is empty: 0 bytes.',
    expect.stringMatching(/^INVALID_PICTURE: large\.jpg has \d+ bytes; the limit is 100\.$/),
  ]);
});

test('what stands behind the end of a picture does no harm, as in Node', async (context) => {
  const data = await openPage(context);
  const same = await data.evaluate(async ({ decodePicture }) => {
    const outcomes: boolean[] = [];
    for (const name of ['baseline-420.jpg', 'rgb.png', 'lossy.webp']) {
      const blob = await (await fetch(`/encoded/${name}`)).blob();
      const { pixels } = await decodePicture(new Blob([blob, 'x'.repeat(500)]));
      outcomes.push(String(pixels) === String((await decodePicture(blob)).pixels));
    }
    return outcomes;
  });
  expect(same).toEqual([true, true, true]);
});

test('without WebGL, transparent pixels are an error and opaque ones are read', async (context) => {
  const data = await openPage(context, {
    flags: ['--disable-gpu', '--disable-software-rasterizer'],
  });
  const found = await data.evaluate(async ({ decodePicture }) => {
    const decode = async (name: string) => {
      const blob = await (await fetch(`/encoded/${name}`)).blob();
      return decodePicture(blob).then(
        ({ pixels }) => pixels.length,
        ({ code, message }: Refusal) => `${code}: ${message}`,
      );
    };
    return [await decode('rgb.png'), await decode('hidden.png')];
  });
  expect(found).toEqual([27 * 18 * 3, expect.stringMatching(/^UNSUPPORTED: .*no "webgl2" canvas/)]);
});
