import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { loadModel } from '@alexnet/runtime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from './browser/launch-chromium.ts';
import { miniBytes } from './browser/runtime-page.ts';
import { respond, serve } from './browser/serve.ts';
import { type Consumer, installPacked, repository } from './packed-consumer.ts';

// The pages of examples/web, built by each bundler from the packed packages alone, and used.

const PACKAGES = ['core', 'export', 'data', 'runtime', 'runtime-web'];
const PICTURE = join(repository, 'tests/golden/pictures/encoded/exif-6.jpg');

let consumer: Consumer;
let expected = '';

beforeAll(async () => {
  consumer = await installPacked(PACKAGES.map((name) => `@alexnet/${name}`));
  expect(consumer.tarballs).toHaveLength(PACKAGES.length);
  cpSync(join(repository, 'examples/web'), join(consumer.folder, 'web'), { recursive: true });
  const node = await loadModel(miniBytes, { device: 'cpu' });
  const predictions = await node.classify(PICTURE);
  expected = predictions
    .map(({ label, probability }) => `${label} ${(100 * probability).toFixed(1)} %`)
    .join(', ');
  await node.dispose();
});
afterAll(() => consumer?.remove());

/** Builds an example as its package.json says, with the bundlers of this repository. */
async function build(example: string): Promise<string> {
  const cwd = join(consumer.folder, 'web', example);
  const { scripts } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
  if (scripts === undefined) return '/web/plain/';
  const bundlers = join(repository, 'tests/node_modules/.bin');
  const env = { ...process.env, PATH: `${bundlers}${delimiter}${process.env.PATH}` };
  await consumer.run('npm', ['run', 'build'], { cwd, env });
  expect(existsSync(join(cwd, 'dist/index.html'))).toBe(true);
  return `/web/${example}/dist/`;
}

test('what pages need brings nothing that decodes pictures in Node', () => {
  const installed = readdirSync(join(consumer.folder, 'node_modules'));
  expect(installed).toEqual(expect.arrayContaining(['@alexnet', 'onnxruntime-web']));
  expect(installed.filter((name) => /^(@img|sharp)$/.test(name))).toEqual([]);
});

test.for(['vite', 'webpack', 'esbuild', 'plain'])(
  'the page of %s finds its files and classifies, with threads and without',
  async (example, context) => {
    const browser = await launchChromium(context);
    const path = await build(example);
    for (const isIsolated of [true, false]) {
      const { url } = await serve({
        isIsolated,
        folders: {
          '/': consumer.folder,
          '/assets/': join(consumer.folder, path, 'assets'),
          // npm installs into the example's own folder; here all share one.
          '/web/plain/node_modules/': join(consumer.folder, 'node_modules'),
        },
        routes: { [`${path}model.onnx`]: respond('application/octet-stream', miniBytes) },
      });
      const page = await (await browser.newContext()).newPage();
      const troubles: string[] = [];
      page.on('pageerror', (error) => troubles.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') troubles.push(message.text());
      });
      page.on('response', (response) => {
        if (response.status() >= 400) troubles.push(`${response.status()} ${response.url()}`);
      });
      await page.goto(`${url}${path}index.html`);
      const status = page.locator('#status');
      await expect.poll(() => status.textContent(), { timeout: 60_000 }).toMatch(/^Ready/);
      const threads = isIsolated
        ? await page.evaluate(() => Math.min(navigator.hardwareConcurrency, 4))
        : 1;
      expect(await status.textContent()).toBe(`Ready: wasm, threads: ${threads}`);
      await page.locator('input').setInputFiles(PICTURE);
      const items = page.locator('li');
      await expect.poll(() => items.count(), { timeout: 30_000 }).toBe(5);
      expect((await items.allTextContents()).join(', ')).toBe(expected);
      expect(troubles).toEqual([]);
      await page.close();
    }
  },
);
