import { loadModel as loadInNode } from '@alexnet/runtime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEncoded } from '../golden/pictures/read-pictures.ts';
import { AGREEMENT_TOLERANCES } from '../golden/tolerances.ts';
import { expectAllClose, largest } from '../ops/compare.ts';
import {
  type BuiltRuntime,
  buildRuntime,
  miniBytes,
  miniModel,
  openRuntimePage,
} from './runtime-page.ts';

const PICTURES = ['progressive.jpg', 'exif-6.jpg', 'grey.jpg', 'rgba.png', 'lossy.webp'];

let built: BuiltRuntime;
beforeAll(async () => {
  built = await buildRuntime();
});
afterAll(() => built?.remove());

async function runInNode(files: readonly string[]): Promise<readonly Float32Array[]> {
  const model = await loadInNode(miniBytes, { device: 'cpu' });
  const logits = await model.logits(files.map(readEncoded));
  await model.dispose();
  return logits;
}

function expectLogits(actual: readonly (readonly number[])[], expected: readonly Float32Array[]) {
  expect(actual).toHaveLength(expected.length);
  for (const [index, logits] of expected.entries()) {
    const tolerance = AGREEMENT_TOLERANCES.wasm * largest(logits);
    expectAllClose(actual[index] ?? [], logits, { name: `logits of picture ${index}`, tolerance });
  }
}

describe.each([
  ['with isolation', true, 2],
  ['without isolation', false, 1],
])('a page %s', (_, isIsolated, threads) => {
  test.for([false, true])('gives what Node gives; in a worker: %s', async (worker, context) => {
    const { web } = await openRuntimePage(context, built, { isIsolated });
    const found = await web.evaluate(
      async ({ loadModel }, { worker, pictures }) => {
        const model = await loadModel('mini.onnx', { device: 'wasm', worker, threads: 2 });
        const logits = await model.logits(pictures.map((file) => `pictures/${file}`));
        const [best] = await model.classify(`pictures/${pictures[0]}`, { topK: 1 });
        const { info } = model;
        await model.dispose();
        return { info, best, logits: logits.map((row) => Array.from(row)) };
      },
      { worker, pictures: PICTURES },
    );
    expect(found.info).toMatchObject({
      ...miniModel.metadata,
      device: 'wasm',
      deviceReason: 'asked for by name',
      runtime: 'onnxruntime-web',
      version: '1.30.0',
      threads,
      classes: 7,
      outputKind: 'logits',
      layers: ['logits'],
    });
    const expected = await runInNode(PICTURES);
    expectLogits(found.logits, expected);
    expect(found.best?.index).toBe(expected[0]?.indexOf(largestOf(expected[0])));
    expect(found.best?.label).toBe(`kind ${found.best?.index}`);
  });
});

function largestOf(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}

test.for([false, true])(
  'every kind of picture is the same picture; in a worker: %s',
  async (worker, context) => {
    const { web } = await openRuntimePage(context, built);
    const found = await web.evaluate(async ({ loadModel }, inWorker) => {
      const model = await loadModel('mini.onnx', { device: 'wasm', worker: inWorker });
      const address = 'pictures/lossless.webp';
      const blob = await (await fetch(address)).blob();
      const image = new Image();
      image.src = address;
      await image.decode();
      const bitmap = await createImageBitmap(blob);
      const canvas = document.createElement('canvas');
      const offscreen = new OffscreenCanvas(bitmap.width, bitmap.height);
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
      const context2d = offscreen.getContext('2d');
      context2d?.drawImage(bitmap, 0, 0);
      const pixels = context2d?.getImageData(0, 0, bitmap.width, bitmap.height);
      if (!pixels) throw new Error('no canvas');
      const { width, height, data } = pixels;
      const video = document.createElement('video');
      video.srcObject = canvas.captureStream();
      video.muted = true;
      await video.play();
      const kinds = {
        address,
        url: new URL(address, location.href),
        file: new File([blob], 'photo.webp'),
        bytes: new Uint8Array(await blob.arrayBuffer()),
        image,
        bitmap,
        canvas,
        offscreen,
        pixels,
        raw: { width, height, channels: 4, pixels: data },
        frame: new VideoFrame(bitmap, { timestamp: 0 }),
        video,
      } as const;
      const logits = await model.logits([blob, ...Object.values(kinds)]);
      const [first, ...others] = logits.map((row) => row.join(' '));
      const different = Object.keys(kinds).filter((_, index) => others[index] !== first);
      await model.dispose();
      // What was handed over is still the caller's.
      return { different, width: bitmap.width, bytes: kinds.bytes.length };
    }, worker);
    const { width } = found;
    expect(found).toEqual({ different: [], width, bytes: readEncoded('lossless.webp').length });
    expect(width).toBeGreaterThan(0);
  },
);
