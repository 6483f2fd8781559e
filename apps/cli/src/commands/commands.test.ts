import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '@alexnet/data/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../terminal/test-terminal.ts';
import { writePhotos } from './test-photos.ts';

let root = '';
let photos = '';
let run = '';
const callerBefore = process.env.INIT_CWD;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-cli-'));
  photos = await writePhotos(root);
  run = join(root, 'run');
  await call(
    'train',
    photos,
    '--preset',
    'mnist',
    '--width',
    '0.05',
    '--epochs',
    '6',
    '--batch-size',
    '8',
    '--validation',
    '0.2',
    '--learning-rate',
    '0.03',
    '--threads',
    '1',
    '--out',
    run,
  );
});
afterEach(() => {
  if (callerBefore === undefined) delete process.env.INIT_CWD;
  else process.env.INIT_CWD = callerBefore;
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

describe('train', () => {
  test('leaves a whole run folder', async () => {
    const names = await readdir(run);
    const isEventFile = (name: string) => name.startsWith('events.out.tfevents.');
    expect(names.filter(isEventFile)).toHaveLength(1);
    expect(names.filter((name) => !isEventFile(name)).sort()).toEqual([
      'best',
      'checkpoints',
      'config.json',
      'last',
      'metrics.jsonl',
      'report.html',
    ]);
    const config = JSON.parse(await readFile(join(run, 'config.json'), 'utf8'));
    expect(config).toMatchObject({
      labels: ['dark', 'light'],
      data: { path: photos, trainingPictures: 32, validationPictures: 8 },
      network: { preset: 'mnist', options: { widthMultiplier: 0.05 } },
      training: { seed: 0, batchSize: 8, epochs: 6, init: 'he' },
    });
    const report = await readFile(join(run, 'report.html'), 'utf8');
    expect(report).toContain('dark');
    expect(report).toContain('Worst pictures');
  });

  test('--json prints one event a line, the last with the run', async () => {
    const out = join(root, 'json-run');
    const { results, exitCode } = await call(
      'train',
      photos,
      '--preset',
      'mnist',
      '--width',
      '0.05',
      '--epochs',
      '1',
      '--batch-size',
      '8',
      '--threads',
      '1',
      '--out',
      out,
      '--json',
    );
    const events = results.map((line) => JSON.parse(line));
    expect(exitCode).toBe(0);
    expect(events.find(({ event }) => event === 'step')).toMatchObject({
      epoch: 1,
      step: 1,
      loss: expect.any(Number),
      picturesPerSecond: expect.any(Number),
    });
    expect(events.find(({ event }) => event === 'epoch').validation).toEqual({
      loss: expect.any(Number),
      top1: expect.any(Number),
      top5: 1,
    });
    expect(events.at(-1)).toMatchObject({ event: 'done', run: out });
  });

  test('--dry-run says what would happen and leaves nothing', async () => {
    process.env.INIT_CWD = root;
    const { notes, exitCode } = await call('train', photos, '--dry-run', '--width', '0.25');
    expect(exitCode).toBe(0);
    expect(notes).toMatch(/36 pictures to train on, 4 to validate, 2 classes/);
    expect(notes).toMatch(/^memory {4}\d+\.\d MiB so far at most/m);
    expect(notes).toMatch(
      /^time {6}about \d+ s: \d+ ms a step(, \d+ in the first epoch)?, measured on 7$/m,
    );
    expect(await readdir(root)).not.toContain('runs');
  });

  test('--dry-run measures steps on features, and those of all layers once they learn', async () => {
    process.env.INIT_CWD = root;
    const options = [
      '--preset',
      'compact',
      '--width',
      '0.25',
      '--freeze',
      'conv*',
      '--epochs',
      '5',
    ];
    const { notes } = await call('train', photos, ...options, '--unfreeze-at', '3', '--dry-run');
    expect(notes).toMatch(
      /^time {6}about \d+ s: features once, \d+ s, \d+ ms a step, measured on 7; \d+ ms a step(, \d+ in the first epoch)?, measured on 7$/m,
    );
    const { notes: brief } = await call('train', photos, '--max-steps', '1', '--dry-run');
    expect(brief).toMatch(/^time {6}about 0 s: too few steps to measure$/m);
    expect(await readdir(root)).not.toContain('runs');
  });

  test('--from goes on with the weights, with a new head for other classes', async () => {
    const three = join(root, 'three');
    for (const label of ['a', 'b', 'c']) {
      await mkdir(join(three, label), { recursive: true });
      for (let i = 0; i < 4; i++) {
        const pixels = new Uint8Array(28 * 28 * 3).fill(label.charCodeAt(0) + i);
        await writeFile(
          join(three, label, `${i}.png`),
          await encodePng({ width: 28, height: 28, channels: 3, pixels }),
        );
      }
    }
    const out = join(root, 'tuned');
    const { notes, exitCode } = await call(
      'train',
      three,
      '--from',
      run,
      '--freeze',
      'conv*',
      '--reinit',
      'fc6',
      '--epochs',
      '1',
      '--threads',
      '1',
      '--out',
      out,
    );
    expect(notes).toMatch(/initialised anew \(he\): fc6.weight, fc6.bias/);
    expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8')).network).toMatchObject({
      from: run,
      freeze: ['conv*'],
      reinit: ['fc6'],
    });
    expect(notes).toMatch(/fc8 is new: the model had 2 classes, the pictures have 3/);
    expect(exitCode).toBe(0);
    const { results } = await call('inspect', out, '--json');
    const layers = JSON.parse(results[0] ?? '').layers;
    expect(layers.at(-1)).toMatchObject({ name: 'fc8', outputShape: [1, 3] });

    const same = await call('train', '--resume', out, '--reinit', 'fc6', '--freeze', 'conv*');
    expect(same.exitCode).toBe(0);
    const other = await call('train', '--resume', out, '--reinit', 'fc8');
    expect(other.notes).toMatch(/--reinit \["fc6"\], but \["fc8"\] is asked for now/);
    expect(other.exitCode).toBe(2);
  });

  test('--reinit without --from is an error that says what it is for', async () => {
    const { notes, exitCode } = await call('train', photos, '--reinit', 'fc8');
    expect(notes).toMatch(/^error: --reinit needs --from.*hint: .*--from model.onnx/s);
    expect(exitCode).toBe(2);
  });

  test('a layer to freeze that does not exist is an error that lists those that do', async () => {
    const { notes, exitCode } = await call(
      'train',
      photos,
      '--preset',
      'mnist',
      '--width',
      '0.05',
      '--freeze',
      'conv9',
    );
    expect(notes).toMatch(/No layer is called "conv9".*conv1, conv2/s);
    expect(exitCode).toBe(2);
  });
});

describe('eval', () => {
  test('--json gives counts, shares and the confusion matrix', async () => {
    const { results, exitCode } = await call('eval', run, photos, '--json');
    const evaluation = JSON.parse(results[0] ?? '');
    expect(exitCode).toBe(0);
    expect(evaluation).toMatchObject({ count: 40, loss: expect.any(Number), top5: 1 });
    expect(evaluation.top1).toBeGreaterThan(0.9);
    expect(evaluation.classes.map(({ label }: { label: string }) => label)).toEqual([
      'dark',
      'light',
    ]);
    expect(evaluation.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(40);
  });

  test('classes that the model does not know are refused', async () => {
    const other = join(root, 'other');
    await mkdir(join(other, 'green'), { recursive: true });
    await writeFile(
      join(other, 'green', '0.png'),
      await encodePng({ width: 4, height: 4, channels: 1, pixels: new Uint8Array(16) }),
    );
    const { notes, exitCode } = await call('eval', run, other);
    expect(notes).toMatch(/green/);
    expect(exitCode).toBe(1);
  });
});

describe('predict', () => {
  test('--json gives the classes, best first', async () => {
    const picture = join(photos, 'light', '3.png');
    const { results } = await call('predict', run, picture, '--json');
    const { picture: named, top } = JSON.parse(results[0] ?? '');
    expect(named).toBe(picture);
    expect(top[0]).toMatchObject({ index: 1, label: 'light' });
    expect(top[0].probability + top[1].probability).toBeCloseTo(1, 6);
  });

  test('for people: a percentage for each class', async () => {
    const { results } = await call('predict', run, join(photos, 'dark', '3.png'), '--top', '1');
    expect(results).toEqual([expect.stringMatching(/^dark {2,}\d+\.\d %$/)]);
  });
});

describe('export', () => {
  test("without a wish: the newest run's best checkpoint, relative to where the user called", async () => {
    process.env.INIT_CWD = root;
    await mkdir(join(root, 'runs'), { recursive: true });
    await cp(run, join(root, 'runs', 'mnist-1'), { recursive: true });
    const best = (await readFile(join(run, 'best'), 'utf8')).trim();
    const { notes, results, exitCode } = await call('export', 'newest.onnx', '--json');
    expect(exitCode).toBe(0);
    expect(notes).toContain(join('runs', 'mnist-1', 'checkpoints', best));
    const { file, bytes, sha256, preset, parameters, classes } = JSON.parse(results[0] ?? '');
    expect(file).toBe(join(root, 'newest.onnx'));
    expect(bytes).toBe((await stat(file)).size);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect({ preset, classes }).toEqual({ preset: 'mnist', classes: 2 });
    expect(parameters).toBeGreaterThan(1000);
  });

  test('weights in files beside the model, none larger than asked for', async () => {
    const target = join(root, 'apart', 'model.onnx');
    await mkdir(join(root, 'apart'));
    const flags = ['--shard-size', '1.5MB', '--json'];
    const { results } = await call('export', target, '--from', run, ...flags);
    const { files } = JSON.parse(results[0] ?? '');
    expect((await readdir(join(root, 'apart'))).sort()).toEqual([
      'model.onnx',
      ...files.map(({ name }: { name: string }) => name),
    ]);
    for (const { bytes } of files) expect(bytes).toBeLessThanOrEqual(1_500_000);
    const { results: rows } = await call('inspect', target, '--json');
    const { parameters } = JSON.parse(rows[0] ?? '');
    const { results: own } = await call('inspect', run, '--json');
    expect(parameters).toBe(JSON.parse(own[0] ?? '').parameters);
  });

  test('refuses sizes that are none, and files of other formats beside which nothing lies', async () => {
    const { exitCode } = await call('export', join(root, 'x.onnx'), '--shard-size', '20XB');
    expect(exitCode).toBe(2);
    const { notes } = await call('export', join(root, 'x.npz'), '--from', run, '--external-data');
    expect(notes).toContain('--external-data is for ONNX files');
  });

  test('where there is no run: a fresh network, with a warning', async () => {
    process.env.INIT_CWD = join(root, 'photos');
    const { notes, exitCode } = await call('export', 'fresh.onnx', '--preset', 'mnist');
    expect(exitCode).toBe(0);
    expect(notes).toMatch(/^warning: .*knows nothing yet/);
    await rm(join(root, 'photos', 'fresh.onnx'));
  });
});

describe('parity', () => {
  test('--json gives a row for each runtime', async () => {
    const { results, exitCode } = await call('parity', run, '--json', '--runtimes', 'node-cpu');
    const { rows, passed } = JSON.parse(results[0] ?? '');
    expect(exitCode).toBe(0);
    expect(passed).toBe(true);
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatchObject({ device: 'cpu', top1Agreement: 1, passed: true });
    expect(rows[1].runtime).toMatch(/^onnxruntime-node 1\./);
    expect(rows[1].maxRelativeError).toBeGreaterThan(0);
    expect(rows[1].maxRelativeError).toBeLessThan(1e-5);
    expect(rows[1].milliseconds).toBeGreaterThan(0);
    const taps = rows[1].taps.map(({ name }: { name: string }) => name);
    expect(taps).toEqual(['pool3', 'fc7', 'logits']);
  });

  test('--html leaves a page that says the same', async () => {
    const page = join(root, 'parity.html');
    await call('parity', run, '--runtimes', 'node-cpu', '--html', page, '--pictures', photos);
    const html = await readFile(page, 'utf8');
    expect(html).toMatch(/<dd>all agree<\/dd>/);
    expect(html).toMatch(/<th scope="row">onnxruntime-node 1\.[\d.]+<\/th><td>cpu<\/td>/);
    expect(html).toContain('float32, whose sums round');
  });

  test('past the tolerance: exit code 1', async () => {
    const { results, notes, exitCode } = await call(
      'parity',
      run,
      '--tolerance',
      '1e-12',
      '--pictures',
      photos,
      '--runtimes',
      'node-cpu',
    );
    expect(results.join('\n')).toMatch(/onnxruntime-node.* DIFFERS$/m);
    expect(notes).toMatch(/differs at \w+ by .* 1e-12 is allowed/);
    expect(exitCode).toBe(1);
  });

  test('a runtime that is asked for has to be there', async () => {
    const { results, notes, exitCode } = await call('parity', run, '--runtimes', 'node-cuda');
    expect(results.join('\n')).toMatch(
      /onnxruntime-node, cuda: not run\. The device "cuda" is not/,
    );
    expect(notes).toMatch(/onnxruntime-node on cuda was not compared/);
    expect(exitCode).toBe(1);
  });

  test('a runtime that is unknown: exit code 2, with those that there are', async () => {
    const { notes, exitCode } = await call('parity', run, '--runtimes', 'node-cpu,gpu');
    expect(notes).toMatch(/There is no "gpu"\. Known: node-cpu, .*pytorch/);
    expect(exitCode).toBe(2);
  });
});

describe('alexnet', () => {
  test('--version and --help are no errors', async () => {
    expect((await call('--version')).results[0]).toMatch(/^\d+\.\d+\.\d+/);
    const help = await call('--help');
    expect(help.exitCode).toBe(0);
    for (const command of ['train', 'eval', 'predict', 'export', 'inspect', 'parity']) {
      expect(help.results.join('\n')).toContain(command);
      const own = await call(command, '--help');
      expect(own.exitCode).toBe(0);
      expect(own.results.join('\n')).toMatch(/Examples:\n {2}\$ alexnet /);
    }
  });
});
