import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openDataset } from '../open-dataset.ts';
import { createTestFolders } from '../test-folders.ts';

const { makeFolder, remove } = createTestFolders();
afterAll(remove);

/** Keys and the names of their classes. */
function entriesOf(dataset: {
  length: number;
  labels: readonly string[];
  keyOf(i: number): string;
  labelOf(i: number): number;
}) {
  return Array.from({ length: dataset.length }, (_, i) => [
    dataset.keyOf(i),
    dataset.labels[dataset.labelOf(i)],
  ]);
}

const refusal = (message: RegExp, code = 'INVALID_DATASET') =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/./),
  });

describe('a list of paths and labels', () => {
  test("as Caffe's: numbers, in the order of the list, beside the pictures", async () => {
    const path = makeFolder({
      'train.txt': 'b 2.jpg 1\r\n./a.jpg 0\n\n',
      'a.jpg': 'x',
      'b 2.jpg': 'x',
      'labels.txt': 'cat\ndog\n',
    });
    const { kind, training, validation, explanation } = await openDataset(join(path, 'train.txt'));
    expect(kind).toBe('list');
    expect(entriesOf(training)).toEqual([
      ['b 2.jpg', 'dog'],
      ['a.jpg', 'cat'],
    ]);
    expect(validation).toBeNull();
    expect(training.nameOf(0)).toBe(join(path, 'b 2.jpg'));
    expect(explanation).toEqual([
      'train.txt lists the pictures: a picture and its class on each line.',
      "The classes' names and order are those of labels.txt.",
    ]);
  });

  test('with whole paths, or below a root that is given', async () => {
    const pictures = makeFolder({ 'x/a.jpg': 'x', 'x/b.jpg': 'x' });
    const lists = makeFolder({
      'whole.txt': `${pictures}/x/a.jpg 0\n${pictures}/x/b.jpg 1\n`,
      'below.txt': 'x/a.jpg 0\nx/b.jpg 1\n',
    });
    const whole = await openDataset(join(lists, 'whole.txt'));
    expect(whole.training.nameOf(1)).toBe(`${pictures}/x/b.jpg`);
    const below = await openDataset(join(lists, 'below.txt'), { root: pictures });
    expect(below.training.nameOf(1)).toBe(`${pictures}/x/b.jpg`);
    await expect(openDataset(join(lists, 'below.txt'))).rejects.toEqual(
      refusal(/None of the first 2 pictures of below\.txt is where it says/),
    );
  });

  test('of Caffe, whose paths begin with the slash that the root lacks', async () => {
    const pictures = makeFolder({ 'x/a.jpg': 'x', 'x/b.jpg': 'x' });
    const lists = makeFolder({ 'train.txt': '/x/a.jpg 0\n/x/b.jpg 1\n' });
    const list = join(lists, 'train.txt');
    const { training, explanation } = await openDataset(list, { root: pictures });
    expect(training.nameOf(1)).toBe(`${pictures}/x/b.jpg`);
    expect(explanation).toContain(
      'The pictures of train.txt are relative to the root in spite of their "/".',
    );
    await expect(openDataset(list)).rejects.toEqual(refusal(/None of the first 2 pictures/));
  });

  test('of Windows, whose folders are parted by "\\"', async () => {
    const path = makeFolder({
      'train.txt': 'my pics\\a b.jpg 0\nmy pics\\c.jpg 1\n',
      'my pics/a b.jpg': 'x',
      'my pics/c.jpg': 'x',
    });
    const { training, explanation } = await openDataset(join(path, 'train.txt'));
    expect(training.nameOf(0)).toBe(join(path, 'my pics/a b.jpg'));
    expect(training.keyOf(1)).toBe('my pics/c.jpg');
    expect(explanation).toContain(
      'The pictures of train.txt are parted from their folders by "\\".',
    );
  });

  test('of other columns is told how to name them', async () => {
    const path = makeFolder({ 'odd.csv': 'when,what,n\n2020,a.jpg,1\n', 'a.jpg': 'x' });
    await expect(openDataset(join(path, 'odd.csv'))).rejects.toEqual(
      expect.objectContaining({ hint: expect.stringContaining('--columns path,label') }),
    );
  });

  test('of each part wins over folders; pictures are found in one of them', async () => {
    const path = makeFolder({
      'train.txt': '1.jpg cat\n2.jpg dog\n',
      'val.txt': '3.jpg dog\n',
      'test.txt': '1.jpg\n',
      'pictures/1.jpg': 'x',
      'pictures/2.jpg': 'x',
      'pictures/3.jpg': 'x',
    });
    const { kind, training, validation, test: held, explanation } = await openDataset(path);
    expect(kind).toBe('list');
    expect(entriesOf(training)).toEqual([
      ['1.jpg', 'cat'],
      ['2.jpg', 'dog'],
    ]);
    expect(validation && entriesOf(validation)).toEqual([['3.jpg', 'dog']]);
    expect(held).toBeNull();
    expect(explanation).toContain('The pictures of train.txt lie in pictures/.');
  });

  test.each([
    ['a line without a label', 'a.jpg 0\nb.jpg\n', /has no label in line 2\./],
    ['one class', 'a.jpg 0\nb.jpg 0\n', /one class only, "0"/],
    [
      'counts that promise terabytes',
      'a.jpg 0\nb.jpg 4294967295\n',
      /speaks of 4294967296 classes; the limit is 1000000/,
    ],
    [
      'labels with control characters',
      'a.jpg x\u001b[31m\nb.jpg y\n',
      /holds control characters: "x\\x1b\[31m"/,
    ],
  ])('with %s is refused', async (_, list, message) => {
    const path = makeFolder({ 'train.txt': list, 'a.jpg': 'x', 'b.jpg': 'x' });
    await expect(openDataset(join(path, 'train.txt'))).rejects.toEqual(refusal(message));
  });

  test('lines of gigabytes are refused at their limit', async () => {
    const path = makeFolder({ 'train.txt': `a.jpg 0\n${'x'.repeat(70_000)} 1\n`, 'a.jpg': 'x' });
    await expect(openDataset(join(path, 'train.txt'))).rejects.toEqual(
      refusal(/has 70002 bytes in line 2; the limit is 65536/),
    );
  });

  test('`__proto__` as a label is a label', async () => {
    const path = makeFolder({
      'train.txt': 'a.jpg __proto__\nb.jpg constructor\n',
      'a.jpg': 'x',
      'b.jpg': 'x',
    });
    const { training } = await openDataset(join(path, 'train.txt'));
    expect(training.labels).toEqual(['__proto__', 'constructor']);
    expect(entriesOf(training)).toEqual([
      ['a.jpg', '__proto__'],
      ['b.jpg', 'constructor'],
    ]);
  });

  test('a picture that is not there is named when it is read', async () => {
    const path = makeFolder({ 'train.txt': 'a.jpg 0\ngone.jpg 1\n', 'a.jpg': 'x' });
    const { training } = await openDataset(join(path, 'train.txt'));
    await expect(training.readPicture(1)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `${join(path, 'gone.jpg')} does not exist.`,
    });
  });
});

describe('a table', () => {
  test.each([
    [
      'commas',
      'pictures.csv',
      'id,filename,label\n1,a.jpg,cat\n2,"b, ""2"".jpg",dog\n',
      'filename',
      'label',
    ],
    [
      'tabs, a name before its number',
      'labels.tsv',
      '\ufefffile\tlabel\tlabel_name\na.jpg\t0\tcat\nb, "2".jpg\t1\tdog\n',
      'file',
      'label_name',
    ],
    [
      'semicolons',
      'x.csv',
      'Image_Path;Class\na.jpg;cat\n"b, ""2"".jpg";dog\n',
      'Image_Path',
      'Class',
    ],
  ])('with a header, by %s', async (_, file, text, pathColumn, labelColumn) => {
    const path = makeFolder({ [file]: text, 'a.jpg': 'x', 'b, "2".jpg': 'x' });
    const { kind, training, explanation } = await openDataset(path);
    expect(kind).toBe('table');
    expect(entriesOf(training)).toEqual([
      ['a.jpg', 'cat'],
      ['b, "2".jpg', 'dog'],
    ]);
    expect(explanation[0]).toBe(
      `${file} lists the pictures: the columns "${pathColumn}" and "${labelColumn}".`,
    );
  });

  test('without a header, or by columns that are given', async () => {
    const path = makeFolder({
      'bare.csv': 'a.jpg,cat\nb.jpg,dog\n',
      'named.csv': 'where,what,why\na.jpg,cat,1\nb.jpg,dog,2\n',
      'a.jpg': 'x',
      'b.jpg': 'x',
    });
    const bare = await openDataset(join(path, 'bare.csv'));
    expect(entriesOf(bare.training)).toEqual([
      ['a.jpg', 'cat'],
      ['b.jpg', 'dog'],
    ]);
    const columns = { path: 'where', label: 'what' };
    const named = await openDataset(join(path, 'named.csv'), { columns });
    expect(entriesOf(named.training)).toEqual(entriesOf(bare.training));
    await expect(
      openDataset(join(path, 'named.csv'), { columns: { path: 'where', label: 'whom' } }),
    ).rejects.toEqual(
      refusal(
        /no columns "where" and "whom": its first line is "where,what,why"/,
        'INVALID_ARGUMENT',
      ),
    );
  });

  test("as Kaggle's: ids without their ending, in a folder", async () => {
    const path = makeFolder({
      'labels.csv': 'id,breed\n0a1,whippet\n0b2,pug\n',
      'train/0a1.jpg': 'x',
      'train/0b2.jpg': 'x',
      'test/0c3.jpg': 'x',
    });
    const { training, explanation } = await openDataset(join(path, 'labels.csv'));
    expect(entriesOf(training)).toEqual([
      ['0a1.jpg', 'whippet'],
      ['0b2.jpg', 'pug'],
    ]);
    expect(explanation).toContain('The pictures of labels.csv lie in train/ and end in .jpg.');
  });

  test('may say the part of each picture', async () => {
    const path = makeFolder({
      'all.csv': 'path,label,split\n1.jpg,a,train\n2.jpg,b,train\n3.jpg,a,valid\n4.jpg,b,test\n',
      ...Object.fromEntries([1, 2, 3, 4].map((i) => [`${i}.jpg`, 'x'])),
    });
    const { training, validation, test: held } = await openDataset(path);
    expect(entriesOf(training)).toEqual([
      ['1.jpg', 'a'],
      ['2.jpg', 'b'],
    ]);
    expect(validation && entriesOf(validation)).toEqual([['3.jpg', 'a']]);
    expect(held && entriesOf(held)).toEqual([['4.jpg', 'b']]);
  });

  test.each([
    [
      'a row of too many columns',
      'path,label\na.jpg,x\nb.jpg,y,z\n',
      /is no table: .*expect 2, got 3 on line 3/,
    ],
    ['a cell without a label', 'path,label\na.jpg,x\nb.jpg,\n', /has no label in row 2/],
    [
      'a cell of gigabytes',
      `path,label\na.jpg,x\nb.jpg,${'y'.repeat(70_000)}\n`,
      /is no table: Max Record Size: .* 65536 at line 3/,
    ],
    ['a quote that is not closed', 'path,label\na.jpg,x\n"b.jpg,y\n', /is no table/],
  ])('with %s is refused', async (_, text, message) => {
    const path = makeFolder({ 'list.csv': text, 'a.jpg': 'x', 'b.jpg': 'x' });
    await expect(openDataset(join(path, 'list.csv'))).rejects.toEqual(refusal(message));
  });
});
