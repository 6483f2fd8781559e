import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished, type TestContext } from 'vitest';
import { launchChromium } from '../browser/launch-chromium.ts';
import { serve } from '../browser/serve.ts';

const DIST = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));

export const PICTURES: string = fileURLToPath(
  new URL('../golden/pictures/encoded', import.meta.url),
);
export const PICTURE: string = join(PICTURES, 'baseline-420.jpg');

/** The model that the page ships with. */
export const FLOWERS = fileURLToPath(
  new URL('../../apps/web/public/models/flowers5.onnx', import.meta.url),
);

const CAMERA_FLAGS = ['--use-fake-device-for-media-stream'];

export interface OpenPageOptions {
  /** With a camera that shows a moving pattern; pages still have to ask. */
  readonly camera?: boolean;
  /** With a WebGPU adapter. */
  readonly webgpu?: boolean;
  /** Of the browser: size of the window, colours, permissions. */
  readonly context?: BrowserContextOptions;
  readonly isIsolated?: boolean;
  /** Behind the page's address: `?model=…`. */
  readonly query?: string;
  /** Further files of the page's server, by their beginning. */
  readonly folders?: Readonly<Record<string, string>>;
}

export interface OpenedPage {
  readonly page: Page;
  readonly url: string;
  /** Method and path of each request so far. */
  readonly requests: readonly string[];
  /** What the page wrote to the console, and what it threw: nothing, unless a test says so. */
  readonly complaints: string[];
}

/** Opens the built page in a headless Chromium, with its own model ready. */
export async function openPage(
  test: TestContext,
  {
    camera = false,
    webgpu = false,
    context,
    isIsolated,
    query = '',
    folders,
  }: OpenPageOptions = {},
): Promise<OpenedPage> {
  expect(existsSync(`${DIST}/index.html`), 'The page is not built: npm run build').toBe(true);
  const browser = await launchChromium(test, { webgpu, flags: camera ? CAMERA_FLAGS : [] });
  const server = await serve({
    folders: { '/page/': DIST, ...folders },
    ...(isIsolated === undefined ? {} : { isIsolated }),
  });
  const opened = await browser.newContext(context);
  onTestFinished(() => opened.close());
  const page = await opened.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  const url = `${server.url}/page/index.html${query}`;
  await page.goto(url);
  await modelIsReady(page);
  return { page, url, requests: server.requests, complaints };
}

/** Waits until the page is done opening a model. */
export async function modelIsReady(page: Page): Promise<void> {
  await page.locator('#model-facts dt').first().waitFor();
  await page.locator('#model-loading').waitFor({ state: 'hidden' });
}

/** Chooses a picture file, and waits for its classes. */
export async function choosePicture(page: Page, file: string): Promise<void> {
  await page.setInputFiles('#picture-file', file);
  await page.locator('#picture-place img').waitFor();
  await page.locator('#result-time:not(:empty)').waitFor();
}

/** What the result says: labels and probabilities as they are written. */
export function readResult(page: Page): Promise<(readonly [string, string])[]> {
  return page
    .locator('#result-table tbody tr')
    .evaluateAll((rows) =>
      rows.map((row): readonly [string, string] => [
        row.querySelector('.label')?.textContent ?? '',
        row.querySelector('td')?.textContent ?? '',
      ]),
    );
}
