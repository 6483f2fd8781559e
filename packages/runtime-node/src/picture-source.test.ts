import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { encodePng } from '@alexnet/data/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPicture } from './picture-source.ts';

const PICTURE = {
  width: 2,
  height: 2,
  channels: 3,
  pixels: Uint8Array.of(255, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100),
} as const;
let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-picture-'));
  path = join(folder, 'four pixels.png');
  await writeFile(path, await encodePng(PICTURE));
});
afterAll(() => rm(folder, { recursive: true }));

test('reads the same pixels from every kind of source', async () => {
  const bytes = Uint8Array.from(await encodePng(PICTURE));
  const sources = [
    path,
    pathToFileURL(path),
    pathToFileURL(path).href,
    bytes,
    Buffer.from(bytes),
    new Blob([bytes]),
    new File([bytes], 'four pixels.png'),
    PICTURE,
  ];
  for (const source of sources) {
    const { width, height, channels, pixels } = await readPicture(source);
    expect({ width, height, channels, pixels: [...pixels] }).toEqual({
      ...PICTURE,
      pixels: [...PICTURE.pixels],
    });
  }
});

test.each([
  ['a file that is not there', 'none.jpg', 'NOT_FOUND'],
  ['bytes that are no picture', Uint8Array.of(1, 2, 3), 'INVALID_PICTURE'],
  ['pixels that do not fill the sides', { ...PICTURE, width: 3 }, 'INVALID_PICTURE'],
])('refuses %s', async (_, source, code) => {
  await expect(readPicture(source)).rejects.toMatchObject({ code });
});

test.each([[3], [null], [undefined], [{}]])('refuses %j', async (source) => {
  const call = Reflect.apply(readPicture, undefined, [source]);
  await expect(call).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
