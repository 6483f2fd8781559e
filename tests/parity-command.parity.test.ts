import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createModel, type ModelOptions, type PresetId, type PresetOptions } from '@alexnet/core';
import { type WriteOnnxOptions, writeOnnxFile } from '@alexnet/export/node';
import { afterAll, describe, expect, test } from 'vitest';
import { requireTensorFlow } from './ops/tensorflow.ts';
import { requireOrSkip } from './require.ts';

// `alexnet parity` on models of many forms, through the runtimes of this machine.

const command = fileURLToPath(new URL('../apps/cli/bin/alexnet.js', import.meta.url));
const python = process.env.ALEXNET_PYTHON ?? '';
const folder = mkdtempSync(join(tmpdir(), 'alexnet-parity-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Row {
  readonly state: string;
  readonly runtime: string;
  readonly device: string;
  readonly passed: boolean;
  readonly taps: readonly { readonly name: string; readonly maxRelativeError: number }[];
}

async function parity(model: string, ...args: readonly string[]): Promise<readonly Row[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    command,
    'parity',
    model,
    '--json',
    ...args,
  ]);
  const { rows, passed }: { rows: readonly Row[]; passed: boolean } = JSON.parse(stdout);
  expect(passed).toBe(true);
  return rows;
}

async function write(
  name: string,
  [preset, options, onnx = {}]: readonly [
    PresetId,
    PresetOptions & ModelOptions,
    WriteOnnxOptions?,
  ],
): Promise<string> {
  const path = join(folder, `${name}.onnx`);
  await writeOnnxFile(path, createModel(preset, options), onnx);
  return path;
}

const small = { seed: 5, classes: 7, widthMultiplier: 0.1 } as const;

/** What there is of models: normalisation of both kinds, batch normalisation, grey, forms of the file. */
const MODELS: Readonly<
  Record<string, readonly [PresetId, PresetOptions & ModelOptions, WriteOnnxOptions?]>
> = {
  mini: ['mini', { seed: 5 }],
  'LRN as a convolution': ['mini', { seed: 5 }, { lrn: 'conv' }],
  'a softmax at its end': ['mini', { seed: 5 }, { output: 'probabilities' }],
  'scores and probabilities': ['mini', { seed: 5 }, { output: 'both' }],
  'weights kept small': ['mini', { seed: 5 }, { weights: 'float16' }],
  'weights in bytes': ['mini', { seed: 5 }, { weights: 'int8' }],
  'weights beside it': ['mini', { seed: 5 }, { externalData: true, shardSizeBytes: 200_000 }],
  'in halves': ['mini', { seed: 5 }, { dtype: 'float16' }],
  'three pictures at a time': ['mini', { seed: 5 }, { batch: 3 }],
  'pictures as bytes': ['mini', { seed: 5 }, { embed: 'preprocessing' }],
  grey: ['mnist', { seed: 5, widthMultiplier: 0.2 }],
  'batch normalisation': ['keras-bn', small],
  'spatial normalisation': ['paper-code', small],
  'pools that round up, average pools': ['cifar-relu', { seed: 5 }],
  tanh: ['cifar-tanh', { seed: 5 }],
  'adaptive pool': ['torchvision', { ...small, inputSize: 195 }],
};

/** PyTorch is too large to be fetched for every run of the tests. */
const hasTorch = await promisify(execFile)(python, ['-c', 'import torch']).then(
  () => true,
  () => false,
);

describe('agree with the interpreter', () => {
  for (const [name, model] of Object.entries(MODELS)) {
    test(`onnxruntime and OpenCV: ${name}`, async (context) => {
      const missing = 'ALEXNET_PYTHON is not set: a Python with tests/python/requirements.txt.';
      requireOrSkip(context, 'PYTHON', python !== '', missing);
      const runtimes = name === 'pictures as bytes' ? NODE : [...NODE, 'opencv' as const];
      await expectAgreement(await write(name, model), runtimes);
    });
  }

  test('TensorFlow, given the graph itself: all of them, in every layer looked at', async (context) => {
    await requireTensorFlow(context);
    for (const [name, model] of Object.entries(MODELS)) {
      const path = await write(name, model);
      const [, row] = await parity(path, '--runtimes', 'tfjs-cpu', '--count', '2');
      expect(row, name).toMatchObject({ state: 'ran', passed: true, device: 'cpu' });
      expect(row?.runtime).toMatch(/^tfjs 4\.22\.0 with TensorFlow \d/);
      const errors = row?.taps.map(({ maxRelativeError }) => maxRelativeError) ?? [];
      expect(errors, name).toHaveLength(3);
      expect(Math.max(...errors), name).toBeGreaterThan(0);
    }
  }, 600_000);

  test('PyTorch, given the graph as data: all of them', async (context) => {
    const missing = 'ALEXNET_PYTHON has no PyTorch: pip install torch.';
    requireOrSkip(context, 'TORCH', hasTorch, missing);
    for (const [name, model] of Object.entries(MODELS)) {
      await expectAgreement(await write(name, model), ['pytorch']);
    }
  }, 600_000);
});

const NODE = ['node-cpu'] as const;
const TITLES = { 'node-cpu': 'onnxruntime-node', opencv: 'OpenCV', pytorch: 'PyTorch' } as const;

async function expectAgreement(
  path: string,
  runtimes: readonly (keyof typeof TITLES)[],
): Promise<void> {
  const [, ...rows] = await parity(path, '--runtimes', runtimes.join(','), '--count', '2');
  expect(rows).toHaveLength(runtimes.length);
  for (const [index, row] of rows.entries()) {
    const title = TITLES[runtimes[index] ?? 'node-cpu'];
    expect(row).toMatchObject({ state: 'ran', passed: true });
    expect(row.runtime).toMatch(new RegExp(`^${title} \\d`));
    expect(row.device).toMatch(/^cpu/);
    const errors = row.taps.map(({ maxRelativeError }) => maxRelativeError);
    // Layers in halves are not looked at.
    expect(errors).toHaveLength(path.endsWith('in halves.onnx') ? 1 : 3);
    // Another program's float32 is never float64's to the last bit.
    expect(Math.max(...errors)).toBeGreaterThan(0);
  }
}
