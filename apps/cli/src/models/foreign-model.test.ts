import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { encodePng } from '@alexnet/data/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../terminal/test-terminal.ts';

// Training goes on from a file that PyTorch wrote.

const FILES = new URL('../../../../tests/golden/imports/torch.json.gz', import.meta.url);

let root = '';
let photos = '';
let model = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-foreign-'));
  model = join(root, 'model.onnx');
  const { cases } = JSON.parse(gunzipSync(await readFile(FILES)).toString('utf8'));
  const found = cases.find(({ name }: { name: string }) => name === 'small, dynamo, opset 18');
  await writeFile(model, Buffer.from(found.model, 'base64'));
  photos = join(root, 'photos');
  for (const [label, grey] of [
    ['dark', 30],
    ['light', 220],
  ] as const) {
    await mkdir(join(photos, label), { recursive: true });
    for (let i = 0; i < 6; i++) {
      const pixels = new Uint8Array(15 * 15 * 3).fill(grey + i);
      const png = await encodePng({ width: 15, height: 15, channels: 3, pixels });
      await writeFile(join(photos, label, `${i}.png`), png);
    }
  }
});
afterAll(() => rm(root, { recursive: true }));

describe('a model of another program', () => {
  test('is trained on, and what it does not say is said', async () => {
    const run = join(root, 'run');
    const options = ['--epochs', '1', '--batch-size', '4', '--threads', '1', '--out', run];
    const { exitCode, notes } = await call('train', photos, '--from', model, ...options);
    expect(exitCode).toBe(0);
    expect(notes).toContain('The file does not name its 3 classes: they are numbered.');
    expect(notes).toContain("torchvision's way is assumed");
    expect(notes).toContain('fc2 is new: the model had 3 classes, the pictures have 2 others.');
    const trained = join(root, 'trained.onnx');
    expect((await call('export', trained, '--from', run)).exitCode).toBe(0);
    const { results } = await call('predict', trained, join(photos, 'dark', '0.png'), '--json');
    expect(JSON.parse(results[0] ?? '').top).toHaveLength(2);
  });

  test('is looked at layer by layer', async () => {
    const { results } = await call('inspect', model, '--json');
    const { preset, layers } = JSON.parse(results.join('\n'));
    expect(preset).toBeNull();
    // PyTorch has computed the batch normalisations into the layers before them.
    const ops = layers.map(({ op }: { op: string }) => op);
    expect(ops.join(' ')).toBe(
      'Conv Relu AveragePool Conv Relu AveragePool AdaptiveAveragePool Flatten Gemm Tanh Gemm Softmax',
    );
  });
});
