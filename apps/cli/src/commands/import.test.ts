import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTensor, decodeMeanImage, isMeanImage } from '@alexnet/core';
import { encodePng } from '@alexnet/data/node';
import { readOnnxMetadata } from '@alexnet/export';
import { writeNpy } from '@alexnet/weights';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchLabels } from '../doctor/doctor-pictures.ts';
import { call } from '../terminal/test-terminal.ts';

// Weights that PyTorch and NumPy wrote, wherever a MODEL is taken.

const golden = (name: string) =>
  fileURLToPath(new URL(`../../../../tests/golden/weights/place/${name}`, import.meta.url));

let root = '';
let photos = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-import-'));
  photos = join(root, 'photos');
  for (const [index, label] of ['a', 'b', 'c', 'd', 'e'].entries()) {
    await mkdir(join(photos, label), { recursive: true });
    const pixels = Uint8Array.from({ length: 40 * 40 * 3 }, (_, i) => (i * (index + 3)) % 251);
    const png = await encodePng({ width: 40, height: 40, channels: 3, pixels });
    await writeFile(join(photos, label, '0.png'), png);
  }
});
afterAll(() => rm(root, { recursive: true }));

describe('import', () => {
  test('writes what the suffix asks for, and says what it assumed', async () => {
    const target = join(root, 'model.onnx');
    const { exitCode, results, notes } = await call(
      'import',
      golden('torchvision.pth'),
      '-o',
      target,
      '--json',
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(results[0] ?? '')).toMatchObject({
      file: target,
      bytes: expect.any(Number),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      preset: 'torchvision',
      parameters: 14_743,
      classes: 5,
    });
    expect(notes).toContain('assumed: pictures are prepared as "torchvision" was published with');
    const inspected = await call('inspect', target, '--json');
    expect(JSON.parse(inspected.results[0] ?? '').preset).toBe('torchvision');
  });

  test.each(['.safetensors', '.npz', '.npy', '.pth', '.weights.h5', '.h5'])(
    'and back: %s',
    async (suffix) => {
      const target = join(root, `back${suffix}`);
      expect((await call('import', golden('bvlc.npy'), '-o', target)).exitCode).toBe(0);
      const { exitCode, results } = await call('inspect', target, '--json');
      expect(exitCode).toBe(0);
      expect(JSON.parse(results[0] ?? '').preset).toBe('caffe-alexnet');
    },
  );

  test('takes conventions, labels and fewer layers from its user', async () => {
    const labels = join(root, 'labels.txt');
    await writeFile(labels, 'x\ny\nz\n');
    const target = join(root, 'three.safetensors');
    const options = [
      '--skip',
      'fc8',
      '--classes',
      '3',
      '--channel-order',
      'RGB',
      '--pixels',
      'unit',
    ];
    const { exitCode, notes } = await call(
      ...['import', golden('bvlc.npy'), '-o', target, '--labels', labels, '--fc6-order', 'HWC'],
      ...[...options, '--lrn-alpha', '2e-5'],
    );
    expect(exitCode).toBe(0);
    expect(notes).toContain('left out: fc8 starts anew (he, seed 0) as 3×64');
    expect(notes).toContain(
      '227×227 whatever the aspect; RGB in 0–1 (--channel-order, --pixels, --mean)',
    );
    const { results } = await call('predict', target, join(photos, 'a', '0.png'), '--json');
    const { top } = JSON.parse(results[0] ?? '');
    expect(top.map(({ label }: { label: string }) => label).sort()).toEqual(['x', 'y', 'z']);
  });

  test('takes the mean of a file, an image or the average of one', async () => {
    const mean = join(root, 'mean.npy');
    const values = Float32Array.from({ length: 3 * 227 * 227 }, (_, i) => i % 199);
    await writeFile(mean, Buffer.concat(writeNpy({ shape: [3, 227, 227], data: values })));
    const target = join(root, 'mean.onnx');
    const importWith = (...options: string[]) =>
      call('import', golden('bvlc.npy'), '-o', target, ...options);
    const { exitCode, notes } = await importWith('--mean', mean, '--mean-order', 'BGR');
    expect({ exitCode, notes }).toMatchObject({
      exitCode: 0,
      notes: expect.stringContaining('BGR in 0–255, less a mean image of 227×227'),
    });
    const { preprocessing } = readOnnxMetadata(await readFile(target)).metadata;
    const found = preprocessing?.mean;
    if (!preprocessing || !found || !isMeanImage(found)) throw new Error('There is no mean image.');
    const decoded = decodeMeanImage(found, preprocessing);
    expect(Buffer.from(decoded.buffer).equals(Buffer.from(values.buffer))).toBe(true);
    expect((await importWith('--mean', mean, '--mean-average')).notes).toMatch(
      /BGR in 0–255, less (\d+\.\d+, ){2}\d+\.\d+ /,
    );
  });

  test('refuses a mean of another size with both, and options that say nothing', async () => {
    const target = join(root, 'no.onnx');
    const small = join(root, 'small.npy');
    await writeFile(small, Buffer.concat(writeNpy(createTensor([3, 256, 256]))));
    const misfit = await call('import', golden('bvlc.npy'), '-o', target, '--mean', small);
    expect(misfit).toMatchObject({ exitCode: 2 });
    expect(misfit.notes).toContain('small.npy of 256 × 256 has 196608 finite numbers');
    expect(misfit.notes).toContain('[3, 227, 227]');
    expect(misfit.notes).toContain('--mean-average');
    const idle = await call('import', golden('bvlc.npy'), '-o', target, '--mean-order', 'BGR');
    expect(idle).toMatchObject({ exitCode: 2 });
    expect(idle.notes).toContain('--mean-order says something of a file');
    const none = await call('import', small, '-o', target);
    expect(none.exitCode).not.toBe(0);
    const torn = join(root, 'torn.npy');
    await writeFile(torn, (await readFile(small)).subarray(0, 5000));
    const cut = await call('import', golden('bvlc.npy'), '-o', target, '--mean', torn);
    expect(cut.exitCode).not.toBe(0);
    expect(cut.notes).toContain(`--mean ${torn}: torn.npy: `);
    const photo = join(photos, 'a', '0.png');
    const picture = await call('import', golden('bvlc.npy'), '-o', target, '--mean', photo);
    expect(picture.notes).toContain(`--mean ${photo}: 0.png is a PNG picture.`);
    expect(picture.notes).toContain("Give a .binaryproto of Caffe's, or a .npy");
  });

  test('refuses what it cannot place, naming layer and nearest preset', async () => {
    const { exitCode, notes } = await call(
      ...['import', golden('torchvision.pth'), '-o', join(root, 'no.onnx'), '--preset', 'mnist'],
    );
    expect(exitCode).toBe(1);
    expect(notes).toContain('torchvision.pth is not of the preset "mnist"');
    expect(notes).toContain('expected');
    const other = await call(
      'import',
      golden('bvlc.npy'),
      '-o',
      join(root, 'x.onnx'),
      '--classes',
      '3',
    );
    expect(other.exitCode).toBe(2);
    expect(other.notes).toContain('--skip fc8 --classes 3');
  });

  test('refuses what is no weight file, and names that say nothing', async () => {
    const page = join(root, 'alexnet.pth');
    await writeFile(page, '<!doctype html><title>404</title>');
    const { exitCode, notes } = await call('import', page, '-o', join(root, 'y.onnx'));
    expect(exitCode).toBe(1);
    expect(notes).toContain('alexnet.pth is an HTML page, not the file itself.');
    const unnamed = await call('import', golden('bvlc.npy'), '-o', join(root, 'model'));
    expect([unnamed.exitCode, unnamed.notes]).toEqual([2, expect.stringContaining('.safetensors')]);
    const missing = await call('import', join(root, 'nothing.pth'));
    expect([missing.exitCode, missing.notes]).toEqual([
      1,
      expect.stringContaining('There is nothing at'),
    ]);
    const misspelt = await call('import', join(root, 'torchvisoin'));
    expect(misspelt.notes).toContain('Did you mean "torchvision"?');
  });
});

describe('a weight file as MODEL', () => {
  test('is exported, inspected and asked', async () => {
    const target = join(root, 'from.onnx');
    const { exitCode, notes } = await call(
      'export',
      target,
      '--from',
      golden('torchvision.safetensors'),
    );
    expect(exitCode).toBe(0);
    expect(notes).toContain('note: Assumed:');
    const { results } = await call(
      'predict',
      golden('bvlc.pth'),
      join(photos, 'b', '0.png'),
      '--json',
    );
    expect(JSON.parse(results[0] ?? '').top).toHaveLength(5);
    const inspected = await call('inspect', golden('bvlc.npz'), '--json');
    expect(JSON.parse(inspected.results[0] ?? '').preset).toBe('caffe-alexnet');
  });

  test('TensorFlow.js calls its model as a network is called', async () => {
    const file = fileURLToPath(
      new URL('../../../../tests/golden/weights/tfjs/float32/model.json', import.meta.url),
    );
    const { exitCode, results } = await call('inspect', file, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(results[0] ?? '').layers.length).toBeGreaterThan(3);
    expect((await call('export', join(root, 'tfjs.onnx'), '--from', file)).exitCode).toBe(0);
  });

  test('is written by export in other formats', async () => {
    const target = join(root, 'exported.pth');
    const { exitCode } = await call('export', target, '--from', golden('torchvision.pth'));
    expect(exitCode).toBe(0);
    const { results } = await call('inspect', target, '--json');
    expect(JSON.parse(results[0] ?? '').preset).toBe('torchvision');
  });
});

describe('doctor', () => {
  test('says what a file is and what is assumed', async () => {
    const { exitCode, results } = await call('doctor', golden('bvlc.npy'));
    expect(exitCode).toBe(0);
    const text = results.join('\n');
    expect(text).toContain('✓ numbers');
    expect(text).toContain('! preprocessing');
    expect(text).toContain('--fc6-order');
  });

  test('prints checks and arrays for programs', async () => {
    const { results } = await call('doctor', golden('torchvision.pth'), '--json');
    const found = JSON.parse(results[0] ?? '');
    expect(found).toMatchObject({
      format: 'pytorch',
      preset: 'torchvision',
      classes: 5,
      dtypes: ['float16'],
    });
    expect(found.checks[0]).toEqual({ name: 'format', ok: true, detail: expect.any(String) });
    expect(found.tensors).toHaveLength(16);
  });

  test('tries conventions on pictures', async () => {
    const { exitCode, results } = await call(
      ...['doctor', golden('torchvision.pth'), '--pictures', photos, '--count', '2', '--json'],
    );
    expect(exitCode).toBe(0);
    const { trials } = JSON.parse(results[0] ?? '');
    // Two orders of fc6, two of colours, six ranges; then the other network of these shapes.
    expect(trials.length).toBe(2 * 2 * 6 + 1);
    expect(trials.filter(({ isAssumed }: { isAssumed: boolean }) => isAssumed)).toHaveLength(1);
    expect(trials[0]).toMatchObject({
      confidence: expect.any(Number),
      agreement: expect.any(Number),
      score: expect.any(Number),
      accuracy: expect.any(Number),
    });
  }, 20_000);

  test('finds the classes of a folder among those of a network', () => {
    const words = ['n01440764 tench, Tinca tinca', 'n01443537 goldfish, Carassius auratus'];
    expect(matchLabels(['n01443537', 'n01440764'], words)?.indices).toEqual([1, 0]);
    expect(matchLabels(['tench', 'Goldfish'], words)?.indices).toEqual([0, 1]);
    expect(matchLabels(['1', '0'], words)?.indices).toEqual([1, 0]);
    expect(matchLabels(['cat', 'dog'], words)?.note).toContain('as many folders as classes');
    expect(matchLabels(['cat', 'dog', 'bird'], words)).toBeUndefined();
  });
});
