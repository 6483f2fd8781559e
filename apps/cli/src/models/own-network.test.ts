import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodePng } from '@alexnet/data/node';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type CallResult, call } from '../terminal/test-terminal.ts';

const TINY = fileURLToPath(new URL('../../../../examples/networks/tiny.json', import.meta.url));
const CLASSES = Array.from({ length: 10 }, (_, index) => `class-${index}`);

let root = '';
let photos = '';
let file = '';
let run = '';
let first: CallResult;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-own-'));
  photos = await makePhotos('photos', CLASSES);
  file = join(root, 'my-net.json');
  run = join(root, 'run');
  await copyFile(TINY, file);
  first = await call('train', photos, '--network', file, '--out', run, ...QUICK);
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

async function makePhotos(name: string, labels: readonly string[]): Promise<string> {
  const folder = join(root, name);
  for (const [index, label] of labels.entries()) {
    await mkdir(join(folder, label), { recursive: true });
    for (const shade of [0, 1, 2]) {
      const pixels = new Uint8Array(28 * 28).fill(20 * index + shade);
      const png = await encodePng({ width: 28, height: 28, channels: 1, pixels });
      await writeFile(join(folder, label, `${shade}.png`), png);
    }
  }
  return folder;
}

/** Two steps. */
const QUICK = ['--max-steps', '2', '--batch-size', '8', '--threads', '1', '--validation', '0.2'];

/** A copy of the tiny network that another file can be made of. */
async function readTiny() {
  return JSON.parse(await readFile(TINY, 'utf8'));
}

/** Each training starts a thread with onnxruntime: seconds on a busy machine. */
const SLOW = { timeout: 30_000 };

describe('train --network', SLOW, () => {
  test('trains the example, and the run needs the file no more', async () => {
    expect(first.notes).toMatch(/network {3}tiny, 4,010 parameters, input 1×28×28, init he/);
    expect(first.exitCode).toBe(0);

    const { network } = JSON.parse(await readFile(join(run, 'config.json'), 'utf8'));
    expect(network).toMatchObject({ preset: null, own: { preset: null, graph: { name: 'tiny' } } });
    const again = await call('train', '--resume', run, '--network', file);
    expect(again.exitCode).toBe(0);

    await rm(file);
    await rm(join(run, 'checkpoints'), { recursive: true });
    await rm(join(run, 'last'));
    await mkdir(join(run, 'checkpoints'));
    const resumed = await call('train', '--resume', run);
    expect(resumed.notes).not.toMatch(/error/);
    expect(resumed.exitCode).toBe(0);

    const { results } = await call('inspect', run, '--json');
    expect(JSON.parse(results[0] ?? '')).toMatchObject({ name: 'tiny', preset: null });
    const picture = join(photos, 'class-3', '0.png');
    expect((await call('predict', run, picture)).results).toHaveLength(5);
  });

  test('its names are its own affair, and a run is named after it', async () => {
    const tiny = JSON.stringify({ ...(await readTiny()), name: '../my net/ü' })
      .replaceAll('"image"', '"data"')
      .replaceAll('"fc2.weight"', '"w2"')
      .replaceAll('"conv1.bias"', '"fc2.bias/1"')
      .replaceAll('"relu1"', '"loss"')
      .replaceAll('"flatten"', '"logits"');
    const file = join(root, 'other-names.json');
    await writeFile(file, tiny);
    vi.stubEnv('INIT_CWD', root);
    const { notes, results, exitCode } = await call('train', photos, '--network', file, ...QUICK);
    expect(notes).not.toMatch(/error/);
    expect(exitCode).toBe(0);
    expect(results[0]).toMatch(/: runs\/my-net-1$/);
    const picture = join(photos, 'class-3', '0.png');
    expect((await call('predict', join('runs', 'my-net-1'), picture)).exitCode).toBe(0);
  });

  test('another number of classes is an error that says what to change', async () => {
    const two = await makePhotos('two', ['cat', 'dog']);
    const { notes, exitCode } = await call('train', two, '--network', TINY, ...QUICK);
    expect(notes).toMatch(/tiny has 10 classes \(fc2\), but the pictures have 2: cat, dog\./);
    expect(notes).toMatch(
      /hint: Change the shape of "fc2\.weight" to \[2, 392\] and the shape of "fc2\.bias" to \[2\] in the network file\./,
    );
    expect(exitCode).toBe(2);
  });

  test('another network than that of the run is refused', async () => {
    const file = join(root, 'another.json');
    await writeFile(file, JSON.stringify({ ...(await readTiny()), name: 'another' }));
    const { notes, exitCode } = await call('train', '--resume', run, '--network', file);
    expect(notes).toMatch(/started with another network "tiny" than the one in .*another\.json/);
    expect(exitCode).toBe(2);
  });

  test.each([
    ['a missing file', 'nowhere.json', /nowhere\.json/, 1],
    ['a preset', '--preset=mini', /cannot be used with/, 2],
    ["a preset's option", '--width=2', /cannot be used with/, 2],
  ])('%s is an error', async (_what, argument, says, code) => {
    const args = argument.startsWith('--')
      ? ['--network', TINY, argument]
      : ['--network', join(root, argument)];
    const { notes, exitCode } = await call('train', photos, ...args);
    expect(notes).toMatch(says);
    expect(exitCode).toBe(code);
  });
});

test.each([['predict', 'x.png'], ['eval', 'photos'], ['parity'], ['train', '--from']])(
  'a network file is no MODEL: %s says so',
  async (command, ...rest) => {
    const args = rest.includes('--from') ? [photos, '--from', TINY] : [TINY, ...rest];
    const { notes, exitCode } = await call(command, ...args);
    expect(notes).toMatch(/tiny\.json is a network without weights, not a MODEL\./);
    expect(notes).toMatch(/hint: Train it first: alexnet train DATA --network/);
    expect(exitCode).toBe(1);
  },
);

describe('export --network', () => {
  test('writes it with fresh weights, with a warning', async () => {
    const file = join(root, 'tiny.onnx');
    const { notes, results, exitCode } = await call('export', file, '--network', TINY, '--json');
    expect(exitCode).toBe(0);
    expect(notes).toMatch(/^warning: This is a freshly initialised tiny .*knows nothing yet/);
    expect(JSON.parse(results[0] ?? '')).toMatchObject({
      preset: null,
      parameters: 4010,
      classes: 10,
    });
    const differs = await call('inspect', TINY, '--against', file);
    expect(differs.results[0]).toMatch(/have the same layers/);
  });
});
