// The trainer in a page: the same code, given onnxruntime-web.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createModel } from '@alexnet/core';
import { completeTrainingConfig, type TrainingEvent, train } from '@alexnet/train';
import { createWorkerEngineFactory } from '@alexnet/train/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from './bundle.ts';
import { importModule } from './import-module.ts';
import { launchChromium } from './launch-chromium.ts';
import { serve } from './serve.ts';
import { createStripes } from './striped-pictures.ts';
import type { trainInPage } from './training-page.ts';

const WASM_FILES = ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.mjs'];
const LABELS = ['rising', 'falling'];
const SETTINGS = { batchSize: 8, epochs: 2, learningRate: 0.005, augmentation: 'mild' } as const;

interface TrainingPage {
  readonly trainInPage: typeof trainInPage;
}

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'alexnet-train-web-'));
  const fromRuntime = createRequire(createRequire(import.meta.url).resolve('@alexnet/runtime-web'));
  const wasm = dirname(fromRuntime.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  for (const file of WASM_FILES) copyFileSync(join(wasm, file), join(folder, file));
  copyFileSync(join(wasm, 'ort.wasm.min.mjs'), join(folder, 'onnxruntime.mjs'));
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
  const found = await module.evaluate(({ trainInPage }, call) => trainInPage(call), {
    labels: LABELS,
    settings: SETTINGS,
  });
  const expected = await trainInNode();
  expect(found.engine).toMatchObject({ engine: 'onnxruntime', device: 'wasm' });
  expect(found.events.map(({ event }) => event)).toEqual(expected.map(({ event }) => event));
  const losses = lossesOf(found.events);
  const reference = lossesOf(expected);
  expect(reference.length).toBe(6);
  for (const [step, loss] of losses.entries()) {
    expect(Math.abs(loss - (reference[step] ?? Number.NaN))).toBeLessThan(1e-4);
  }
});

test('a page stops a training by a signal', async (context) => {
  const { url } = await serve({ folders: { '/': folder }, isIsolated: true });
  const page = await (await launchChromium(context)).newPage();
  await page.goto(url);
  const module = await importModule<TrainingPage>(page, '/training-page.js');
  const found = await module.evaluate(({ trainInPage }, call) => trainInPage(call), {
    labels: LABELS,
    settings: SETTINGS,
    stopAfter: 2,
  });
  expect(found.error).toBe('The training was stopped after step 2 of 6.');
});

function lossesOf(events: readonly TrainingEvent[]): readonly number[] {
  return events.flatMap((event) => (event.event === 'step' ? [event.loss] : []));
}

async function trainInNode(): Promise<readonly TrainingEvent[]> {
  const { graph, weights, metadata } = createModel('mini', {
    labels: LABELS,
    classes: LABELS.length,
    inputSize: 67,
    init: 'he',
  });
  const events: TrainingEvent[] = [];
  const dataset = createStripes(LABELS);
  for await (const event of train({
    graph,
    metadata,
    state: weights,
    config: completeTrainingConfig(SETTINGS),
    training: dataset,
    validation: dataset,
    createEngine: createWorkerEngineFactory({ threads: 1 }),
  })) {
    events.push(event);
  }
  return events;
}
