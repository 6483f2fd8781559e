import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { preprocess } from '@alexnet/data';
import { decodePicture, openDataset } from '@alexnet/data/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  extractPhotographs,
  hasPhotographs,
  PHOTOGRAPHS_MISSING,
} from './golden/pictures/extract-photographs.ts';
import { readPhotographs } from './golden/pictures/read-pictures.ts';
import { PHOTOGRAPH, torchvisionPreprocessing } from './golden/pictures/torchvision.ts';

const photographs = readPhotographs();
const isNeeded = process.env.CI === 'true';

if (!hasPhotographs && !isNeeded) {
  test.skip(`photographs: skipped, ${PHOTOGRAPHS_MISSING}`, () => {});
}

describe.runIf(hasPhotographs || isNeeded)('photographs', () => {
  let folder = '';
  const folderOf = (tar: string) => join(folder, tar);

  beforeAll(() => {
    folder = extractPhotographs();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('are at least forty, grey ones among them', () => {
    expect(photographs.length).toBeGreaterThanOrEqual(40);
    expect(photographs.some(({ channels }) => channels === 1)).toBe(true);
  });

  test.each(photographs)(
    '$tar $file gives the input that Pillow and torchvision give',
    async (photograph) => {
      const picture = await decodePicture(join(folderOf(photograph.tar), photograph.file));
      const { width, height, channels } = photograph;
      expect(picture).toMatchObject({ width, height, channels });
      expect(sha256(picture.pixels)).toBe(photograph.sha256);
      const input = new Float32Array(3 * PHOTOGRAPH.crop ** 2);
      preprocess(picture, torchvisionPreprocessing(PHOTOGRAPH), input);
      expect(sha256(new Uint8Array(input.buffer))).toBe(photograph.inputSha256);
    },
  );

  test('in class folders are a data set', async () => {
    const tar = 'dogs-vs-cats-2000-short256.tar';
    const { training, ignored } = await openDataset(folderOf(tar));
    expect(training.labels).toEqual(['cat', 'dog']);
    expect(training.length).toBe(photographs.filter((photograph) => photograph.tar === tar).length);
    expect(ignored).toEqual([]);
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
