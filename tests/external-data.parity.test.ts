import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createModel, createRandom, type Model, type PresetId } from '@alexnet/core';
import type { Picture } from '@alexnet/data';
import { exportOnnx } from '@alexnet/export';
import { writeOnnxFile } from '@alexnet/export/node';
import { loadModel } from '@alexnet/runtime-node';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireOrSkip } from './require.ts';

// Weights in files beside the model, as other programs read them. A shard here is shorter than the largest weights.

const PYTHON = process.env.ALEXNET_PYTHON ?? '';
const CHECKER = fileURLToPath(new URL('python/onnx_checker.py', import.meta.url));
const MISSING = 'ALEXNET_PYTHON is not set: the path of a Python that has onnx installed.';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-external-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const PICTURE: Picture = {
  width: 40,
  height: 30,
  channels: 3,
  pixels: Uint8Array.from({ length: 3600 }, (_, index) => (index * 2654435761) >>> 24),
};

/** The files of a folder, on this machine alone. */
async function serve(from: string): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(async ({ url = '' }, response) => {
    const body = await readFile(join(from, decodeURIComponent(url))).catch(() => undefined);
    response.writeHead(body ? 200 : 404).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const close = () => new Promise<void>((done) => server.close(() => done()));
  return { url: `http://127.0.0.1:${port}/`, close };
}

/** [1, classes] of a picture of noise. */
async function run(file: string, { graph }: Model): Promise<Float32Array> {
  const session = await InferenceSession.create(file);
  const shape = [1, ...graph.input.shape];
  const random = createRandom(7);
  const size = shape.reduce((product, length) => product * length, 1);
  const pixels = Float32Array.from({ length: size }, () => random.uniform() - 0.5);
  const { logits } = await session.run({ image: new Tensor('float32', pixels, shape) });
  await session.release();
  if (!(logits?.data instanceof Float32Array)) throw new Error('The logits are no floats.');
  return logits.data;
}

describe.each<[PresetId, number]>([
  ['mini', 1 / 8],
  ['caffe-alexnet', 1 / 8],
])('%s, in files of 300 kB', (preset, widthMultiplier) => {
  const model = createModel(preset, { widthMultiplier, classes: 5, seed: 4 });
  const name = `${preset}.onnx`;

  test('gives the same logits in onnxruntime, to the last bit', async () => {
    const whole = join(folder, 'whole.onnx');
    await writeOnnxFile(whole, model);
    const apart = join(folder, name);
    const { files } = await writeOnnxFile(apart, model, {
      shardSizeBytes: 3e5,
      externalData: true,
    });
    expect(files.length).toBeGreaterThan(5);
    expect(await run(apart, model)).toEqual(await run(whole, model));
    // A planted fault: it really reads these files.
    await truncate(join(folder, files[2]?.name ?? ''), 100);
    await expect(run(apart, model)).rejects.toThrow(/external/i);
  });

  test('classifies from its path, in a worker, and from an address, as the one file does', async () => {
    const whole = await loadModel(exportOnnx(model), { device: 'cpu' });
    const expected = await whole.logits([PICTURE]);
    await whole.dispose();
    const file = join(folder, `run-${name}`);
    await writeOnnxFile(file, model, { shardSizeBytes: 3e5, externalData: true });
    const server = await serve(folder);
    try {
      const sources = [
        [file],
        [file, { worker: true }],
        [new URL(`run-${name}`, server.url)],
      ] as const;
      for (const [source, options = {}] of sources) {
        const apart = await loadModel(source, { device: 'cpu', ...options });
        expect(apart.info.labels).toEqual(model.metadata.labels);
        expect(await apart.logits([PICTURE])).toEqual(expected);
        await apart.dispose();
      }
    } finally {
      await server.close();
    }
    await expect(loadModel(await readFile(file))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(
        /keeps its weights in "run-.*" and \d+ more, and was given as/,
      ),
    });
  });

  test("is accepted by ONNX's checker, with the shapes of the parts put together", async (context) => {
    requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
    const file = join(folder, `checked-${name}`);
    await writeOnnxFile(file, model, { shardSizeBytes: 3e5, externalData: true });
    const { stdout } = await promisify(execFile)(PYTHON, [CHECKER, file]);
    const { values } = JSON.parse(stdout);
    const shapeOf = (value: string) =>
      values.find((found: { name: string }) => found.name === value)?.shape;
    expect(shapeOf('fc6.weight')).toEqual(model.weights.get('fc6.weight')?.shape);
    expect(shapeOf('logits')).toEqual(['N', 5]);
  });
});
