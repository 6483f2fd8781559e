import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createModel, type PresetId } from '@alexnet/core';
import { type WriteOnnxOptions, writeOnnxFile } from '@alexnet/export/node';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { requireOrSkip } from '../require.ts';

// `alexnet parity` in a browser, and the whole table of this machine.

const command = fileURLToPath(new URL('../../apps/cli/bin/alexnet.js', import.meta.url));

interface Row {
  readonly state: string;
  readonly runtime: string;
  readonly device: string;
  readonly taps: readonly { readonly name: string; readonly maxRelativeError: number }[];
}

/** Small: a graphics card that is played by the processor takes its time. */
async function writeModel(
  options: WriteOnnxOptions = {},
  preset: PresetId = 'mnist',
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-parity-browser-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'model.onnx');
  await writeOnnxFile(path, createModel(preset, { seed: 5, widthMultiplier: 0.25 }), options);
  return path;
}

async function parity(
  model: string,
  ...args: readonly string[]
): Promise<{ readonly rows: readonly Row[]; readonly passed: boolean }> {
  const all = [command, 'parity', model, '--json', '--count', '1', ...args];
  const { stdout } = await promisify(execFile)(process.execPath, all);
  return JSON.parse(stdout);
}

function requireChromium(context: TestContext): void {
  const isThere = (process.env.ALEXNET_CHROMIUM ?? '') !== '';
  requireOrSkip(context, 'CHROMIUM', isThere, 'ALEXNET_CHROMIUM is not set: scripts/chromium.mjs');
}

test.for<[string, WriteOnnxOptions, PresetId]>([
  ["ONNX's own LRN", {}, 'mini'],
  ['LRN as a convolution, weights in bytes', { lrn: 'conv', weights: 'int8' }, 'mnist'],
  ['pictures as bytes', { embed: 'preprocessing' }, 'mnist'],
])('WASM and WebGPU agree with the interpreter: %s', async ([name, options, preset], context) => {
  requireChromium(context);
  const { rows, passed } = await parity(
    await writeModel(options, preset),
    '--runtimes',
    'chromium-wasm,chromium-webgpu',
  );
  expect(passed, name).toBe(true);
  const [, wasm, webgpu] = rows;
  // Two cores share memory: the page is isolated.
  expect(wasm?.device).toMatch(/^wasm, (\d+ threads|one thread)$/);
  expect(webgpu?.device).toMatch(/^webgpu, \w/);
  for (const row of [wasm, webgpu]) {
    expect(row?.runtime).toMatch(/^onnxruntime-web 1\.[\d.]+ in Chromium \d/);
    expect(row?.taps.map((tap) => tap.name)).toEqual([
      preset === 'mini' ? 'pool5' : 'pool3',
      'fc7',
      'logits',
    ]);
    const errors = row?.taps.map(({ maxRelativeError }) => maxRelativeError) ?? [];
    expect(Math.max(...errors)).toBeGreaterThan(0);
    expect(Math.max(...errors)).toBeLessThan(1e-5);
  }
});

test('the whole table has a row for every runtime, with reasons where there is none', async (context) => {
  requireChromium(context);
  const page = join(await writeModel(), '..', 'parity.html');
  const { rows, passed } = await parity(join(page, '..', 'model.onnx'), '--html', page);
  expect(passed).toBe(true);
  expect(rows.map(({ runtime }) => runtime.split(' ')[0])).toEqual([
    'interpreter',
    'onnxruntime-node',
    'onnxruntime-node',
    'onnxruntime-node',
    'onnxruntime-web',
    'onnxruntime-web',
    'tfjs',
    'tfjs',
    'OpenCV',
    'PyTorch',
  ]);
  for (const row of rows) {
    if (row.state !== 'ran')
      expect(row).toMatchObject({ state: 'not run', remedy: expect.any(String) });
  }
  expect(rows.filter(({ state }) => state === 'ran').length).toBeGreaterThanOrEqual(4);
  const html = readFileSync(page, 'utf8');
  for (const { runtime } of rows) expect(html).toContain(runtime);
});

test('without a Chromium the row says so, and what to do', async () => {
  const args = [
    command,
    'parity',
    await writeModel(),
    '--count',
    '1',
    '--runtimes',
    'chromium-wasm',
  ];
  const env = { ...process.env, ALEXNET_CHROMIUM: '/nowhere/chrome' };
  await expect(promisify(execFile)(process.execPath, args, { env })).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(
      /onnxruntime-web in Chromium, wasm: not run\. ALEXNET_CHROMIUM=\/nowhere\/chrome does not run/,
    ),
    stderr: expect.stringMatching(/hint: Install Chromium or Google Chrome/),
  });
});
