import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlexNetError } from '@alexnet/core';

// The gate of what runs a model in a browser: none of it is installed with the command.

export type { Browser, Page } from 'playwright-core';

/** Drives a Chromium. */
type Playwright = typeof import('playwright-core');

/** @throws {@link AlexNetError} `MISSING_DEPENDENCY` */
export function loadPlaywright(): Promise<Playwright> {
  return load(() => import('playwright-core'));
}

/**
 * The page's script, with `@alexnet/runtime-web` in it, in parts as a site would serve it.
 *
 * @returns contents by file name; `page.js` is the first to load
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY`
 */
export async function bundlePage(): Promise<ReadonlyMap<string, Uint8Array>> {
  const esbuild = await load(() => import('esbuild'));
  findOnnxruntimeFolder();
  const { outputFiles } = await esbuild.build({
    entryPoints: [fileURLToPath(new URL('./web/page.js', import.meta.url))],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    outdir: '/',
    write: false,
    logLevel: 'silent',
  });
  return new Map(
    outputFiles.map(({ path, contents }) => [path.split(/[\\/]/).at(-1) ?? path, contents]),
  );
}

/** Where onnxruntime-web's WebAssembly files lie. @throws {@link AlexNetError} `MISSING_DEPENDENCY` */
export function findOnnxruntimeFolder(): string {
  try {
    const runtime = createRequire(import.meta.url).resolve('@alexnet/runtime-web');
    const file = createRequire(runtime).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm');
    return dirname(file);
  } catch (cause) {
    throw missing(cause);
  }
}

async function load<Module>(importModule: () => Promise<Module>): Promise<Module> {
  try {
    return await importModule();
  } catch (cause) {
    throw missing(cause);
  }
}

function missing(cause: unknown): AlexNetError {
  return new AlexNetError('MISSING_DEPENDENCY', {
    message:
      'A browser is driven by "playwright-core", given "@alexnet/runtime-web" by "esbuild", and these are not all installed.',
    hint: 'npm install playwright-core esbuild @alexnet/runtime-web',
    cause,
  });
}
