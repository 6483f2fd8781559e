import { AlexNetError, messageOf } from '@alexnet/core';
import pLimit, { type LimitFunction } from 'p-limit';
import type { OrtModule } from './ort.ts';
import { type Build, fetchWasmFile, findThreadScript } from './runtime-files.ts';

// The gate of onnxruntime-web: the one file that imports it, when the first model is loaded.

/** More threads than this gain AlexNet little, and a phone's cores differ in speed. */
const MAX_DEFAULT_THREADS = 4;

export interface StartOptions {
  /** Threads wanted at most. */
  readonly threads?: number | undefined;
  /** Folder of onnxruntime's WebAssembly files. */
  readonly wasmPaths?: string | URL | undefined;
}

export interface Onnxruntime {
  readonly ort: OrtModule;
  /** Runs work when nothing else does: sessions are made, run and freed one at a time. */
  readonly turns: LimitFunction;
}

/**
 * One for each build and each page or worker, as onnxruntime-web itself: its module has one WebAssembly memory and one
 * pool of threads, and does one thing at a time.
 */
const started = new Map<Build, Promise<Onnxruntime>>();
const turns: LimitFunction = pLimit(1);

/**
 * Loads a build of onnxruntime-web with its WebAssembly file, once. The first caller decides on the threads.
 *
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` saying what is missing, and where it was looked for
 */
export function startOnnxruntime(build: Build, options: StartOptions = {}): Promise<Onnxruntime> {
  const running = started.get(build) ?? start(build, options);
  started.set(build, running);
  running.catch(() => {
    // What failed for want of a file may succeed later.
    started.delete(build);
  });
  return running;
}

async function start(build: Build, { threads, wasmPaths }: StartOptions): Promise<Onnxruntime> {
  const numThreads = countThreads(threads);
  const [ort, wasmBinary, script] = await Promise.all([
    importOrt(build),
    fetchWasmFile(build, wasmPaths),
    numThreads > 1 ? findThreadScript(build) : null,
  ]);
  ort.env.wasm.wasmBinary = wasmBinary;
  ort.env.wasm.numThreads = numThreads;
  if (script !== null) ort.env.wasm.wasmPaths = { mjs: script };
  // What goes wrong is thrown; the console belongs to the page.
  ort.env.logLevel = 'fatal';
  return { ort, turns };
}

/** Threads share memory, which browsers allow to pages that are cross-origin isolated. */
function countThreads(wanted: number | undefined): number {
  if (!globalThis.crossOriginIsolated) return 1;
  return wanted ?? Math.min(navigator.hardwareConcurrency || 1, MAX_DEFAULT_THREADS);
}

async function importOrt(build: Build): Promise<OrtModule> {
  try {
    return await (build === 'wasm'
      ? import('onnxruntime-web/wasm')
      : import('onnxruntime-web/webgpu'));
  } catch (cause) {
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message: `onnxruntime-web/${build} does not load: ${messageOf(cause)}.`,
      hint: 'Install it (npm install onnxruntime-web) and build the page again; without a bundler, name it in an import map.',
      cause,
    });
  }
}
