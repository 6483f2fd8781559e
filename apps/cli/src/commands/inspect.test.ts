import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, PRESET_IDS } from '@alexnet/core';
import { exportOnnx } from '@alexnet/export';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../terminal/test-terminal.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-inspect-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

async function callJson(...args: readonly string[]) {
  const { results, exitCode } = await call(...args, '--json');
  expect([results.length, exitCode]).toEqual([1, 0]);
  return JSON.parse(results[0] ?? '');
}

describe('inspect', () => {
  test.each([
    ['torchvision', 61_100_840],
    ['caffe-alexnet', 60_965_224],
    ['mnist', 5_624_842],
  ])('%s --json', async (preset, parameters) => {
    const summary = await callJson('inspect', preset);
    expect(summary).toMatchObject({ name: preset, preset, parameters });
    expect(summary.layers[0]).toMatchObject({ name: 'conv1', op: 'Conv' });
  });

  test('a layer in full', async () => {
    const { layers, activationBytes, training } = await callJson('inspect', 'caffe-alexnet');
    expect(layers.find(({ name }: { name: string }) => name === 'pool5')).toEqual({
      name: 'pool5',
      op: 'MaxPool',
      outputShape: [1, 256, 6, 6],
      attributes: { kernelShape: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0], ceilMode: false },
      parameters: 0,
      multiplyAdds: 0,
      activationBytes: 256 * 6 * 6 * 4,
      receptiveField: { size: [195, 195], stride: [32, 32], offset: [33, 33] },
    });
    expect(activationBytes).toBeGreaterThan(256 * 6 * 6 * 4);
    expect(training).toMatchObject({ batchSize: 32, weightBytes: 60_965_224 * 4 });
  });

  test('for people: a table, what its columns mean, and the totals', async () => {
    const { results } = await call('inspect', 'torchvision', '--batch-size', '64');
    const text = results.join('\n');
    expect(results[0]).toBe('torchvision: input [N, 3, 224, 224]');
    expect(text).toMatch(
      /^conv1 +Conv +64×55×55 +11\/4 p2 +23,296 +70,276,800 +756 KiB +11 +4 +3$/m,
    );
    expect(text).toMatch(/^fc8 +Gemm +1000 +4,097,000 +4,096,000 +3\.9 KiB +\d+ +– +\d+$/m);
    expect(text).toContain('61,100,840 parameters, 714,188,480 multiply-adds a picture');
    expect(text).toMatch(/a training step of 64 pictures needs \d+\.\d MiB at least:/);
  });

  test.each(PRESET_IDS)('%s fits a terminal of 100 columns', async (preset) => {
    const { results } = await call('inspect', preset);
    expect(results.length).toBeGreaterThan(10);
    expect(results.filter((line) => line.length > 100)).toEqual([]);
  });

  test('options build another preset', async () => {
    const options = ['--classes', '7', '--channels', '1', '--groups', '1', '--width', '0.25'];
    const { inputShape, layers } = await callJson('inspect', 'mini', ...options);
    expect(inputShape).toEqual([1, 1, 227, 227]);
    expect(layers[0].outputShape[1]).toBe(24);
    expect(layers.at(-1).outputShape).toEqual([1, 7]);
    const groups = layers.map(
      (layer: { attributes: { group?: number } }) => layer.attributes.group,
    );
    expect(new Set(groups)).toEqual(new Set([1, undefined]));
  });

  test('--graph prints a network file, which is the same network', async () => {
    const { results } = await call('inspect', 'mini', '--graph');
    const file = join(root, 'printed.json');
    await writeFile(file, results.join('\n'));
    const { preset: _preset, ...rest } = await callJson('inspect', 'mini');
    expect(await callJson('inspect', file)).toEqual({ ...rest, preset: null });
    expect((await call('inspect', 'mini', '--against', file)).results).toEqual([
      expect.stringMatching(/^mini and .*printed\.json have the same layers\.$/),
    ]);
  });

  test('an ONNX file: the same layers as the model that it was made of', async () => {
    const file = join(root, 'model.onnx');
    const model = createModel('mini', { seed: 2 });
    await writeFile(file, exportOnnx(model));
    const { layers } = await callJson('inspect', 'mini');
    expect((await callJson('inspect', file)).layers).toEqual(layers);
  });
});

describe('inspect --against', () => {
  test('says what differs, and exits 0', async () => {
    const { results, exitCode } = await call(
      'inspect',
      'caffe-alexnet',
      '--against',
      'torchvision',
    );
    expect(exitCode).toBe(0);
    expect(results.slice(0, 2)).toEqual([
      'caffe-alexnet and torchvision differ.',
      'only in caffe-alexnet: norm1, norm2',
    ]);
    const text = results.join('\n');
    expect(text).toMatch(/^input +shape +\[3, 227, 227\] +\[3, 224, 224\]$/m);
    expect(text).toMatch(/^conv1 +pads +\[0, 0, 0, 0\] +\[2, 2, 2, 2\]$/m);
    expect(text).toMatch(/^conv2 +group +2 +1$/m);
    expect(results.filter((line) => line.length > 100)).toEqual([]);
  });

  test('--json', async () => {
    const found = await callJson('inspect', 'mini', '--against', 'mini', '--classes', '3');
    expect(found).toEqual({
      a: { source: 'mini', name: 'mini', preset: 'mini' },
      b: { source: 'mini', name: 'mini', preset: 'mini' },
      isSame: true,
      input: null,
      onlyInA: [],
      onlyInB: [],
      changed: [],
      weights: null,
    });
  });

  test('two models: how far their weights are apart', async () => {
    const [a, b] = await Promise.all(
      [2, 3].map(async (seed) => {
        const file = join(root, `seed-${seed}.onnx`);
        await writeFile(file, exportOnnx(createModel('mini', { seed })));
        return file;
      }),
    );
    const { isSame, weights } = await callJson('inspect', a ?? '', '--against', b ?? '');
    expect(isSame).toBe(true);
    expect(weights[0].name).toBe('conv1.weight');
    expect(weights[0].maxAbsoluteDifference).toBeGreaterThan(0.01);
    // Biases start at 0 in both.
    expect(weights[1]).toEqual({ name: 'conv1.bias', maxAbsoluteDifference: 0 });
    expect((await call('inspect', a ?? '', '--against', a ?? '')).results).toEqual([
      'the first and the second have the same layers.',
      'All 16 arrays of weights are the same.',
    ]);
  });
});

describe('what cannot be inspected', () => {
  test('neither file nor preset: the nearest preset', async () => {
    const { notes, exitCode } = await call('inspect', 'cafe-alexnet');
    expect(notes).toMatch(/There is nothing at .*no preset.*Did you mean "caffe-alexnet"\?/);
    expect(exitCode).toBe(1);
  });

  test("a preset's option for a file", async () => {
    const file = join(root, 'a-file.onnx');
    await writeFile(file, exportOnnx(createModel('mini')));
    const { notes, exitCode } = await call('inspect', file, '--classes', '3');
    expect(notes).toMatch(/--classes.*are for presets; .*a-file\.onnx is a file/);
    expect(exitCode).toBe(2);
    expect((await call('inspect', file, '--against', 'mini', '--classes', '3')).exitCode).toBe(0);
  });

  const right = {
    name: 'own',
    input: { name: 'image', shape: [1, 4, 4] },
    parameters: [],
    nodes: [
      { op: 'Relu', name: 'relu', inputs: ['image'], output: 'relu' },
      { op: 'Flatten', name: 'flat', inputs: ['relu'], output: 'flat' },
    ],
    output: 'flat',
  };
  const [relu, flat] = right.nodes;
  test.each([
    ['no JSON', '{ "name": \n "own", }', /This is not JSON: .*line 2/],
    ['no network', '[]', /The network: the value should be an object, but is a list of 0/],
    [
      'an unknown op',
      { nodes: [{ ...relu, op: 'ReLu6' }, flat] },
      /relu is a "ReLu6".*\(nodes\.0\.op\).*Did you mean "Relu"/,
    ],
    [
      'a missing input',
      { nodes: [{ ...relu, inputs: ['imag'] }, flat] },
      /relu reads "imag", which does not exist \(nodes\.0\.inputs\.0\)\. Did you mean "image"\?/,
    ],
    [
      'a cycle',
      { nodes: [{ ...relu, inputs: ['flat'] }, flat] },
      /a cycle, relu → flat → relu \(nodes\.0\.inputs\.0\)/,
    ],
    [
      'a wrong shape',
      { nodes: [{ op: 'Softmax', name: 's', inputs: ['image'], output: 'relu' }, flat] },
      /nodes\.0: s \(Softmax\) expects an input of rank 2 but got \[1, 1, 4, 4\]/,
    ],
    [
      'duplicate names',
      { nodes: [relu, { ...flat, name: 'relu' }] },
      /Two nodes are called "relu": nodes\.0 and nodes\.1/,
    ],
    ['an unknown field', { layers: 3 }, /layers is no field of the network/],
  ])('a network file with %s', async (what, change, says) => {
    const file = join(root, `${what}.json`);
    const text = typeof change === 'string' ? change : JSON.stringify({ ...right, ...change });
    await writeFile(file, text);
    const { notes, exitCode } = await call('inspect', file);
    expect(notes).toMatch(says);
    expect(notes).toContain(file);
    expect(notes).toMatch(/^hint: /m);
    expect(exitCode).toBe(1);
  });

  test('an input that is no picture is nothing to stumble over', async () => {
    const file = join(root, 'five-channels.json');
    await writeFile(file, JSON.stringify({ ...right, input: { name: 'image', shape: [5, 4, 4] } }));
    expect((await callJson('inspect', file)).inputShape).toEqual([1, 5, 4, 4]);
  });
});
