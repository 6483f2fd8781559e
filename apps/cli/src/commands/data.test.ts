import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@alexnet/core';
import { decodePicture, encodePng } from '@alexnet/data/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../terminal/test-terminal.ts';

let root = '';
let photos = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-data-'));
  photos = join(root, 'photos');
  for (const [label, name] of ['cat', 'dog'].entries()) {
    await mkdir(join(photos, name), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const random = createRandom(100 * label + i);
      const size = { width: 30 + i, height: 20 } as const;
      const pixels = Uint8Array.from({ length: size.width * size.height * 3 }, () =>
        random.integer(128),
      );
      const png = await encodePng({ ...size, channels: 3, pixels });
      await writeFile(join(photos, name, `${i}.png`), png);
    }
  }
  await writeFile(join(photos, 'dog', 'torn.png'), 'no picture');
});
afterAll(() => rm(root, { recursive: true }));

describe('stats', () => {
  test('prints a table', async () => {
    const { exitCode, results, notes } = await call('data', 'stats', photos);
    expect(exitCode).toBe(0);
    expect(results[0]).toBe('24 pictures, 17,040 pixels');
    expect(results.join('\n')).toMatch(/red +0\.2\d{3} +0\.1\d{3}/);
    expect(notes).toMatch(/Skipped .*torn\.png/);
  });

  test('prints JSON, of the part that counts', async () => {
    const { results } = await call(
      ...['data', 'stats', photos, '--short-side', '10', '--crop', '8', '--json'],
    );
    const statistics = JSON.parse(results[0] ?? '');
    expect(statistics).toMatchObject({
      name: 'photos',
      pictures: 24,
      pixels: 24 * 64,
      channels: 3,
    });
    expect(statistics.covariance).toHaveLength(3);
    expect(statistics.mean[0]).toBeCloseTo(63.5 / 255, 2);
  });
});

describe('preview', () => {
  test.each(['mild', 'strong', 'paper'])('draws a sheet of %s', async (name) => {
    const file = join(root, `${name}.png`);
    const { exitCode, results } = await call(
      ...['data', 'preview', photos, file, '--augment', name],
      ...['--rows', '3', '--columns', '4', '--short-side', '18', '--crop', '16'],
    );
    expect({ exitCode, results }).toEqual({
      exitCode: 0,
      results: [`${file}: 104 × 64 pixels`],
    });
    const { width, height, pixels } = await decodePicture(file);
    expect([width, height]).toEqual([4 + 5 * 20, 4 + 3 * 20]);
    expect(new Set(pixels).size).toBeGreaterThan(50);
  });
});

describe('prepare', () => {
  test('makes shards that eval, train and stats take, and makes nothing twice', async () => {
    const shards = join(root, 'shards');
    const prepare = () =>
      call(...['data', 'prepare', photos, shards, '--size', '16', '--shard-pictures', '10']);
    const first = await prepare();
    expect(first.exitCode).toBe(0);
    expect(first.results[0]).toMatch(/^24 pictures in 3 shards, /);
    expect(first.results[1]).toBe('1 pictures could not be read and were left out.');
    expect(first.notes).toMatch(/Left out .*torn\.png/);
    expect((await prepare()).results[1]).toBe('3 of the shards were there already.');
    const { results } = await call('data', 'stats', shards);
    expect(results[0]).toMatch(/^24 pictures/);
    expect(await readdir(shards)).toContain('shards.json');
    const index = JSON.parse(await readFile(join(shards, 'shards.json'), 'utf8'));
    expect(index).toMatchObject({ format: 'alexnet-shards', version: 1, labels: ['cat', 'dog'] });
  });

  test('two shapes are refused', async () => {
    const { exitCode, notes } = await call(
      ...['data', 'prepare', photos, join(root, 'none'), '--square', '--stretch'],
    );
    expect(exitCode).toBe(2);
    expect(notes).toContain('--square');
  });
});
