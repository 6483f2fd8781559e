import { fileURLToPath } from 'node:url';
import type { Picture } from '@alexnet/data';
import { expect, type TestContext, test } from 'vitest';
import { openGoldenBytes, readEncoded, readGoldenCases } from '../golden/pictures/read-pictures.ts';
import { bundle } from './bundle.ts';
import { importModule } from './import-module.ts';
import { launchChromium } from './launch-chromium.ts';
import { respond, serve } from './serve.ts';

const ENCODED = fileURLToPath(new URL('../golden/pictures/encoded', import.meta.url));
const golden = openGoldenBytes();

/** Where Chromium's decoders give other pixels than Pillow's, and what they give. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  // Chromium converts CMYK by another formula.
  'cmyk.jpg': '27×18, largest difference 1',
  // Chromium turns JPEG and PNG as EXIF says, WebP it does not.
  'exif-6.webp': '27×18',
};

type Web = typeof import('@alexnet/data/web');

async function openPage(context: TestContext) {
  const code = await bundle("export { decodePicture } from '@alexnet/data/web';");
  const { url } = await serve({
    folders: { '/pictures/': ENCODED },
    routes: { '/web.js': respond('text/javascript', code) },
  });
  const page = await (await launchChromium(context)).newPage();
  await page.goto(url);
  const web = await importModule<Web>(page, '/web.js');
  return web;
}

test('Chromium decodes what Pillow decodes, bit for bit but for the exceptions', async (context) => {
  const web = await openPage(context);
  const found: Record<string, string> = {};
  for (const { file, result } of readGoldenCases().decoded) {
    const picture = await web.evaluate(async ({ decodePicture }, path) => {
      const { pixels, ...rest } = await decodePicture(await (await fetch(path)).blob());
      return { ...rest, pixels: Array.from(pixels) };
    }, `/pictures/${file}`);
    const difference = describeDifference(picture, golden.picture(result));
    if (difference !== 'none') found[file] = difference;
  }
  expect(found).toEqual(EXCEPTIONS);
});

/** Grey of Pillow's comes in three equal channels here. */
function describeDifference(
  { width, height, pixels }: { width: number; height: number; pixels: readonly number[] },
  expected: Picture,
): string {
  const size = `${width}×${height}`;
  if (size !== `${expected.width}×${expected.height}`) return size;
  const repeats = 3 / expected.channels;
  const off = pixels.map((value, i) =>
    Math.abs(value - (expected.pixels[Math.floor(i / repeats)] ?? Number.NaN)),
  );
  const largest = Math.max(...off);
  return largest === 0 ? 'none' : `${size}, largest difference ${largest}`;
}

test('what is no whole picture is refused as in Node', async (context) => {
  const web = await openPage(context);
  const whole = readEncoded('progressive.jpg');
  const bomb = Uint8Array.from(readEncoded('rgb.png'));
  new DataView(bomb.buffer).setUint32(16, 50_000);
  new DataView(bomb.buffer).setUint32(20, 50_000);
  const damaged = Uint8Array.from(readEncoded('rgb.png'));
  damaged.fill(0xaa, 60, 200);
  const files = {
    'cut.jpg': whole.subarray(0, whole.length * 0.7),
    'bomb.png': bomb,
    'damaged.png': damaged,
    'page.jpg': new TextEncoder().encode('<!doctype html><title>Not found</title>'),
    'drawing.png': new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    'loop.gif': new TextEncoder().encode('GIF89a........'),
    'empty.png': new Uint8Array(),
  };
  const found: string[] = [];
  for (const [name, bytes] of Object.entries(files)) {
    const message = await web.evaluate(
      async ({ decodePicture }, [text, values]) => {
        const file = new File([Uint8Array.from(values)], text, { type: 'image/png' });
        return decodePicture(file, { name: text }).then(
          ({ width, height }) => `${width}×${height}`,
          ({ code, message }) => `${code}: ${message}`,
        );
      },
      [name, Array.from(bytes)] as const,
    );
    found.push(message);
  }
  expect(found).toEqual([
    'INVALID_PICTURE: cut.jpg is a truncated jpeg picture.',
    'INVALID_PICTURE: bomb.png is 50000 × 50000 = 2500000000 pixels; the limit is 100000000.',
    expect.stringMatching(
      /^INVALID_PICTURE: damaged\.png is a damaged png picture \(the decoder says: .*decoded.*\)\.$/,
    ),
    'INVALID_PICTURE: page.jpg is a web page, not a picture.',
    'INVALID_PICTURE: drawing.png is an SVG drawing, which is not read.',
    'INVALID_PICTURE: loop.gif is a GIF, which is not read.',
    'INVALID_PICTURE: empty.png is empty: 0 bytes.',
  ]);
});
