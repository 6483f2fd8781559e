import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createModel } from '@alexnet/core';
import { encodePng } from '@alexnet/data/node';
import { exportOnnx } from '@alexnet/export';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../terminal/test-terminal.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-bad-input-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

/** Enough for a training of seconds on the smallest network there is. */
const QUICK = [
  '--preset',
  'mnist',
  '--width',
  '0.02',
  '--epochs',
  '1',
  '--batch-size',
  '8',
  '--threads',
  '1',
];

async function pngOf(grey: number, side = 28): Promise<Uint8Array> {
  const pixels = new Uint8Array(side * side * 3).fill(grey);
  return encodePng({ width: side, height: side, channels: 3, pixels });
}

/** A folder of pictures: each class its number of them. */
async function makeFolder(
  name: string,
  classes: Readonly<Record<string, number>>,
): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  for (const [label, count] of Object.entries(classes)) {
    await mkdir(join(folder, label));
    for (let i = 0; i < count; i++) {
      await writeFile(join(folder, label, `${i}.png`), await pngOf(10 * i + label.length));
    }
  }
  return folder;
}

/** An idx file: magic, counts, bytes. */
function idx(magic: number, counts: readonly number[], bytes: number): Uint8Array {
  const file = new DataView(new ArrayBuffer(4 + 4 * counts.length + bytes));
  file.setUint32(0, magic);
  for (const [i, count] of counts.entries()) file.setUint32(4 + 4 * i, count);
  return new Uint8Array(file.buffer);
}

async function makeIdx(name: string, images: Uint8Array, labels: Uint8Array): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  await writeFile(join(folder, 'train-images-idx3-ubyte.gz'), gzipSync(images));
  await writeFile(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(labels));
  return folder;
}

/** One error, one hint, no stack. */
function expectError(
  result: { exitCode: number; notes: string },
  says: RegExp,
  exitCode = 1,
): void {
  expect(result.notes).toMatch(says);
  expect(result.notes.match(/^error: /gm)).toHaveLength(1);
  expect(result.notes).toMatch(/^hint: |Allowed choices|Did you mean|--help/m);
  expect(result.notes).not.toMatch(/^\s+at /m);
  expect(result.exitCode).toBe(exitCode);
}

describe('data sets', () => {
  test('a missing folder', async () => {
    expectError(await call('train', join(root, 'nowhere')), /nowhere/);
  });

  test('no data at all', async () => {
    expectError(await call('train'), /train needs DATA/, 2);
  });

  test('an empty folder', async () => {
    expectError(await call('train', await makeFolder('empty', {})), /empty/);
  });

  test('a class with no pictures', async () => {
    const folder = await makeFolder('no-dogs', { cat: 3, dog: 0 });
    expectError(await call('train', folder), /dog/);
  });

  test('one class only', async () => {
    expectError(await call('train', await makeFolder('only-cats', { cat: 3 })), /one class|only/i);
  });

  test.each([
    { what: 'a wrong magic', images: idx(0x0d03, [4, 2, 2], 16), says: /magic|0x/i },
    { what: 'a wrong count', images: idx(0x0803, [5, 2, 2], 16), says: /5|36|20/ },
    { what: 'a file cut short', images: idx(0x0803, [4, 2, 2], 15), says: /16|31|32/ },
    {
      what: 'counts that promise terabytes',
      images: idx(0x0803, [0xffffffff, 0xffff, 0xffff], 16),
      says: /promises 1844618112375626\d+ bytes/,
    },
  ])('idx: $what', async ({ what, images, says }) => {
    const folder = await makeIdx(`idx ${what}`, images, idx(0x0801, [4], 4));
    const result = await call('train', folder);
    expectError(result, says);
    expect(result.notes).toContain('train-images-idx3-ubyte.gz');
  });

  test('idx: as many labels as pictures', async () => {
    const folder = await makeIdx('idx labels', idx(0x0803, [4, 2, 2], 16), idx(0x0801, [3], 3));
    expectError(await call('train', folder), /4.*3|3.*4/s);
  });
});

describe('pictures', () => {
  test('a truncated one and a text named .jpg are named, skipped, counted', async () => {
    const folder = await makeFolder('some-bad', { cat: 15, dog: 15 });
    const png = await pngOf(100);
    await writeFile(join(folder, 'cat', 'cut.png'), png.subarray(0, png.length - 20));
    await writeFile(join(folder, 'dog', 'text.jpg'), 'this is no picture');
    const out = join(root, 'some-bad-run');
    const result = await call('train', folder, '--out', out, '--validation', '0', ...QUICK);
    expect(result.notes).toMatch(/Skipped .*cut\.png/);
    expect(result.notes).toMatch(/Skipped .*text\.jpg/);
    expect(result.exitCode).toBe(0);
    const lines = (await readFile(join(out, 'metrics.jsonl'), 'utf8')).trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'done' });
  });

  test('more than a tenth of them stops the training', async () => {
    const folder = await makeFolder('many-bad', { cat: 5, dog: 5 });
    for (const name of ['a.png', 'b.png']) await writeFile(join(folder, 'cat', name), 'no picture');
    const out = join(root, 'many-bad-run');
    expectError(
      await call('train', folder, '--out', out, '--validation', '0', ...QUICK),
      /2 of the 12.*10 %/s,
    );
  });

  test('a picture for each class leaves none to validate, and that is said', async () => {
    const folder = await makeFolder('one-each', { cat: 1, dog: 1 });
    const result = await call('train', folder, '--out', join(root, 'one-each-run'), ...QUICK);
    expect(result.exitCode).toBe(0);
    expect(result.notes).toContain('Nothing is validated');
    expect(result.notes).not.toMatch(/top-1/);
    const plateau = await call('train', folder, '--schedule', 'plateau', ...QUICK);
    expectError(plateau, /plateau waits for the validation error/, 2);
  });

  test('a training that cannot begin leaves no folder behind', async () => {
    const folder = await makeFolder('all-bad', { cat: 0, dog: 0 });
    for (const name of ['cat/a.png', 'cat/b.png', 'dog/a.png', 'dog/b.png']) {
      await writeFile(join(folder, name), 'no picture');
    }
    const out = join(root, 'no-runs', 'run');
    const result = await call('train', folder, '--out', out, '--validation', '0', ...QUICK);
    expectError(result, /of the 4.*10 %/s);
    expect(await readdir(root)).not.toContain('no-runs');
  });

  test.each([
    { what: 'one pixel', side: 1, says: /1 ?[×x] ?1/ },
    { what: '20,000 × 20,000 pixels', side: 20_000, says: /20,?000/ },
  ])('$what', async ({ what, side, says }) => {
    const model = join(root, `model ${side}.onnx`);
    await writeFile(model, exportOnnx(createModel('mnist', { widthMultiplier: 1 / 64 })));
    const picture = join(root, `${what}.png`);
    await writeFile(picture, side === 1 ? await pngOf(3, 1) : pngHeader(side));
    expectError(await call('predict', model, picture), says);
  });
});

/** A PNG's signature and header; a reader that checks sizes first goes no further. */
function pngHeader(side: number): Uint8Array {
  const bytes = new Uint8Array(33);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, side);
  view.setUint32(20, side);
  bytes.set([8, 2, 0, 0, 0], 24);
  return bytes;
}

describe('options', () => {
  test('an unknown preset, with those that exist', async () => {
    const result = await call('train', root, '--preset', 'alexnet');
    expectError(result, /'alexnet' is invalid.*caffe-alexnet/s, 2);
  });

  test('an unknown option, with the nearest', async () => {
    expectError(await call('train', root, '--epoch', '3'), /--epoch'.*Did you mean --epochs/s, 2);
  });

  test('an unknown command, with the nearest', async () => {
    expectError(await call('tran', root), /'tran'.*Did you mean train/s, 2);
  });

  test.each([
    ['--epochs', '0', /whole number of at least 1/],
    ['--epochs', 'many', /whole number of at least 1/],
    ['--learning-rate', '-1', /number above 0/],
    ['--validation', '1', /from 0 to 0.9/],
  ])('%s %s', async (option, value, says) => {
    expectError(await call('train', root, option, value), says, 2);
  });

  test('options that contradict each other', async () => {
    expectError(
      await call('export', 'x.onnx', '--from', root, '--preset', 'mini'),
      /cannot be used with/,
      2,
    );
  });
});

describe('models', () => {
  const whole = exportOnnx(createModel('mnist', { widthMultiplier: 1 / 64 }));
  test.each([
    { what: 'missing', bytes: undefined, says: /There is nothing at/ },
    { what: 'a text', bytes: new TextEncoder().encode('this is no model'), says: /ONNX/ },
    { what: 'empty', bytes: new Uint8Array(), says: /empty|ONNX/ },
    {
      what: 'cut short',
      bytes: whole.subarray(0, whole.length / 2),
      says: /cut|short|ends|beyond/,
    },
  ])('$what', async ({ what, bytes, says }) => {
    const file = join(root, `model ${what}.onnx`);
    if (bytes) await writeFile(file, bytes);
    const picture = join(root, 'fine.png');
    await writeFile(picture, await pngOf(50));
    for (const command of [
      ['predict', file, picture],
      ['inspect', file],
      ['parity', file],
    ]) {
      const result = await call(...command);
      expectError(result, says);
      expect(result.notes).toContain(`model ${what}.onnx`);
    }
  });

  test('another input shape than its preprocessing makes', async () => {
    const model = createModel('mnist', { widthMultiplier: 1 / 64 });
    const { preprocessing } = model.metadata;
    const wrong = {
      ...preprocessing,
      resize: { ...preprocessing.resize, mode: 'exact', height: 20, width: 20 },
    } as const;
    const file = join(root, 'other-shape.onnx');
    const metadata = {
      ...model.metadata,
      preprocessing: { ...wrong, resize: { ...wrong.resize, filter: 'bilinear', antialias: true } },
    } as const;
    await writeFile(file, exportOnnx({ ...model, metadata }));
    const picture = join(root, 'fine-too.png');
    await writeFile(picture, await pngOf(50));
    expectError(await call('predict', file, picture), /28.*20|20.*28/s);
  });
});

describe('runs', () => {
  test('a run folder of another configuration', async () => {
    const folder = await makeFolder('two', { cat: 8, dog: 8 });
    const out = join(root, 'two-run');
    expect((await call('train', folder, '--out', out, ...QUICK)).exitCode).toBe(0);
    const before = await readdir(join(out, 'checkpoints'));

    expectError(await call('train', '--resume', out, '--batch-size', '4'), /--batch-size 8.*4/s, 2);
    expectError(
      await call('train', '--resume', out, '--preset', 'mini'),
      /--preset "mnist".*"mini"/s,
      2,
    );
    const others = await makeFolder('others', { cat: 8, dog: 9 });
    expectError(
      await call('train', others, '--resume', out),
      /not those that the run was started with/,
      2,
    );
    expectError(await call('train', folder, '--out', out, ...QUICK), /There is a run in/);
    expect(await readdir(join(out, 'checkpoints'))).toEqual(before);
  });

  test('a folder that is no run', async () => {
    expectError(await call('train', '--resume', root), /no run folder/);
  });
});
