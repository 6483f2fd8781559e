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

/** What webpack and Vite replace by the address that they give the file; others leave it. */
const BUNDLED: Readonly<Record<Build, () => URL>> = {
  wasm: () => new URL('onnxruntime-web/ort-wasm-simd-threaded.wasm', import.meta.url),
  webgpu: () => new URL('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm', import.meta.url),
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
  throw new AlexNetError('MISSING_DEPENDENCY', {
    message: `onnxruntime's file ${FILES[build]} was not found: ${failures.join('; ')}.`,
    hint: `Copy node_modules/onnxruntime-web/dist/${FILES[build]} to where the bundle lies, or say where it is: loadModel(…, { wasmPaths: '/folder/' }).`,
    path: addresses,
  });
}

function listAddresses(build: Build, folder: string | URL | undefined): readonly string[] {
  const file = FILES[build];
  const page = globalThis.document?.baseURI ?? globalThis.location.href;
  if (folder !== undefined) return [new URL(file, new URL(folder, page)).href];
  const bundled = BUNDLED[build]().href;
  const isReplaced = !bundled.endsWith(`onnxruntime-web/${file}`);
  if (isReplaced && /^(?:https?|blob|data):/.test(bundled)) return [bundled];
  return [...resolveBeside(build, file), new URL(file, scriptAddress() ?? page).href];
}

/** Where an import map says that onnxruntime is, its file lies beside it. */
function resolveBeside(build: Build, file: string): readonly string[] {
  try {
    return [new URL(file, import.meta.resolve(`onnxruntime-web/${build}`)).href];
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
