import { toErrorMessage } from '@alexnet/core';
import { openSession } from '@alexnet/runtime-web';
import type { PageAnswer, PageMeasurement, PageRequest } from '../page-request.ts';
import { runBatches } from '../run-batches.ts';

/** Runs the model in this page. What goes wrong comes back as data: errors lose their fields on the way out. */
export async function measureInPage(request: PageRequest): Promise<PageAnswer> {
  try {
    return { measurement: await measure(request) };
  } catch (error) {
    return { error: toErrorMessage(error) };
  }
}

/** What a page has of WebGPU: whether there is an adapter, and of whom. */
export async function describeAdapter(): Promise<string | null> {
  const gpu: GPU | undefined = navigator.gpu;
  const adapter = await gpu?.requestAdapter();
  if (!adapter) return null;
  const { vendor, architecture, description } = adapter.info;
  return [vendor, architecture, description].filter((text) => text !== '').join(' ') || 'unnamed';
}

async function measure({
  name,
  device,
  precision,
  embedded,
  inputShape,
  batchSize,
  taps,
}: PageRequest): Promise<PageMeasurement> {
  const [bytes, input] = await Promise.all([fetchBytes('/model.onnx'), fetchBytes('/input.f32')]);
  const count = countDispatches();
  const model = { name, bytes, precision, embedded, sha256: null, externalData: [] };
  const wasmPaths = new URL('/onnxruntime/', location.href);
  const session = await openSession(model, { device, wasmPaths });
  try {
    const fileInput = { shape: inputShape, data: new Float32Array(input.buffer) };
    const { outputs, milliseconds } = await runBatches(session, { fileInput, batchSize, taps });
    const { info } = session;
    return {
      version: info.version,
      device: info.device,
      threads: info.threads ?? 1,
      dispatches: count(),
      outputs: [...outputs].map(([tap, values]) => [tap, Array.from(values)]),
      milliseconds,
    };
  } finally {
    await session.dispose();
  }
}

async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(path);
  return new Uint8Array(await response.arrayBuffer());
}

/** Counts what the graphics card is given, from now on: the only proof that it computes. */
function countDispatches(): () => number {
  let count = 0;
  if ('GPUComputePassEncoder' in globalThis) {
    const { prototype } = GPUComputePassEncoder;
    const { dispatchWorkgroups } = prototype;
    prototype.dispatchWorkgroups = function (...sizes): undefined {
      count += 1;
      dispatchWorkgroups.apply(this, sizes);
    };
  }
  return () => count;
}
