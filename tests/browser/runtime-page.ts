import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createModel, type Model } from '@alexnet/core';
import { exportOnnx } from '@alexnet/export';
import { build } from 'esbuild';
import type { JSHandle, Page } from 'playwright-core';
import type { TestContext } from 'vitest';
import { importModule } from './import-module.ts';
import { launchChromium } from './launch-chromium.ts';
import { type FileServer, respond, type ServedFiles, serve } from './serve.ts';

export type RuntimeWeb = typeof import('@alexnet/runtime-web');

/** A folder with `@alexnet/runtime-web` as a page loads it, made once for a file of tests. */
export interface BuiltRuntime {
  readonly folder: string;
  remove(): void;
}

const ENCODED = fileURLToPath(new URL('../golden/pictures/encoded', import.meta.url));
const WASM_FILES = ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.asyncify.wasm'] as const;

/** Small enough for every test, with a name of its own for each class. */
export const miniModel: Model = createModel('mini', {
  labels: Array.from({ length: 7 }, (_, index) => `kind ${index}`),
  seed: 11,
});
export const miniBytes: Uint8Array = exportOnnx(miniModel);

/** Bundles the runtime in parts, as sites do, with onnxruntime's files beside it. */
export async function buildRuntime(): Promise<BuiltRuntime> {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-runtime-web-'));
  const { resolve } = createRequire(import.meta.url);
  const runtime = resolve('@alexnet/runtime-web');
  await build({
    entryPoints: { runtime, worker: resolve('@alexnet/runtime-web/worker') },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    outdir: folder,
    logLevel: 'silent',
  });
  const onnxruntime = createRequire(runtime).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm');
  for (const file of WASM_FILES) {
    copyFileSync(join(dirname(onnxruntime), file), join(folder, file));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

export interface RuntimePage {
  readonly page: Page;
  readonly web: JSHandle<RuntimeWeb>;
  readonly server: FileServer;
}

export interface PageOptions extends ServedFiles {
  readonly webgpu?: boolean;
  /** What the server is called; browsers trust 127.0.0.1 without https, and other names not. */
  readonly host?: string;
}

/** A page that has the runtime, the `mini` model at `/mini.onnx` and the golden pictures under `/pictures/`. */
export async function openRuntimePage(
  context: TestContext,
  { folder }: BuiltRuntime,
  { webgpu = false, host = '127.0.0.1', routes = {}, ...files }: PageOptions = {},
): Promise<RuntimePage> {
  const served = await serve({
    ...files,
    folders: { '/': folder, '/pictures/': ENCODED },
    routes: { '/mini.onnx': respond('application/octet-stream', miniBytes), ...routes },
  });
  const server = { ...served, url: served.url.replace('127.0.0.1', host) };
  const flags = [`--host-resolver-rules=MAP ${host} 127.0.0.1`];
  const browser = await launchChromium(context, { webgpu, flags });
  const page = await (await browser.newContext()).newPage();
  return { page, server, web: await openRuntime(page, server) };
}

/** The runtime in one more page of the same server. */
export async function openRuntime(page: Page, { url }: FileServer): Promise<JSHandle<RuntimeWeb>> {
  await page.goto(url);
  return importModule<RuntimeWeb>(page, '/runtime.js');
}
