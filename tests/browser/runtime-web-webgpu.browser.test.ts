import { createModel } from '@alexnet/core';
import { exportOnnx } from '@alexnet/export';
import { loadModel as loadInNode } from '@alexnet/runtime-node';
import type { JSHandle, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { readEncoded } from '../golden/pictures/read-pictures.ts';
import { AGREEMENT_TOLERANCES } from '../golden/tolerances.ts';
import { expectAllClose, largest } from '../ops/compare.ts';
import {
  type BuiltRuntime,
  buildRuntime,
  miniModel,
  openRuntime,
  openRuntimePage,
  type RuntimeWeb,
} from './runtime-page.ts';
import { respond } from './serve.ts';

// On a software adapter (SwiftShader), which takes seconds for what a graphics card does in milliseconds.

const WEBGPU_FILE = 'GET /ort-wasm-simd-threaded.asyncify.wasm';

const convForm = exportOnnx(miniModel, { lrn: 'conv' });
const mnist = exportOnnx(createModel('mnist', { seed: 12 }));
const routes = {
  '/conv.onnx': respond('application/octet-stream', convForm),
  '/mnist.onnx': respond('application/octet-stream', mnist),
};

let built: BuiltRuntime;
beforeAll(async () => {
  built = await buildRuntime();
});
afterAll(() => built?.remove());

declare global {
  /** What the page did on the graphics card. */
  var gpuCalls: { dispatches: number; readbacks: number };
}

/** Counts what is computed on the graphics card, and how often results come back from there. */
async function openCounting(context: TestContext): ReturnType<typeof openRuntimePage> {
  const opened = await openRuntimePage(context, built, { webgpu: true, routes });
  await opened.page.addInitScript(() => {
    globalThis.gpuCalls = { dispatches: 0, readbacks: 0 };
    const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
    GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...sides) {
      gpuCalls.dispatches += 1;
      return dispatchWorkgroups.apply(this, sides);
    };
    const { mapAsync } = GPUBuffer.prototype;
    GPUBuffer.prototype.mapAsync = function (...range) {
      gpuCalls.readbacks += 1;
      return mapAsync.apply(this, range);
    };
  });
  return { ...opened, web: await openRuntime(opened.page, opened.server) };
}

function runOnWebgpu(web: JSHandle<RuntimeWeb>, file: string) {
  return web.evaluate(async ({ loadModel }, url) => {
    const model = await loadModel(url, { device: 'webgpu' });
    Object.assign(gpuCalls, { dispatches: 0, readbacks: 0 });
    const [logits] = await model.logits(['pictures/progressive.jpg']);
    const { device, deviceReason } = model.info;
    await model.dispose();
    return { device, deviceReason, logits: Array.from(logits ?? []), calls: { ...gpuCalls } };
  }, file);
}

test('WebGPU really runs, and a model with LRN as convolutions whole', async (context) => {
  const { web } = await openCounting(context);
  const node = await loadInNode(convForm, { device: 'cpu' });
  const [expected] = await node.logits([readEncoded('progressive.jpg')]);
  await node.dispose();
  const found = {
    conv: await runOnWebgpu(web, 'conv.onnx'),
    native: await runOnWebgpu(web, 'mini.onnx'),
  };
  for (const [name, { device, deviceReason, logits, calls }] of Object.entries(found)) {
    expect({ device, deviceReason }).toEqual({
      device: 'webgpu',
      deviceReason: 'asked for by name',
    });
    const tolerance = AGREEMENT_TOLERANCES.webgpu * largest(expected ?? []);
    expectAllClose(logits, expected ?? [], { name, tolerance });
    expect(calls.dispatches).toBeGreaterThan(10);
  }
  // The logits alone come back; with the operator LRN, which has no kernel there, two maps do as well.
  expect(found.conv.calls.readbacks).toBe(1);
  expect(found.native.calls.readbacks).toBe(3);
});

/** Chromium owns up to its software adapter; here it passes for a graphics card. */
const hideSoftware = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { get: () => false });
  });

const loadAuto = (web: JSHandle<RuntimeWeb>) =>
  web.evaluate(async ({ loadModel }) => {
    const model = await loadModel('mnist.onnx');
    const { device, deviceReason } = model.info;
    await model.dispose();
    return { device, deviceReason };
  });

test('auto takes a WebGPU that gives what WASM gives, and no other', async (context) => {
  const { page, server } = await openRuntimePage(context, built, { webgpu: true, routes });
  await hideSoftware(page);
  const right = {
    device: 'webgpu',
    deviceReason: 'auto: WebGPU gives the same as WASM, as a check with this model showed',
  };
  const web = await openRuntime(page, server);
  expect(await loadAuto(web)).toEqual(right);
  // What was found is kept: nothing is compared now, and nothing would be found wrong.
  await page.addInitScript(() => {
    const { getMappedRange } = GPUBuffer.prototype;
    GPUBuffer.prototype.getMappedRange = function (...range) {
      const buffer = getMappedRange.apply(this, range);
      // What is mapped for reading (GPUBufferUsage.MAP_READ, 1) is a result.
      const values = new Float32Array((this.usage & 1) === 0 ? new ArrayBuffer() : buffer);
      values.set(values.map((value) => -value));
      return buffer;
    };
  });
  const known = await openRuntime(page, server);
  expect(await loadAuto(known)).toEqual(right);
  await known.evaluate(({ clearModelCache }) => clearModelCache());
  const wrong = await loadAuto(known);
  expect(wrong).toEqual({
    device: 'wasm',
    deviceReason: expect.stringMatching(
      /^auto: WebGPU gave a wrong result, values that are off by /,
    ),
  });
  const before = server.requests.length;
  expect(await loadAuto(await openRuntime(page, server))).toEqual(wrong);
  expect(server.requests.slice(before)).not.toContain(WEBGPU_FILE);
});

test('without a graphics card auto takes WASM, and loads nothing for WebGPU', async (context) => {
  const software = await openRuntimePage(context, built, { webgpu: true, routes });
  expect(await loadAuto(software.web)).toEqual({
    device: 'wasm',
    deviceReason: 'auto: WebGPU would be computed by the processor, slower than WASM',
  });
  const none = await openRuntimePage(context, built, { routes });
  expect(await loadAuto(none.web)).toEqual({
    device: 'wasm',
    deviceReason: expect.stringMatching(/^auto: no WebGPU, this browser /),
  });
  const error = await none.web.evaluate(({ loadModel }) =>
    loadModel('mnist.onnx', { device: 'webgpu' }).catch(({ code, message, hint }) => ({
      code,
      message,
      hint,
    })),
  );
  expect(error).toEqual({
    code: 'DEVICE_UNAVAILABLE',
    message: expect.stringMatching(/^The device "webgpu" is not available: this browser /),
    hint: expect.stringMatching(/hardware acceleration.*device: 'wasm'/),
  });
  const requests = [...software.server.requests, ...none.server.requests];
  expect(requests).not.toContain(WEBGPU_FILE);
});
