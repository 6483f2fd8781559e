import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel } from '@alexnet/core';
import { encodePng } from '@alexnet/data/node';
import { readOnnxMetadata } from '@alexnet/export';
import { readFileBytes, writeOnnxFile } from '@alexnet/export/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../terminal/test-terminal.ts';

let root = '';
let base: readonly string[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-export-'));
  const file = join(root, 'base.onnx');
  await writeOnnxFile(file, createModel('mnist', { widthMultiplier: 0.1, classes: 3 }));
  base = ['--from', file];
});
afterAll(() => rm(root, { recursive: true }));

async function exported(name: string, ...options: readonly string[]): Promise<string> {
  const file = join(root, name);
  const { exitCode } = await call('export', file, ...base, ...options);
  expect(exitCode).toBe(0);
  return file;
}

/** Six pictures of three classes, and a list of these. */
async function makePhotos(
  name: string,
): Promise<{ readonly photos: string; readonly labels: string }> {
  const photos = join(root, name);
  await Promise.all(
    ['a', 'b', 'c'].map((label) => mkdir(join(photos, label), { recursive: true })),
  );
  for (const [shade, label] of ['a', 'b', 'c', 'a', 'b', 'c'].entries()) {
    const pixels = Uint8Array.from({ length: 28 * 28 * 3 }, (_, i) => (i * (shade + 3)) % 256);
    const png = await encodePng({ width: 28, height: 28, channels: 3, pixels });
    await writeFile(join(photos, label, `${shade}.png`), png);
  }
  const labels = join(root, `${name}.txt`);
  await writeFile(labels, 'a\nb\nc\n');
  return { photos, labels };
}

describe('what is written', () => {
  test('has the outputs that were asked for', async () => {
    const file = await exported('outputs.onnx', '--output', 'both', '--features', 'pool1, fc6');
    const { outputs } = readOnnxMetadata(await readFileBytes(file));
    expect(outputs.map(({ name }) => name)).toEqual(['logits', 'probabilities', 'pool1', 'fc6']);
  });

  test('says what people have to know', async () => {
    const labels = join(root, 'labels.txt');
    await writeFile(labels, 'daisy\nrose\ntulip\n');
    const about = ['--name', 'flowers', '--author', 'me', '--license', 'MIT', '--version', '2'];
    const file = await exported('about.onnx', '--labels', labels, ...about, '--opset', '13');
    expect(readOnnxMetadata(await readFileBytes(file))).toMatchObject({
      about: { name: 'flowers', author: 'me', license: 'MIT', version: 2 },
      metadata: { labels: ['daisy', 'rose', 'tulip'] },
      opset: 13,
    });
  });

  test('for a batch of fixed length is run in as many batches as it takes', async () => {
    const file = await exported('batch.onnx', '--batch', '3');
    const { exitCode } = await call('parity', file, '--count', '4', '--runtimes', 'node-cpu');
    expect(exitCode).toBe(0);
  });

  test('in halves is a MODEL as well', async () => {
    const half = await exported('half.onnx', '--dtype', 'float16');
    const { exitCode } = await call('parity', half, '--count', '1', '--runtimes', 'node-cpu');
    expect(exitCode).toBe(0);
  });

  test('that prepares its pictures itself is a MODEL as well', async () => {
    const file = await exported('bytes.onnx', '--embed', 'preprocessing');
    expect(readOnnxMetadata(await readFileBytes(file)).inputs).toEqual([
      { name: 'image', dtype: 'uint8', shape: ['N', 28, 28, 3] },
    ]);
    const { exitCode } = await call('parity', file, '--count', '2', '--runtimes', 'node-cpu');
    expect(exitCode).toBe(0);
    const photo = join(root, 'photo.png');
    const pixels = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 7) % 256);
    await writeFile(photo, await encodePng({ width: 40, height: 30, channels: 3, pixels }));
    const answers = [file, base[1] ?? ''].map(async (model) => {
      const { results } = await call('predict', model, photo, '--json', '--device', 'cpu');
      return JSON.parse(results[0] ?? '').top[0];
    });
    const [own, plain] = await Promise.all(answers);
    expect(own.index).toBe(plain.index);
    expect(own.probability).toBeCloseTo(plain.probability, 5);
  });

  test('in integers is a MODEL as well, its ranges measured on pictures', async () => {
    const { photos, labels } = await makePhotos('photos');
    const int8 = ['--dtype', 'int8', '--calibrate', photos, '--calibration', 'percentile'];
    const more = ['--float-layers', 'conv1', '--labels', labels];
    const file = await exported('int8.onnx', ...int8, ...more);
    const { precision } = readOnnxMetadata(await readFileBytes(file));
    expect(precision).toEqual({ compute: 'int8', weights: 'int8' });
    const parity = await call('parity', file, '--pictures', photos, '--runtimes', 'node-cpu');
    expect(parity.exitCode).toBe(0);
    const evaluated = await call('eval', file, photos, '--json', '--device', 'cpu');
    expect(JSON.parse(evaluated.results[0] ?? '').count).toBe(6);
  });

  test('in small weights is as good a MODEL as any', async () => {
    const whole = await exported('whole.onnx');
    const small = await exported('small.onnx', '--weights', 'int8', '--lrn', 'conv');
    expect((await stat(whole)).size).toBeGreaterThan(2.5 * (await stat(small)).size);
    const parity = await call('parity', small, '--count', '1', '--runtimes', 'node-cpu');
    expect(parity.exitCode).toBe(0);
    const inspected = await call('inspect', small, '--json');
    expect(JSON.parse(inspected.results[0] ?? '')).toEqual(
      JSON.parse((await call('inspect', whole, '--json')).results[0] ?? ''),
    );
  });
});

describe('--report', () => {
  const report = async (folder: string, ...options: readonly string[]) => {
    const { photos, labels } = await makePhotos('reported');
    const file = join(root, folder, 'model.onnx');
    return call('export', file, ...base, '--labels', labels, '--report', photos, ...options);
  };

  test('measures all forms, and writes a model card beside the file', async () => {
    await mkdir(join(root, 'card'));
    const options = ['--json', '--name', 'shapes', '--license', 'MIT'];
    const { results, notes, exitCode } = await report('card', ...options);
    expect(notes).not.toContain('error');
    expect(exitCode).toBe(0);
    const { sha256, report: rows } = JSON.parse(results[0] ?? '');
    expect(rows.map((row: { form: string }) => row.form)).toEqual([
      'float32',
      '--dtype float16',
      '--dtype int8',
      '--weights float16',
      '--weights int8',
    ]);
    expect(rows[0]).toMatchObject({ top1Agreement: 1, top5Agreement: 1, maxRelativeError: 0 });
    expect(rows[4].bytes).toBeLessThan(rows[0].bytes / 2);
    const card = await readFile(join(root, 'card', 'README.md'), 'utf8');
    expect(card).toMatch(
      /^---\nlicense: "mit"\nlibrary_name: onnx\npipeline_tag: image-classification\n/,
    );
    expect(card).toContain('\n0. a\n1. b\n2. c\n');
    expect(card).toContain(sha256);
    expect((await report('card')).exitCode).toBe(0);
  });

  test('never writes over a README.md that is not its own', async () => {
    await mkdir(join(root, 'own'));
    await writeFile(join(root, 'own', 'README.md'), '# Mine');
    const { notes, exitCode } = await report('own');
    expect(notes).toMatch(/There is a file .*README\.md already, which is no model card of ours/);
    expect(exitCode).toBe(1);
    expect(await readFile(join(root, 'own', 'README.md'), 'utf8')).toBe('# Mine');
  });
});

describe('refuses', () => {
  test.each([
    [['--lrn', 'fast'], /--lrn.*Allowed choices are native, conv/],
    [['--dtype', 'float16', '--weights', 'int8'], /weights is "int8", but dtype "float16"/],
    [['--embed', 'resize', '--opset', '17'], /opset is 17\.[\s\S]*from 18 to 26/],
    [['--dtype', 'int8'], /--dtype int8 has to know[\s\S]*--calibrate FOLDER/],
    [['--calibrate', 'photos'], /--calibrate is for --dtype int8, and this is float32/],
    [['--opset', '12'], /opset is 12\.[\s\S]*from 13 to 26/],
    [['--batch', 'many'], /--batch.*whole number of at least 1/],
    [['--version', '1.2.3'], /--version.*whole number/],
    [['--features', 'conv1,,fc6'], /--features.*names with commas between them/],
    [['--wieghts', 'int8'], /unknown option '--wieghts'[\s\S]*--weights/],
  ])('%j', async (options, message) => {
    const { exitCode, notes } = await call('export', join(root, 'x.onnx'), ...base, ...options);
    expect(notes).toMatch(message);
    expect(exitCode).toBe(2);
  });

  test('a layer that is none, with the nearest', async () => {
    const options = ['--features', 'pol1'];
    const { exitCode, notes } = await call('export', join(root, 'x.onnx'), ...base, ...options);
    expect(notes).toMatch(/no layer "pol1".* Did you mean "pool1"\?/);
    expect(exitCode).toBe(2);
  });

  test('options of ONNX for another kind of file', async () => {
    const { exitCode, notes } = await call(
      'export',
      join(root, 'x.safetensors'),
      ...base,
      '--weights',
      'int8',
    );
    expect(notes).toMatch(/--weights is for ONNX files/);
    expect(exitCode).toBe(2);
  });
});

describe('a layers model of TensorFlow.js', () => {
  let compact: readonly string[] = [];
  beforeAll(async () => {
    const file = join(root, 'compact.onnx');
    await writeOnnxFile(file, createModel('compact-bn', { widthMultiplier: 0.5, classes: 3 }));
    compact = ['--from', file];
  });

  test('is a folder, and a MODEL by its name', async () => {
    const folder = join(root, 'web', 'small');
    const { exitCode, results } = await call(
      ...['export', folder, ...compact, '--format', 'tfjs', '--json'],
    );
    expect(exitCode).toBe(0);
    const { file, files, classes } = JSON.parse(results[0] ?? '');
    expect(file).toBe(join(folder, 'model.json'));
    expect(classes).toBe(3);
    const found = await readdir(folder);
    expect(found.toSorted()).toEqual(
      ['model.json', ...files.map(({ name }: { readonly name: string }) => name)].toSorted(),
    );
    for (const model of [folder, file]) {
      const inspected = await call('inspect', model, '--json');
      expect(JSON.parse(inspected.results.join('\n')).preset).toBe('compact-bn');
    }
    const back = join(root, 'back.safetensors');
    expect((await call('import', folder, '-o', back)).exitCode).toBe(0);
    const again = join(root, 'again', 'model.json');
    expect((await call('import', back, '-o', again)).exitCode).toBe(0);
    expect((await readdir(join(root, 'again'))).toSorted()).toEqual(found.toSorted());
  });

  test('of a network with LRN needs a class of ours, and says so', async () => {
    const options = ['--preset', 'mini', '--format', 'tfjs'];
    const refused = await call('export', join(root, 'refused'), ...options);
    expect(refused.exitCode).toBe(1);
    expect(refused.notes).toContain('norm1 is a local response normalisation');
    expect(refused.notes).toContain('--lrn-class');
    await expect(stat(join(root, 'refused'))).rejects.toThrowError('ENOENT');
    const written = await call('export', join(root, 'lrn'), ...options, '--lrn-class');
    expect(written.exitCode).toBe(0);
  });

  test('can be small', async () => {
    const sizes = await Promise.all(
      [[], ['--quantize', 'float16'], ['--quantize', 'uint8']].map(async (options, index) => {
        const folder = join(root, `size-${index}`);
        const form = ['--format', 'tfjs', ...options, '--json'];
        const { results } = await call('export', folder, ...compact, ...form);
        const { files } = JSON.parse(results[0] ?? '');
        return files.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, 0);
      }),
    );
    const [whole = 0, halves = 0, bytes = 0] = sizes;
    expect(whole / halves).toBeCloseTo(2, 1);
    expect(whole / bytes).toBeCloseTo(4, 1);
  });

  test.each([
    {
      options: ['--quantize', 'uint8'],
      file: 'x.onnx',
      says: '--quantize is for models of TensorF',
    },
    { options: ['--lrn-class'], file: 'x.pth', says: '--lrn-class is for models of TensorFlow.js' },
    { options: ['--format', 'tfjs', '--dtype', 'float16'], file: 'x', says: '--dtype is for ONNX' },
  ])('$options: refused where it changes nothing', async ({ options, file, says }) => {
    const { exitCode, notes } = await call('export', join(root, file), ...base, ...options);
    expect(exitCode).not.toBe(0);
    expect(notes).toContain(says);
  });
});
