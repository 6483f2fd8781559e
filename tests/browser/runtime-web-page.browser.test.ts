import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type BuiltRuntime,
  buildRuntime,
  miniBytes,
  miniModel,
  openRuntimePage,
  type RuntimePage,
} from './runtime-page.ts';
import { respond } from './serve.ts';

// How the runtime behaves towards the page that it is part of.

let built: BuiltRuntime;
beforeAll(async () => {
  built = await buildRuntime();
});
afterAll(() => built?.remove());

/** Longest time for which a worker may hold up the page, in milliseconds. */
const LONGEST_TASK_MS = 50;

test('in a worker, loading and running never hold the page for long', async (context) => {
  // On a busy machine a task waits for its processor. That comes and goes; what a page does itself comes each time.
  const longest: number[] = [];
  while (longest.length < 3 && !longest.some((ms) => ms < LONGEST_TASK_MS)) {
    const { web } = await openRuntimePage(context, built, { isIsolated: true });
    longest.push(await measureLongestTask(web));
  }
  expect(Math.min(...longest)).toBeLessThan(LONGEST_TASK_MS);
});

/**
 * The longest that a page is held while a model is loaded into a worker and classifies, in milliseconds; 0 where no task
 * was long. At its end it holds the page itself: entries come in order and late, so behind that one none is to come.
 */
function measureLongestTask(web: RuntimePage['web']): Promise<number> {
  return web.evaluate(async ({ loadModel }, heldMs) => {
    const image = new Image();
    image.src = 'pictures/progressive.jpg';
    await image.decode();
    const tasks: PerformanceEntry[] = [];
    const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries()));
    observer.observe({ type: 'longtask' });

    const model = await loadModel('mini.onnx', { device: 'wasm', worker: true });
    await model.classifyBatch(Array.from({ length: 64 }, () => image));
    await model.dispose();

    const rest = () => new Promise((go) => setTimeout(go, 20));
    await rest();
    const endMs = performance.now();
    while (performance.now() < endMs + heldMs);
    const isOfWork = ({ startTime, duration }: PerformanceEntry) => startTime + duration < endMs;
    while (tasks.every(isOfWork)) await rest();
    return Math.max(0, ...tasks.filter(isOfWork).map(({ duration }) => duration));
  }, 2 * LONGEST_TASK_MS);
}

test('says where it looked for the WebAssembly file, and what came back', async (context) => {
  const { web, server } = await openRuntimePage(context, built, {
    routes: {
      '/ort-wasm-simd-threaded.wasm': respond('text/html', '<!doctype html><title>Home</title>'),
    },
  });
  const fail = (wasmPaths?: string) =>
    web.evaluate(
      ({ loadModel }, folder) =>
        loadModel('mini.onnx', { device: 'wasm', ...(folder ? { wasmPaths: folder } : {}) }).then(
          ({ info }) => info.device,
          ({ code, message, hint }) => `${code}: ${message} ${hint}`,
        ),
      wasmPaths,
    );
  expect(await fail()).toMatch(
    new RegExp(
      `^MISSING_DEPENDENCY: onnxruntime's file ort-wasm-simd-threaded\\.wasm was not found: ` +
        `${server.url}/ort-wasm-simd-threaded\\.wasm gave 200 OK, text/html, beginning with "<!doctype html>.*` +
        `Copy node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded\\.wasm`,
    ),
  );
  expect(await fail('/none/')).toContain(`${server.url}/none/ort-wasm-simd-threaded.wasm gave 404`);
});

test('a wrong place is no end: the next call may say the right one', async (context) => {
  const { web } = await openRuntimePage(context, built);
  const found = await web.evaluate(async ({ loadModel }) => {
    const wrong = await loadModel('mini.onnx', { wasmPaths: '/none/' }).catch(({ code }) => code);
    const model = await loadModel('mini.onnx', { wasmPaths: '/' });
    const { device } = model.info;
    await model.dispose();
    return { wrong, device };
  });
  expect(found).toEqual({ wrong: 'MISSING_DEPENDENCY', device: 'wasm' });
});

test('gives layers, ten crops and single frames, and takes bytes and files as models', async (context) => {
  const { web } = await openRuntimePage(context, built);
  const found = await web.evaluate(async ({ loadModel }) => {
    const file = new File([await (await fetch('mini.onnx')).blob()], 'my.onnx');
    const bytes = new Uint8Array(await file.arrayBuffer());
    const results = [];
    for (const [source, worker] of [
      [file, false],
      [bytes, true],
    ] as const) {
      const model = await loadModel(source, {
        device: 'wasm',
        worker,
        features: ['conv5', 'pool5'],
      });
      const picture = 'pictures/progressive.jpg';
      const [conv5] = await model.features('conv5', [picture]);
      const [best] = await model.classify(picture, { crops: 10, topK: 1 });
      const { layers, download, sha256 } = model.info;
      const unknown = await model.features('conv6', [picture]).catch(({ code }) => code);
      await model.dispose();
      const late = await model.classify(picture).catch(({ code }) => code);
      const sum = conv5?.data.reduce((total, value) => total + value, 0);
      results.push({ shape: conv5?.shape, sum, best, layers, download, sha256, unknown, late });
    }
    const misspelt = await loadModel(bytes, { features: ['conv55'] }).catch(
      ({ message, hint }) => `${message} ${hint}`,
    );
    const noModel = await loadModel(Reflect.get({}, 'nothing')).catch(({ code }) => code);
    return { results, misspelt, noModel, kept: bytes.length };
  });
  const [first, second] = found.results;
  expect(second).toEqual(first);
  expect(first).toMatchObject({
    shape: [16, 13, 13],
    layers: ['logits', 'conv5', 'pool5'],
    download: null,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    unknown: 'INVALID_ARGUMENT',
    late: 'INVALID_ARGUMENT',
  });
  expect(miniModel.metadata.labels).toContain(first?.best?.label);
  expect(found.misspelt).toMatch(/no layer "conv55".*conv5/);
  expect(found.noModel).toBe('INVALID_ARGUMENT');
  // Bytes that went to a worker are still the caller's.
  expect(found.kept).toBe(miniBytes.length);
});
