import { AlexNetError, messageOf } from '@alexnet/core';
import { describeAnswer } from '../model-files/answer.ts';
import type { WebDevice } from './ort.ts';

/** onnxruntime's builds: for WASM alone (14 MB), and with WebGPU (27 MB). */
export type Build = WebDevice;

/** @see onnxruntime-web 1.30, lib/wasm/wasm-utils-import.ts */
const FILES: Readonly<Record<Build, string>> = {
  wasm: 'ort-wasm-simd-threaded.wasm',
  webgpu: 'ort-wasm-simd-threaded.asyncify.wasm',
};

/** What webpack and Vite replace by the addresses that they give the files; others leave it as it is. */
const BUNDLED: Readonly<Record<Build, () => { readonly wasm: URL; readonly script: URL }>> = {
  wasm: () => ({
    wasm: new URL('onnxruntime-web/ort-wasm-simd-threaded.wasm', import.meta.url),
    script: new URL('onnxruntime-web/ort-wasm-simd-threaded.mjs', import.meta.url),
  }),
  webgpu: () => ({
    wasm: new URL('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm', import.meta.url),
    script: new URL('onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs', import.meta.url),
  }),
};

/** The first bytes of every WebAssembly file: `\0asm`. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/**
 * Fetches onnxruntime's WebAssembly file and looks at it: bundlers and servers easily lose it, and onnxruntime itself
 * neither says where it looked nor tries again.
 *
 * @param folder - where the caller says that onnxruntime's files are
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` naming each address tried and what came back
 */
export async function fetchWasmFile(build: Build, folder?: string | URL): Promise<ArrayBuffer> {
  const addresses = listAddresses(build, folder);
  const failures: string[] = [];
  for (const address of addresses) {
    const result = await tryAddress(address);
    if (result instanceof ArrayBuffer) return result;
    failures.push(`${address} gave ${result}`);
  }
  throw notFound(FILES[build], addresses, failures);
}

function notFound(
  file: string,
  addresses: readonly string[],
  failures: readonly string[],
): AlexNetError {
  return new AlexNetError('MISSING_DEPENDENCY', {
    message: `onnxruntime's file ${file} was not found: ${failures.join('; ')}.`,
    hint: `Copy node_modules/onnxruntime-web/dist/${file} to where the bundle lies, or say where it is: loadModel(…, { wasmPaths: '/folder/' }).`,
    path: addresses,
  });
}

function listAddresses(build: Build, folder: string | URL | undefined): readonly string[] {
  const file = FILES[build];
  const page = globalThis.document?.baseURI ?? globalThis.location.href;
  if (folder !== undefined) return [new URL(file, new URL(folder, page)).href];
  const bundled = BUNDLED[build]().wasm;
  if (isReplaced(bundled)) return [bundled.href];
  const script = scriptAddress() ?? page;
  // Vite's development server moves scripts of packages here, and not the files beside them.
  const isMoved = script.includes('/node_modules/.vite/deps/');
  const folders = isMoved ? ['../../onnxruntime-web/dist/'] : [...resolveBeside(build), './'];
  return folders.map((each) => new URL(file, new URL(each, script)).href);
}

/**
 * Address of the script that onnxruntime's threads start with, where a bundler gave it one; `null` where onnxruntime
 * finds it by itself. Bundled, it would start the page's own code in each thread.
 *
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` naming the address and what came back
 */
export async function findThreadScript(build: Build): Promise<string | null> {
  const { script } = BUNDLED[build]();
  if (!isReplaced(script)) return null;
  const response = await fetch(script);
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || type.includes('html')) {
    const failure = `${script.href} gave ${describeAnswer(response, new TextEncoder().encode(text))}`;
    throw notFound(FILES[build].replace('.wasm', '.mjs'), [script.href], [failure]);
  }
  // Many servers do not know .mjs, and browsers run no script of another type.
  if (type.includes('javascript')) return script.href;
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}

function isReplaced({ protocol, pathname }: URL): boolean {
  return (
    /^(?:https?|blob|data):$/.test(protocol) && !/\/onnxruntime-web\/ort-[^/]*$/.test(pathname)
  );
}

/** Where an import map says that onnxruntime is, its files lie beside it. */
function resolveBeside(build: Build): readonly string[] {
  try {
    return [import.meta.resolve(`onnxruntime-web/${build}`)];
  } catch {
    // No import map names it, or the browser has no import.meta.resolve.
    return [];
  }
}

/** Of this module, or of the bundle that it is part of. webpack writes the address of the source in its place. */
function scriptAddress(): string | null {
  const address: string | undefined = import.meta.url;
  return address?.startsWith('http') ? address : null;
}

async function tryAddress(address: string): Promise<ArrayBuffer | string> {
  try {
    const response = await fetch(address);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.ok && MAGIC.every((byte, i) => bytes[i] === byte)) return bytes.buffer;
    return describeAnswer(response, bytes);
  } catch (error) {
    return messageOf(error);
  }
}
