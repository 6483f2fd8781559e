import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel } from '@alexnet/runtime-node';
import { describe, expect, test } from 'vitest';
import { findBarriers } from './page/axe.ts';
import { MALICIOUS, writeModelFiles } from './page/model-files.ts';
import {
  choosePicture,
  FLOWERS,
  modelIsReady,
  openPage,
  PICTURE,
  PICTURES,
  readResult,
} from './page/open-page.ts';

// The page of apps/web, as it is built, in a browser: pictures and models go in, answers come out.

/** As the page writes it. */
const percent = (share: number): string =>
  share > 0 && share < 0.0005 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`;

describe('answers', () => {
  test('are those of Node, for every kind of picture file', async (context) => {
    const node = await loadModel(FLOWERS, { device: 'cpu' });
    const { page, complaints } = await openPage(context);
    const names = ['baseline-420.jpg', 'progressive.jpg', 'exif-6.jpg', 'rgb.png', 'lossy.webp'];
    for (const name of names) {
      const file = join(PICTURES, name);
      await choosePicture(page, file);
      const expected = (await node.classify(file)).map(({ label, probability }) => [
        label,
        percent(probability),
      ]);
      await expect.poll(() => readResult(page), { message: name }).toEqual(expected);
    }
    expect(await page.locator('#result-time').textContent()).toMatch(/ m?s on WASM, 1 thread$/);
    expect(complaints).toEqual([]);
    await node.dispose();
  });

  test('come for what is pasted and for what is dropped', async (context) => {
    const { page } = await openPage(context);
    const bytes = [...readFileSync(PICTURE)];
    for (const type of ['paste', 'drop'] as const) {
      await page.evaluate(
        ([kind, content]) => {
          const data = new DataTransfer();
          const file = new File([new Uint8Array(content)], `${kind}.jpg`, { type: 'image/jpeg' });
          data.items.add(file);
          const init = { bubbles: true, cancelable: true };
          const event =
            kind === 'paste'
              ? new ClipboardEvent(kind, { ...init, clipboardData: data })
              : new DragEvent(kind, { ...init, dataTransfer: data });
          document.body.dispatchEvent(event);
        },
        [type, bytes] as const,
      );
      await page.getByRole('img', { name: `The picture: ${type}.jpg` }).waitFor();
      await expect.poll(() => readResult(page)).toHaveLength(5);
    }
  });

  test('come for the frames of a camera, until it is stopped', async (context) => {
    const { page, complaints } = await openPage(context, {
      camera: true,
      context: { permissions: ['camera'] },
    });
    await page.getByRole('button', { name: 'Use camera' }).click();
    await expect.poll(() => readResult(page)).toHaveLength(5);
    const time = await page.locator('#result-time').textContent();
    await expect.poll(() => page.locator('#result-time').textContent()).not.toBe(time);
    await page.getByRole('button', { name: 'Keep frame' }).click();
    await page.getByRole('img', { name: 'The picture: a frame of the camera' }).waitFor();
    await page.getByRole('button', { name: 'Use camera' }).click();
    await page.getByRole('button', { name: 'Stop camera' }).click();
    const isLive = await page
      .locator('#camera-video')
      .evaluate((video) => video instanceof HTMLVideoElement && video.srcObject !== null);
    expect(isLive).toBe(false);
    expect(complaints).toEqual([]);
  });
});

describe('what goes wrong is said in words', () => {
  test('no camera, or no permission', async (context) => {
    const { page } = await openPage(context);
    await page.getByRole('button', { name: 'Use camera' }).click();
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toMatch(/^(?:No camera was found|The page may not use the camera)/);
    await page.getByRole('button', { name: 'Close' }).click();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('a file that is no picture leaves the picture before', async (context) => {
    const { page } = await openPage(context);
    await choosePicture(page, PICTURE);
    await page.setInputFiles('#picture-file', {
      name: 'notes.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.from('not a picture'),
    });
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toContain('notes.jpg is no picture');
    expect(await readResult(page)).toHaveLength(5);
  });

  test('a file that is no model leaves the model before', async (context) => {
    const { page } = await openPage(context);
    await page.setInputFiles('#model-file', {
      name: 'page.onnx',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('<!doctype html><title>Not found</title>'),
    });
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('page.onnx');
    await choosePicture(page, PICTURE);
    expect(await readResult(page)).toHaveLength(5);
  });

  test('a model of another server', async (context) => {
    const { page } = await openPage(context, { query: '?model=https://elsewhere.example/m.onnx' });
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toContain('models of its own server only');
  });
});

describe('other models', () => {
  test('come by address, with labels that are text and nothing else', async (context) => {
    const { folder } = writeModelFiles();
    const { page, complaints } = await openPage(context, {
      query: '?model=../models/evil.onnx',
      folders: { '/models/': folder },
    });
    await choosePicture(page, PICTURE);
    const labels = (await readResult(page)).map(([label]) => label);
    expect(labels.sort()).toEqual(['&amp;', '</script>', MALICIOUS]);
    expect(await page.locator('#model-facts').textContent()).toContain(MALICIOUS);
    expect(await page.title()).toBe('AlexNet in your browser');
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.getByRole('button', { name: 'Back to the flowers' }).click();
    await expect.poll(async () => (await readResult(page))[0]?.[0]).toMatch(/^[a-z]+$/);
  });

  test('that say nothing of themselves are asked for', async (context) => {
    const { bare, inputShape } = writeModelFiles();
    const [, height = 0, width = 0] = inputShape;
    const node = await loadModel(bare, {
      labels: ['one', 'two', MALICIOUS],
      preprocessing: {
        resize: { mode: 'exact', height, width, filter: 'bilinear', antialias: true },
        crop: { height, width },
        channels: 'RGB',
        scale: 1 / 127.5,
        mean: [1, 1, 1],
        std: [1, 1, 1],
      },
      device: 'cpu',
    });
    const { page } = await openPage(context);
    await page.setInputFiles('#model-file', bare);
    const labels = page.getByRole('textbox', { name: 'Labels, one a line' });
    await labels.fill(`one\ntwo`);
    const use = page.getByRole('button', { name: 'Use this model' });
    await use.click();
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toContain('3 classes, but 2 labels');
    expect(await findBarriers(page)).toEqual([]);
    await labels.fill(`one\ntwo\n${MALICIOUS}`);
    await page.getByLabel('Values of a pixel').selectOption('RGB, −1 to 1');
    await page.getByLabel(/^From any picture/).selectOption('Squeeze the whole picture');
    await use.click();
    await page.locator('#model-name', { hasText: 'bare.onnx' }).waitFor();
    await modelIsReady(page);
    await choosePicture(page, PICTURE);
    const expected = (await node.classify(PICTURE)).map(({ label, probability }) => [
      label,
      percent(probability),
    ]);
    await expect.poll(() => readResult(page)).toEqual(expected);
    await node.dispose();
  });
});

describe('the device', () => {
  test('is the one that is asked for', async (context) => {
    const { page } = await openPage(context, { webgpu: true });
    await choosePicture(page, PICTURE);
    await page.getByRole('radio', { name: 'WASM' }).check();
    await page.locator('#result-time', { hasText: 'on WASM' }).waitFor();
    const onWasm = await readResult(page);
    await page.getByRole('radio', { name: 'WebGPU' }).check();
    await page.locator('#result-time', { hasText: 'on WebGPU' }).waitFor();
    expect(await page.locator('#device-reason').textContent()).toMatch(/^WebGPU \(.*by name/);
    expect((await readResult(page)).map(([label]) => label)).toEqual(
      onWasm.map(([label]) => label),
    );
  });

  test('is said not to be there', async (context) => {
    const { page } = await openPage(context);
    await page.getByRole('radio', { name: 'WebGPU' }).check();
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/WebGPU/);
    expect(await page.getByRole('radio', { name: 'Auto' }).isChecked()).toBe(true);
  });
});

describe('a page that stands for itself', () => {
  test('reads nothing but its own server, and cannot', async (context) => {
    const { page, url } = await openPage(context);
    await choosePicture(page, PICTURE);
    const elsewhere = url.replace('127.0.0.1', 'localhost');
    const outcome = await page.evaluate(async (address) => {
      const violation = new Promise<string>((resolve) => {
        addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
      });
      const answer = await fetch(address).then(
        () => 'answered',
        () => 'refused',
      );
      return [answer, await violation];
    }, elsewhere);
    expect(outcome).toEqual(['refused', 'connect-src']);
    const policy = await page.locator('meta[http-equiv]').getAttribute('content');
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).not.toContain("'unsafe-eval'");
  });

  test('works without a network from the second visit on, then with threads', async (context) => {
    const { page } = await openPage(context);
    await page.evaluate(() => navigator.serviceWorker.ready);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await page.context().setOffline(true);
    await page.reload();
    await modelIsReady(page);
    await choosePicture(page, PICTURE);
    expect(await readResult(page)).toHaveLength(5);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.locator('#result-time').textContent()).toMatch(
      / on WASM, [1-9]\d* threads?$/,
    );
    await page.getByRole('tab', { name: 'Filters' }).click();
    await page.getByRole('group', { name: 'Filters of conv1' }).waitFor();
  });
});
