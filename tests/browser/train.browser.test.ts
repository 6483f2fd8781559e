// The trainer in a page: the same code, given onnxruntime-web.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createModel } from '@alexnet/core';
import { completeTrainingConfig, type TrainingEvent, train } from '@alexnet/train';
import { createWorkerEngineFactory } from '@alexnet/train/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRelativelyClose } from '../ops/compare.ts';
import { bundle } from './bundle.ts';
import { importModule } from './import-module.ts';
import { launchChromium } from './launch-chromium.ts';
import { serve } from './serve.ts';
import { createStripes } from './striped-pictures.ts';
import type { trainInPage } from './training-page.ts';

const FILES = [
  'ort.wasm.min.mjs',
  'ort-wasm-simd-threaded.wasm',
  'ort-wasm-simd-threaded.mjs',
  'ort.webgpu.min.mjs',
  'ort-wasm-simd-threaded.asyncify.wasm',
  'ort-wasm-simd-threaded.asyncify.mjs',
];
const LABELS = ['rising', 'falling'];
// A rate at which mini learns: a loss that runs away makes any rounding visible within six steps.
const SETTINGS = { batchSize: 8, epochs: 2, learningRate: 5e-4, augmentation: 'mild' } as const;
const CALL = {
  device: 'wasm',
  labels: LABELS,
  widthMultiplier: 1,
  settings: SETTINGS,
  validates: true,
} as const;

interface TrainingPage {
  readonly trainInPage: typeof trainInPage;
}

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'alexnet-train-web-'));
  const fromRuntime = createRequire(createRequire(import.meta.url).resolve('@alexnet/runtime-web'));
  const wasm = dirname(fromRuntime.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  for (const file of FILES) copyFileSync(join(wasm, file), join(folder, file));
  writeFileSync(
    join(folder, 'training-page.js'),
    await bundle("export { trainInPage } from './training-page.ts';"),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

test('trains mini as Node does: the same events, and the same losses within rounding', async (context) => {
  const { url } = await serve({ folders: { '/': folder }, isIsolated: true });
  const page = await (await launchChromium(context)).newPage();
  await page.goto(url);
  const module = await importModule<TrainingPage>(page, '/training-page.js');
  const found = await module.evaluate(({ trainInPage }, call) => trainInPage(call), CALL);
  const expected = await trainInNode(CALL);
  expect(found.engine).toMatchObject({ engine: 'onnxruntime', device: 'wasm' });
  expect(found.events.map(({ event }) => event)).toEqual(expected.map(({ event }) => event));
  const losses = lossesOf(found.events);
  const reference = lossesOf(expected);
  expect(reference.length).toBe(6);
  expectRelativelyClose(losses, reference, 'losses', 1e-5);
});

test('a page stops a training by a signal', async (context) => {
  const { url } = await serve({ folders: { '/': folder }, isIsolated: true });
  const page = await (await launchChromium(context)).newPage();
  await page.goto(url);
  const module = await importModule<TrainingPage>(page, '/training-page.js');
  const found = await module.evaluate(({ trainInPage }, call) => trainInPage(call), {
    ...CALL,
    stopAfter: 2,
  });
  expect(found.error).toBe('The training was stopped after step 2 of 6.');
});

// On a software adapter (SwiftShader): seconds for each step, and half a minute until the first is done.
test('trains mini on WebGPU to the same losses', { timeout: 600_000 }, async (context) => {
  const call = {
    ...CALL,
    device: 'webgpu',
    widthMultiplier: 0.25,
    settings: { ...SETTINGS, batchSize: 2, maxSteps: 3, labelSmoothing: 0.2 },
    validates: false,
  } as const;
  const { url } = await serve({ folders: { '/': folder }, isIsolated: true });
  const page = await (await launchChromium(context, { webgpu: true })).newPage();
  await page.goto(url);
  const module = await importModule<TrainingPage>(page, '/training-page.js');
  const found = await module.evaluate(({ trainInPage }, webgpu) => trainInPage(webgpu), call);
  expect(found.error).toBeUndefined();
  expect(found.engine).toMatchObject({ engine: 'onnxruntime', device: 'webgpu' });
  const expected = lossesOf(await trainInNode(call));
  expect(expected).toHaveLength(3);
  expect(Math.min(...expected)).toBeGreaterThan(0.1);
  expectRelativelyClose(lossesOf(found.events), expected, 'losses', 1e-5);
});

test('a page without WebGPU is told so, and trains on nothing else', async (context) => {
  const { url } = await serve({ folders: { '/': folder }, isIsolated: true });
  const page = await (await launchChromium(context)).newPage();
  await page.goto(url);
  const module = await importModule<TrainingPage>(page, '/training-page.js');
  const call = { ...CALL, device: 'webgpu' } as const;
  const found = await module.evaluate(({ trainInPage }, webgpu) => trainInPage(webgpu), call);
  expect(found.error).toMatch(/^onnxruntime cannot train on WebGPU here: /);
  expect(found.events).toEqual([]);
});

function lossesOf(events: readonly TrainingEvent[]): readonly number[] {
  return events.flatMap((event) => (event.event === 'step' ? [event.loss] : []));
}

async function trainInNode({
  settings,
  widthMultiplier,
  validates,
}: Omit<Parameters<typeof trainInPage>[0], 'device'>): Promise<readonly TrainingEvent[]> {
  const { graph, weights, metadata } = createModel('mini', {
    labels: LABELS,
    classes: LABELS.length,
    inputSize: 67,
    init: 'he',
    widthMultiplier,
  });
  const events: TrainingEvent[] = [];
  const dataset = createStripes(LABELS);
  for await (const event of train({
    graph,
    metadata,
    state: weights,
    config: completeTrainingConfig(settings),
    training: dataset,
    ...(validates ? { validation: dataset } : {}),
    createEngine: createWorkerEngineFactory({ threads: 1 }),
  })) {
    events.push(event);
  }
  return events;
}
