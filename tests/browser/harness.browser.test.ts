import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from './bundle.ts';
import { importModule } from './import-module.ts';
import { launchChromium } from './launch-chromium.ts';
import { respond, serve } from './serve.ts';

// What the other browser tests stand on.

test('a page is cross-origin isolated where the server says so', async (context) => {
  const browser = await launchChromium(context);
  const page = await browser.newPage();
  for (const isIsolated of [true, false]) {
    const { url, requests } = await serve({ isIsolated });
    await page.goto(url);
    expect(requests).toEqual(['GET /']);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(isIsolated);
    expect(await page.evaluate(() => 'SharedArrayBuffer' in globalThis)).toBe(isIsolated);
  }
});

test('there is a WebGPU adapter with the flags, and none without', async (context) => {
  const { url } = await serve();
  for (const webgpu of [true, false]) {
    const page = await (await launchChromium(context, { webgpu })).newPage();
    await page.goto(url);
    const vendor = await page.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter();
      return adapter?.info.vendor ?? null;
    });
    expect(vendor).toBe(webgpu ? 'google' : null);
  }
});

test('a page runs our packages, and what they throw', async (context) => {
  const code = await bundle("export { createNetwork } from '@alexnet/core';");
  const { url } = await serve({ routes: { '/core.js': respond('text/javascript', code) } });
  const page = await (await launchChromium(context)).newPage();
  await page.goto(url);
  const core = await importModule<typeof import('@alexnet/core')>(page, '/core.js');
  const found = await core.evaluate(({ createNetwork }) => {
    const { nodes } = createNetwork('mini').graph;
    try {
      createNetwork('mini', { classes: -1 });
    } catch (error) {
      return { op: nodes[0]?.op, error: String(error) };
    }
    return null;
  });
  expect(found).toEqual({ op: 'Conv', error: expect.stringContaining('classes') });
});

test('what needs Node is no bundle for browsers', async () => {
  await expect(bundle("import 'node:fs';")).rejects.toThrow('Could not resolve "node:fs"');
});

test('folders are served, and nothing beside them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-serve-'));
  try {
    const served = join(folder, 'served');
    mkdirSync(served);
    writeFileSync(join(served, 'module.mjs'), 'export {};');
    writeFileSync(join(folder, 'beside'), 'secret');
    const { url, requests, close } = await serve({ folders: { '/served/': served } });
    const found = await fetch(`${url}/served/module.mjs`);
    expect([found.headers.get('content-type'), await found.text()]).toEqual([
      'text/javascript',
      'export {};',
    ]);
    const beside = await fetch(`${url}/served/%2e%2e%2fbeside`);
    expect(beside.status).toBe(404);
    expect(requests).toHaveLength(2);
    await close();
    await expect(fetch(url)).rejects.toThrow();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
