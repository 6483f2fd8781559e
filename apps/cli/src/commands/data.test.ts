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

  test('writes the mean of every pixel for NumPy', async () => {
    const folder = join(root, 'even');
    // Rows of red, green, blue, red, green, blue.
    const pictures = [
      [0, 10, 20, 30, 40, 50, 0, 1, 2, 255, 254, 253],
      [1, 10, 23, 30, 44, 55, 0, 1, 2, 255, 254, 253],
      [5, 10, 20, 33, 40, 51, 3, 1, 2, 255, 254, 251],
    ];
    for (const [i, pixels] of pictures.entries()) {
      const label = join(folder, i === 0 ? 'first' : 'others');
      await mkdir(label, { recursive: true });
      const picture = {
        width: 2,
        height: 2,
        channels: 3,
        pixels: Uint8Array.from(pixels),
      } as const;
      await writeFile(join(label, `${i}.png`), await encodePng(picture));
    }
    const file = join(root, 'mean.npy');
    const { exitCode, notes } = await call(
      ...['data', 'stats', folder, '--crop', '2', '--mean-image', file],
    );
    expect({ exitCode, notes }).toMatchObject({
      exitCode: 0,
      notes: expect.stringContaining(file),
    });
    const bytes = new Uint8Array(await readFile(file));
    expect(new TextDecoder('latin1').decode(bytes.subarray(0, 128))).toContain(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2, 2), }",
    );
    const sums = [6, 93, 3, 765, 30, 124, 3, 762, 63, 156, 6, 757];
    const expected = Float32Array.from(sums, (sum) => sum / pictures.length);
    expect(new Float32Array(bytes.slice(128).buffer)).toEqual(expected);
  });

  test('a mean image of pictures of several sizes is refused, and so is another name', async () => {
    const several = await call('data', 'stats', photos, '--mean-image', join(root, 'no.npy'));
    expect(several.exitCode).toBe(2);
    expect(several.notes).toMatch(/size depends on the picture/);
    const other = await call('data', 'stats', photos, '--mean-image', 'mean.png');
    expect(other.exitCode).toBe(2);
    expect(other.notes).toContain('mean.npy');
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
    expect(first.results[1]).toBe('Left out as unreadable: 1 picture.');
    expect(first.notes).toMatch(/Left out .*torn\.png/);
    expect((await prepare()).results[1]).toBe('3 of the shards were there already.');
    const { results } = await call('data', 'stats', shards);
    expect(results[0]).toMatch(/^24 pictures/);
    expect(await readdir(shards)).toContain('shards.json');
    const index = JSON.parse(await readFile(join(shards, 'shards.json'), 'utf8'));
    expect(index).toMatchObject({ format: 'alexnet-shards', version: 1, labels: ['cat', 'dog'] });
  });

  test('leaves out as many pictures that cannot be read as it may', async () => {
    const none = join(root, 'none-bad');
    const strict = await call('data', 'prepare', photos, none, '--max-bad', '0');
    expect(strict.exitCode).toBe(1);
    expect(strict.notes).toMatch(/1 of the 25 pictures of .* cannot be read, more than 0 %/);
    const lenient = await call('data', 'prepare', photos, none, '--max-bad', '1', '--size', '16');
    expect(lenient.exitCode).toBe(0);
    const wrong = await call('data', 'prepare', photos, none, '--max-bad', '2');
    expect(wrong.exitCode).toBe(2);
  });

  test('two shapes are refused', async () => {
    const { exitCode, notes } = await call(
      ...['data', 'prepare', photos, join(root, 'none'), '--square', '--stretch'],
    );
    expect(exitCode).toBe(2);
    expect(notes).toContain('--square');
  });
});
