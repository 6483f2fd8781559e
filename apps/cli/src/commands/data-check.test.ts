import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '@alexnet/data/node';
import { afterAll, expect, test } from 'vitest';
import { call } from '../terminal/test-terminal.ts';

const root = mkdtempSync(join(tmpdir(), 'alexnet-data-command-'));
afterAll(() => rmSync(root, { recursive: true }));

for (const [place, label] of ['cat', 'dog'].entries()) {
  mkdirSync(join(root, 'photos', label), { recursive: true });
  for (let i = 0; i < 12; i++) {
    const pixels = Uint8Array.from(
      { length: 40 * 40 },
      (_, at) => (at * (i + 2) + place * 91) % 256,
    );
    const png = await encodePng({ width: 40, height: 40, channels: 1, pixels });
    writeFileSync(join(root, 'photos', label, `${i}.png`), png);
  }
}
const photos = join(root, 'photos');

test('data info says what was found and why', async () => {
  const { exitCode, results } = await call('data', 'info', photos);
  expect(exitCode).toBe(0);
  expect(results).toEqual([
    'photos: folder, 2 classes, 24 for training',
    '  It has 2 sub-folders: each is taken for a class.',
    '  formats of 24 pictures: 24 png',
    '  sizes: 40 × 40 to 40 × 40, in the middle 40 × 40',
    '',
    'class  training',
    '─────  ────────',
    'cat          12',
    'dog          12',
  ]);
  const { results: json } = await call('data', 'info', photos, '--json');
  expect(JSON.parse(json.join(''))).toMatchObject({ kind: 'folder', labels: ['cat', 'dog'] });
});

test('data info takes what a data set does not say itself', async () => {
  writeFileSync(join(root, 'table.csv'), 'where,what\ncat/1.png,x\ndog/1.png,y\n');
  const options = ['--root', photos, '--columns', 'where,what', '--json'];
  const { exitCode, results } = await call('data', 'info', join(root, 'table.csv'), ...options);
  expect(exitCode).toBe(0);
  expect(JSON.parse(results.join(''))).toMatchObject({ kind: 'list', labels: ['x', 'y'] });
  const wrong = await call('data', 'info', join(root, 'table.csv'), '--columns', 'where');
  expect(wrong).toMatchObject({
    exitCode: 2,
    notes: expect.stringMatching(/does not name two columns/),
  });
});

test('data check passes what is right and fails, naming it, what is not', async () => {
  const good = await call('data', 'check', photos);
  expect(good).toMatchObject({
    exitCode: 0,
    results: ['22 for training, 2 for validation: no problems'],
  });
  writeFileSync(join(photos, 'dog', 'bad.png'), 'text');
  const bad = await call('data', 'check', photos);
  expect(bad.exitCode).toBe(1);
  expect(bad.results).toEqual([
    '23 for training, 2 for validation: 1 problems',
    '✗ cannot be decoded: 1',
    `    ${join(photos, 'dog', 'bad.png')} is a text file, not a picture.`,
  ]);
  expect(bad.notes).toMatch(/has 1 problems that would stop a training/);
  const json = await call('data', 'check', photos, '--json');
  expect(json.exitCode).toBe(1);
  expect(JSON.parse(json.results.join(''))).toMatchObject({
    passed: false,
    problems: [{ kind: 'undecodable', isSerious: true }],
  });
  rmSync(join(photos, 'dog', 'bad.png'));
});

test('train takes a data set by what is said of it, and remembers it', {
  timeout: 60_000,
}, async () => {
  const lines = ['cat', 'dog'].flatMap((label) =>
    Array.from(
      { length: 12 },
      (_, i) => `${label}/${i}.png,a ${label},${i < 10 ? 'train' : 'val'}`,
    ),
  );
  const table = join(root, 'parts.csv');
  writeFileSync(table, ['where,what,split', ...lines].join('\n'));
  const source = ['--root', photos, '--columns', 'where,what'];
  const run = join(root, 'run');
  const network = ['--preset', 'mini', '--width', '0.1', '--epochs', '1', '--threads', '1'];
  const trained = await call(
    'train',
    table,
    ...source,
    ...network,
    '--batch-size',
    '10',
    '--out',
    run,
  );
  expect(trained).toMatchObject({
    exitCode: 0,
    notes: expect.stringMatching(/Validation is on the 4 pictures that the data set keeps for it/),
  });
  const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8'));
  expect(config).toMatchObject({
    labels: ['a cat', 'a dog'],
    data: {
      source: { root: photos, columns: 'where,what' },
      trainingPictures: 20,
      validationPictures: 4,
    },
  });
  const resumed = await call('train', '--resume', run);
  expect(resumed.notes).not.toMatch(/error/);
  expect(resumed.exitCode).toBe(0);
  const measured = await call('eval', run, table, ...source, '--json');
  expect(JSON.parse(measured.results.join(''))).toMatchObject({ count: 4 });
});
