import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createRandom, encodeMeanImage, type Model, type Preprocessing } from '@alexnet/core';
import { preprocess } from '@alexnet/data';
import { decodePicture } from '@alexnet/data/node';
import { exportOnnx } from '@alexnet/export';
import { loadModel as loadInNode } from '@alexnet/runtime-node';
import { expect, test } from 'vitest';
import { readEncoded } from '../golden/pictures/read-pictures.ts';
import { AGREEMENT_TOLERANCES } from '../golden/tolerances.ts';
import { expectAllClose, largest } from '../ops/compare.ts';
import { bundle } from './bundle.ts';
import { importModule } from './import-module.ts';
import { launchChromium } from './launch-chromium.ts';
import { buildRuntime, miniModel, openRuntimePage } from './runtime-page.ts';
import { respond, serve } from './serve.ts';

// A model that subtracts a mean image is given the same bytes in a page as in Node.

const PICTURES = ['progressive.jpg', 'exif-6.jpg', 'grey.jpg', 'lossy.webp'];
const SIDE = 227;

const random = createRandom(8);
const values = Float32Array.from({ length: 3 * 256 * 256 }, () => 90 + 70 * random.uniform());
const preprocessing: Preprocessing = {
  resize: { mode: 'short-side', size: 256, filter: 'bilinear', antialias: true },
  crop: { height: SIDE, width: SIDE },
  channels: 'BGR',
  scale: 1,
  mean: encodeMeanImage(values, { height: 256, width: 256 }),
  std: [57, 58, 59],
};
const model: Model = { ...miniModel, metadata: { ...miniModel.metadata, preprocessing } };

test('the input has the same bytes', async (context) => {
  const code = await bundle(`
    export { preprocess } from '@alexnet/data';
    export { decodePicture } from '@alexnet/data/web';
  `);
  const browser = await launchChromium(context);
  const { url } = await serve({
    folders: {
      '/encoded/': fileURLToPath(new URL('../golden/pictures/encoded/', import.meta.url)),
    },
    routes: { '/data.js': respond('text/javascript', code) },
  });
  const page = await browser.newPage();
  await page.goto(url);
  type DataModule = typeof import('@alexnet/data') & typeof import('@alexnet/data/web');
  const module = await importModule<DataModule>(page, '/data.js');
  const found = await module.evaluate(
    async (data, { files, preprocessing, size }) => {
      const sums: string[] = [];
      for (const file of files) {
        const blob = await (await fetch(`/encoded/${file}`)).blob();
        const input = new Float32Array(size);
        data.preprocess(await data.decodePicture(blob), preprocessing, input);
        const digest = await crypto.subtle.digest('SHA-256', input);
        sums.push(
          Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''),
        );
      }
      return sums;
    },
    { files: PICTURES, preprocessing, size: 3 * SIDE * SIDE },
  );
  const expected: string[] = [];
  for (const file of PICTURES) {
    const input = new Float32Array(3 * SIDE * SIDE);
    preprocess(await decodePicture(readEncoded(file)), preprocessing, input);
    expected.push(createHash('sha256').update(new Uint8Array(input.buffer)).digest('hex'));
  }
  expect(found).toEqual(expected);
});

test('the classifier gives what Node gives, with ten crops too, on the page and in a worker', async (context) => {
  const built = await buildRuntime();
  try {
    const bytes = exportOnnx(model);
    const { web } = await openRuntimePage(context, built, {
      routes: { '/mean.onnx': respond('application/octet-stream', bytes) },
    });
    const here = await loadInNode(bytes, { device: 'cpu' });
    for (const crops of [1, 10] as const) {
      const expected = await here.logits(PICTURES.map(readEncoded), { crops });
      for (const worker of [false, true]) {
        const found = await web.evaluate(
          async ({ loadModel }, { crops, worker, pictures }) => {
            const model = await loadModel('mean.onnx', { device: 'wasm', worker });
            const logits = await model.logits(
              pictures.map((file) => `pictures/${file}`),
              { crops },
            );
            await model.dispose();
            return logits.map((row) => Array.from(row));
          },
          { crops, worker, pictures: PICTURES },
        );
        for (const [index, logits] of expected.entries()) {
          const tolerance = AGREEMENT_TOLERANCES.wasm * largest(logits);
          expectAllClose(found[index] ?? [], logits, { name: `picture ${index}`, tolerance });
        }
      }
    }
    await here.dispose();
  } finally {
    built.remove();
  }
});
