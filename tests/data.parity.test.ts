import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { decodePicture, openDataset } from '@alexnet/data/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPhotographs } from './golden/pictures/read-pictures.ts';

/** The real data: beside the repository, or where ALEXNET_DATA says. */
const source = resolve(process.env.ALEXNET_DATA ?? join(import.meta.dirname, '../../shared/data'));
const isThere = existsSync(source);
const isNeeded = process.env.CI === 'true';
const photographs = readPhotographs();

if (!isThere && !isNeeded) {
  test.skip(`photographs: skipped, the real data is not at ${source} (set ALEXNET_DATA)`, () => {});
}

describe.runIf(isThere || isNeeded)('photographs', () => {
  let folder = '';
  const folderOf = (tar: string) => join(folder, tar);

  beforeAll(() => {
    if (!isThere) throw new Error(`CI needs the real data at ${source} (or ALEXNET_DATA)`);
    folder = mkdtempSync(join(tmpdir(), 'alexnet-photographs-'));
    for (const tar of new Set(photographs.map((photograph) => photograph.tar))) {
      mkdirSync(folderOf(tar));
      const members = photographs.filter((photograph) => photograph.tar === tar);
      const files = members.map(({ file }) => file);
      execFileSync('tar', ['-xf', join(source, tar), '-C', folderOf(tar), ...files]);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('are at least forty, grey ones among them', () => {
    expect(photographs.length).toBeGreaterThanOrEqual(40);
    expect(photographs.some(({ channels }) => channels === 1)).toBe(true);
  });

  test.each(photographs)('$tar $file is decoded bit for bit as Pillow does', async (photograph) => {
    const picture = await decodePicture(join(folderOf(photograph.tar), photograph.file));
    const { width, height, channels } = photograph;
    expect(picture).toMatchObject({ width, height, channels });
    expect(createHash('sha256').update(picture.pixels).digest('hex')).toBe(photograph.sha256);
  });

  test('in class folders are a data set', async () => {
    const tar = 'dogs-vs-cats-2000-short256.tar';
    const { training, ignored } = await openDataset(folderOf(tar));
    expect(training.labels).toEqual(['cat', 'dog']);
    expect(training.length).toBe(photographs.filter((photograph) => photograph.tar === tar).length);
    expect(ignored).toEqual([]);
  });
});
