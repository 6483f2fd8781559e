import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { openDataset } from '../open-dataset.ts';
import { checkDataset } from './check-dataset.ts';
import { describeDataset } from './describe-dataset.ts';

const root = mkdtempSync(join(tmpdir(), 'alexnet-check-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A picture of its own for each number. */
const picture = (seed: number, width = 48, height = 40) =>
  sharp(
    Uint8Array.from(
      { length: width * height * 3 },
      (_, i) => (i * 7 + seed * 31 + (i >> 5) * seed) % 251,
    ),
    { raw: { width, height, channels: 3 } },
  );
let made = 0;

async function makeFolder(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = join(root, `set-${made++}`);
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

async function makeClean(): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 12; i++) {
    files[`train/cat/${i}.png`] = await picture(i).png().toBuffer();
    files[`train/dog/${i}.png`] = await picture(100 + i)
      .png()
      .toBuffer();
  }
  files['val/cat/1.png'] = await picture(200).png().toBuffer();
  files['val/dog/1.png'] = await picture(201).png().toBuffer();
  return files;
}

const check = async (path: string) => {
  const { problems, parts } = await checkDataset(await openDataset(path));
  const strip = (name: string) => name.replace(`${path}/`, '');
  return {
    parts,
    problems: problems.map(({ kind, isSerious, names }) => [kind, isSerious, names.map(strip)]),
    messages: problems.map(({ message }) => strip(message)),
  };
};

test('a data set without problems has none', async () => {
  const { problems, parts } = await check(await makeFolder(await makeClean()));
  expect(problems).toEqual([]);
  expect(parts).toEqual({ training: 24, validation: 2 });
});

test('every problem that was planted is found, and no other', async () => {
  const files = await makeClean();
  const jpeg = await picture(300).jpeg().toBuffer();
  const path = await makeFolder({
    ...files,
    'train/dog/cut.jpg': jpeg.subarray(0, jpeg.length - 60),
    'train/dog/page.jpg': '<!doctype html><title>404',
    'train/dog/jpeg.png': jpeg,
    'train/dog/tiny.png': await picture(301, 20, 48).png().toBuffer(),
    'train/notes.txt': 'x',
  });
  copyFileSync(join(path, 'train/cat/3.png'), join(path, 'train/cat/copy.png'));
  copyFileSync(join(path, 'train/cat/4.png'), join(path, 'train/dog/cat.png'));
  // The same pixels in another file.
  writeFileSync(
    join(path, 'val/dog/known.webp'),
    await picture(105).webp({ lossless: true }).toBuffer(),
  );
  const { problems, messages } = await check(path);
  expect(problems).toEqual([
    ['undecodable', true, ['train/dog/cut.jpg']],
    ['undecodable', true, ['train/dog/page.jpg']],
    ['conflict', true, ['train/cat/4.png', 'train/dog/cat.png']],
    ['leak', true, ['train/dog/5.png', 'val/dog/known.webp']],
    ['tiny', false, ['train/dog/tiny.png']],
    ['wrong-ending', false, ['train/dog/jpeg.png']],
    ['duplicate', false, ['train/cat/3.png', 'train/cat/copy.png']],
    ['ignored', false, ['train/notes.txt']],
  ]);
  expect(messages).toContain(
    '2 pictures with the same pixels are in training and validation: what is measured there was learnt by heart.',
  );
  expect(messages).toContain('2 pictures with the same bytes are of the classes "cat" and "dog".');
  expect(messages).toContain('2 pictures have the same bytes.');
});

test('duplicates across a split that a training would draw are found', async () => {
  const bytes = await picture(1).png().toBuffer();
  const path = await makeFolder(
    Object.fromEntries(
      ['cat', 'dog'].flatMap((label) =>
        Array.from({ length: 12 }, (_, i) => [`${label}/${i}.png`, bytes]),
      ),
    ),
  );
  const opened = await openDataset(path);
  const { parts, problems } = await checkDataset(opened, { split: { validation: 0.25, seed: 0 } });
  expect(parts).toEqual({ training: 18, validation: 6 });
  expect(problems.map(({ kind }) => kind)).toEqual(['leak']);
});

test('classes without pictures, with few, of unequal size, and of odd names', async () => {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 30; i++) files[`${i}.png`] = await picture(i).png().toBuffer();
  const lines = Array.from({ length: 30 }, (_, i) => `${i}.png ${i < 28 ? 0 : 1}`);
  const path = await makeFolder({
    ...files,
    'list.txt': lines.join('\n'),
    'labels.txt': 'Cat\ncat\n<b>dog</b>\n',
  });
  const { problems } = await check(join(path, 'list.txt'));
  expect(problems).toEqual([
    ['empty-class', true, ['<b>dog</b>']],
    ['few-pictures', false, ['cat']],
    ['unbalanced', false, ['Cat', 'cat']],
    ['odd-label', false, ['Cat', 'cat']],
    ['odd-label', false, ['<b>dog</b>']],
  ]);
});

test('stops when it is told to', async () => {
  const path = await makeFolder(await makeClean());
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(checkDataset(await openDataset(path), { signal })).rejects.toThrow('enough');
});

test('a description has classes, formats and sizes', async () => {
  const files = await makeClean();
  const path = await makeFolder({
    ...files,
    'train/cat/large.jpg': await picture(9, 90, 70).jpeg().toBuffer(),
    'train/dog/bad.jpg': 'text',
  });
  expect(await describeDataset(await openDataset(path))).toMatchObject({
    kind: 'splits',
    labels: ['cat', 'dog'],
    parts: [
      { part: 'training', pictures: 26, counts: [13, 13] },
      { part: 'validation', pictures: 2, counts: [1, 1] },
    ],
    sampled: 26,
    formats: { png: 24, jpeg: 1 },
    sizes: { smallest: [48, 40], median: [48, 40], largest: [90, 70] },
    unreadable: {
      count: 1,
      reason: expect.stringMatching(/bad\.jpg is a text file, not a picture/),
    },
  });
});
