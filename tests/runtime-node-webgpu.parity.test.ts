import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createModel, createTensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { type Picture, preprocess } from '@alexnet/data';
import { exportOnnx } from '@alexnet/export';
import { writeOnnxFile } from '@alexnet/export/node';
import { loadModel } from '@alexnet/runtime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAllClose, largest } from './ops/compare.ts';
import { requireOrSkip } from './require.ts';
import { requireWebGpu, webGpuEnvironment } from './webgpu-driver.ts';

/** Largest |difference| of a logit from the interpreter's, as a share of the largest logit; measured 1.1e-6. */
const TOLERANCE = 1e-5;

const mini = createModel('mini', { classes: 7, seed: 11, widthMultiplier: 0.25 });
const picture: Picture = {
  width: 64,
  height: 48,
  channels: 3,
  pixels: Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => Math.imul(i, 2654435761) >>> 24),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-webgpu-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Loads a model on WebGPU in a process of its own. */
async function classifyOnWebGpu(file: string): Promise<{ info: unknown; logits: number[] }> {
  const entry = import.meta.resolve('@alexnet/runtime-node');
  const script = join(folder, 'run.mjs');
  await writeFile(
    script,
    `import { loadModel } from ${JSON.stringify(entry)};
     const model = await loadModel(process.argv[2], { device: 'webgpu' });
     const pixels = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
     const [logits] = await model.logits([{ width: 64, height: 48, channels: 3, pixels }]);
     const { device, deviceReason } = model.info;
     process.stdout.write(JSON.stringify({ info: { device, deviceReason }, logits: [...logits] }));
     await model.dispose();`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [script, file], {
    env: webGpuEnvironment(),
  });
  return JSON.parse(stdout);
}

test.for([
  ['native', /^asked for by name; runs \d+ of \d+ nodes, the CPU the others: LRN$/],
  ['conv', /^asked for by name; runs all \d+ nodes$/],
] as const)(
  'LRN as %s: agrees with the interpreter, and says what the CPU ran',
  { timeout: 300_000 },
  async ([lrn, reason], context) => {
    requireWebGpu(context);
    const file = join(folder, `${lrn}.onnx`);
    await writeOnnxFile(file, mini, { lrn });
    const { info, logits } = await classifyOnWebGpu(file);
    expect(info).toEqual({ device: 'webgpu', deviceReason: expect.stringMatching(reason) });
    const { graph, weights, metadata } = mini;
    const input = createTensor([1, ...graph.input.shape]);
    preprocess(picture, metadata.preprocessing, input.data);
    const expected = interpret(graph, weights, input).get(graph.output)?.data ?? new Float64Array();
    expectAllClose(logits, expected, { name: lrn, tolerance: TOLERANCE * largest(expected) });
  },
);

test('a device that is not there is refused with the remedy, never replaced', async (context) => {
  requireOrSkip(context, 'NO_CUDA', process.env.ALEXNET_REQUIRE_CUDA !== '1', 'there is CUDA');
  await expect(loadModel(exportOnnx(mini), { device: 'cuda' })).rejects.toMatchObject({
    code: 'DEVICE_UNAVAILABLE',
    message: expect.stringMatching(/^The device "cuda" is not available: /),
    hint: expect.stringMatching(/device: 'cpu'/),
  });
});
