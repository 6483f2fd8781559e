import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { isAlexNetError } from '@alexnet/core';
import { importWeights, readNumpy, readWeights, type WeightFile } from '@alexnet/weights';
import { expect, test } from 'vitest';
import { requireOrSkip } from './require.ts';

// Other networks' real files are refused by the first layer that does not fit.

const DATA = resolve(process.env.ALEXNET_DATA ?? join(import.meta.dirname, '../../shared/data'));

async function refusal(read: () => Promise<unknown>): Promise<string> {
  try {
    await read();
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  throw new Error('Nothing was refused.');
}

test('SqueezeNet 1.1 as arrays', async (context) => {
  const archive = join(DATA, 'squeezenet1.1-onnxzoo-nchw.tar.gz');
  requireOrSkip(context, 'DATA', existsSync(archive), `${archive} is missing.`);
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-squeezenet-'));
  try {
    await promisify(execFile)('tar', ['-xzf', archive, '-C', folder]);
    const names = (await readdir(join(folder, 'weights'))).toSorted();
    const arrays = await Promise.all(
      names.map(async (name) => {
        const bytes = new Uint8Array(await readFile(join(folder, 'weights', name)));
        const { tensors } = await readNumpy({ name, bytes, sibling: async () => null });
        return [...tensors];
      }),
    );
    const file: WeightFile = {
      format: 'npz',
      tensors: new Map(arrays.flat()),
      convention: { conv: 'OIHW', linear: 'out-in', flatten: 'CHW', channels: null },
      notes: [],
    };
    expect(file.tensors.size).toBe(52);
    const said = await refusal(async () => importWeights(file, { source: 'squeezenet.npz' }));
    expect(said).toMatch(
      /^UNSUPPORTED: squeezenet\.npz is of no AlexNet .*"squeezenet0_conv3" is \[64, 16, 3, 3\], but conv2 of the nearest preset, "mnist", is \[128, 64, 3, 3\]\. It looks like SqueezeNet\./,
    );
    expect(said).toMatch(/conv1 +\[64, 3, 3, 3\] +squeezenet0_conv0 +\[64, 3, 3, 3\] +fits/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('SqueezeNet as ONNX, by its weights’ shapes alone', async (context) => {
  const path = join(DATA, 'onnx-light/light_squeezenet.onnx');
  requireOrSkip(context, 'DATA', existsSync(path), `${path} is missing: the package onnx has it.`);
  const bytes = new Uint8Array(await readFile(path));
  const source = { name: 'light_squeezenet.onnx', bytes, sibling: async () => null };
  const said = await refusal(() => readWeights(source));
  expect(said).toMatch(/"fire2\/expand3x3_w_0" is \[64, 16, 3, 3\].* It looks like SqueezeNet\./);
  expect(said).toMatch(/Its graph is not read either: .*Concat/);
  expect(said).toMatch(/conv10_w_0 +\[1000, 512\] +differs/);
});
