import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Dataset } from '@alexnet/data';
import { openDataset } from '@alexnet/data/node';
import { afterAll, describe, expect, test, vi } from 'vitest';

interface Archive {
  readonly name: string;
  readonly bytes: string;
  /** Every file, as Python's tarfile and zipfile give it. */
  readonly files?: Readonly<Record<string, string>>;
}

const golden: Readonly<Record<'good' | 'partly' | 'hostile', readonly Archive[]>> = JSON.parse(
  gunzipSync(readFileSync(new URL('./golden/archives.json.gz', import.meta.url))).toString(),
);
const root = mkdtempSync(join(tmpdir(), 'alexnet-archives-'));
afterAll(() => rmSync(root, { recursive: true }));
vi.stubEnv('ALEXNET_CACHE', join(root, 'cache'));

function write(name: string, bytes: Uint8Array): string {
  const path = join(root, name);
  writeFileSync(path, bytes);
  return path;
}

function writeGolden(kind: keyof typeof golden, name: string): string {
  const found = golden[kind].find((archive) => archive.name === name);
  if (!found) throw new Error(`There is no golden archive ${name}.`);
  return write(name, Buffer.from(found.bytes, 'base64'));
}

async function readAll(dataset: Dataset): Promise<Readonly<Record<string, string>>> {
  const files: [string, string][] = [];
  for (let index = 0; index < dataset.length; index++) {
    const bytes = await dataset.readFile?.(index);
    files.push([dataset.keyOf(index), Buffer.from(bytes ?? []).toString('base64')]);
  }
  return Object.fromEntries(files);
}

describe('what Python packed', () => {
  test.each(golden.good)('$name is read as Python reads it', async ({ name, bytes, files }) => {
    const { kind, training } = await openDataset(write(name, Buffer.from(bytes, 'base64')));
    expect(kind).toBe('folder');
    expect(training.labels).toEqual(['cat', 'dog']);
    expect(await readAll(training)).toEqual(files);
  });

  test('gzipped, it is unpacked once', async () => {
    const tar = golden.good.find(({ name }) => name === 'pax.tar');
    const path = write('pax.tgz', gzipSync(Buffer.from(tar?.bytes ?? '', 'base64')));
    const { training, explanation } = await openDataset(path);
    expect(await readAll(training)).toEqual(tar?.files);
    expect(explanation[0]).toMatch(
      /gzipped tar archive; it was unpacked once, into .*\/cache\/archives\/[0-9a-f]{64}\.tar\.$/,
    );
    expect(training.nameOf(0)).toBe(`${path}/cat/1.jpg`);
  });
});

test('prepared shards in an archive are refused by what to do', async () => {
  const folder = join(root, 'packed-shards');
  mkdirSync(folder);
  writeFileSync(join(folder, 'shards.json'), '{}');
  const tar = join(root, 'packed-shards.tar');
  execFileSync('tar', ['-cf', tar, '-C', folder, '.']);
  await expect(openDataset(tar)).rejects.toMatchObject({
    code: 'INVALID_DATASET',
    message: expect.stringMatching(/packed-shards\.tar holds prepared shards.* a folder only/),
    hint: expect.stringContaining('Unpack it'),
  });
});

describe('what is no file in an archive is passed over, named', () => {
  test('tar: names with "../", absolute, drive letters, links out, devices, holes', async () => {
    const { training, ignored, explanation } = await openDataset(
      writeGolden('partly', 'not-files.tar'),
    );
    const files = await readAll(training);
    expect(Object.keys(files).length).toBe(5);
    expect(files['cat/1.jpg']).toBe(Buffer.from('the last one').toString('base64'));
    // A hard link has the bytes of the entry before it, as when the archive is unpacked.
    const good = golden.good.find(({ name }) => name === 'dot-slash.tar');
    expect(files['cat/hard.jpg']).toBe(good?.files?.['cat/1.jpg']);
    expect([...ignored].sort()).toEqual([
      '../../pax.jpg',
      '../out.jpg',
      '/etc/out.jpg',
      'C:\\out.jpg',
      'cat/../../out.jpg',
      'cat/1.jpg',
      'cat/device.jpg',
      'cat/holes.jpg',
      'cat/link.jpg',
      'cat/odd.jpg',
      'cat/pipe.jpg',
    ]);
    expect(explanation).toEqual(
      expect.arrayContaining([
        'Passed over: ../out.jpg has a name that leads out of the archive.',
        'Passed over: cat/link.jpg is a link to /etc/passwd.',
        'Passed over: cat/device.jpg is a device.',
        'Passed over: cat/pipe.jpg is a pipe.',
        'Passed over: cat/holes.jpg is stored with holes, which are not filled here.',
        'Passed over: cat/1.jpg is there twice; the last one counts.',
      ]),
    );
  });

  test('tar: hard links have the bytes of what they name, and are passed over without it', async () => {
    const folder = join(root, 'linked');
    for (const name of ['cat', 'dog']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'cat/1.jpg'), 'one');
    linkSync(join(folder, 'cat/1.jpg'), join(folder, 'cat/2.jpg'));
    linkSync(join(folder, 'cat/1.jpg'), join(folder, 'dog/3.jpg'));
    writeFileSync(join(folder, 'dog/4.jpg'), 'four');
    const tar = join(root, 'linked.tar');
    execFileSync('tar', ['-cf', tar, '--sort=name', '-C', folder, '.']);
    const { training } = await openDataset(tar);
    const one = Buffer.from('one').toString('base64');
    expect(await readAll(training)).toEqual({
      'cat/1.jpg': one,
      'cat/2.jpg': one,
      'dog/3.jpg': one,
      'dog/4.jpg': Buffer.from('four').toString('base64'),
    });
    writeFileSync(join(folder, 'cat/5.jpg'), 'five');
    execFileSync('tar', ['-rf', tar, '-C', folder, './cat/5.jpg']);
    execFileSync('tar', ['-f', tar, '--delete', './cat/1.jpg']);
    const { training: rest, explanation } = await openDataset(tar);
    expect(Object.keys(await readAll(rest))).toEqual(['cat/5.jpg', 'dog/4.jpg']);
    expect(explanation).toContain('Passed over: cat/2.jpg is a link to cat/1.jpg.');
  });

  test('zip: links, other methods, a bomb by its ratio', async () => {
    const { training, explanation } = await openDataset(writeGolden('partly', 'not-files.zip'));
    expect(training.length).toBe(4);
    expect(explanation).toEqual(
      expect.arrayContaining([
        'Passed over: cat/link.jpg is a link.',
        expect.stringMatching(/cat\/bzip2\.jpg is packed by method 12/),
        expect.stringMatching(
          /cat\/bomb\.jpg would grow from \d+ to 20000000 bytes, more than 200 times/,
        ),
      ]),
    );
  });

  test('zip: an encrypted entry', async () => {
    const { training, explanation } = await openDataset(writeGolden('partly', 'encrypted.zip'));
    expect(training.length).toBe(3);
    expect(explanation).toContain('Passed over: dog/2.jpg is encrypted.');
  });
});

const refusal = (message: RegExp) =>
  expect.objectContaining({
    code: 'INVALID_DATASET',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/./),
  });

describe('an archive that lies is refused as a whole', () => {
  test.each([
    ['cut-in-header.tar', /no entry begins at byte 1024/],
    [
      'cut-in-content.tar',
      /is cut short: the entry at byte 1024 ends at \d+, but there are 1546 bytes/,
    ],
    ['checksum.tar', /no entry begins at byte 1024/],
    ['size-beyond.tar', /is cut short: the entry at byte 0 ends at 8589935103/],
    ['pax-length.tar', /the pax header at byte \d+ is not well formed/],
    ['pax-huge.tar', /at byte 0 has 2097152 bytes; the limit is 1048576/],
  ])('tar: %s', async (name, message) => {
    await expect(openDataset(writeGolden('hostile', name))).rejects.toEqual(refusal(message));
  });

  test.each(['climbing.zip', 'climbing-inside.zip', 'absolute.zip', 'drive.zip', 'backslash.zip'])(
    'zip slip: names with "../", absolute, drive letters: %s',
    async (name) => {
      await expect(openDataset(writeGolden('hostile', name))).rejects.toEqual(
        refusal(
          /is a zip archive that is not read: .*(?:relative path|absolute path|characters in fileName)/,
        ),
      );
    },
  );

  test('zip: duplicate names', async () => {
    await expect(openDataset(writeGolden('hostile', 'twice.zip'))).rejects.toEqual(
      refusal(/two entries of the name cat\/1\.jpg/),
    );
  });

  test('zip: bombs of overlapping entries', async () => {
    await expect(openDataset(writeGolden('hostile', 'overlapping.zip'))).rejects.toEqual(
      refusal(/entries overlap: one ends at byte \d+, the next one begins at 0/),
    );
  });

  test.each(['cut.zip', 'no-directory.zip'])('zip: %s', async (name) => {
    await expect(openDataset(writeGolden('hostile', name))).rejects.toEqual(
      refusal(/is a zip archive that is not read/),
    );
  });
});

describe('an entry that lies is a bad picture, and the others are read', () => {
  test.each([
    ['sizes-lie.zip', /its header promises \d+ bytes of \d+, the directory \d+ of \d+/],
    ['grows.zip', /cannot be unpacked/],
    ['damaged.zip', /cannot be unpacked/],
    ['checksum.zip', /its checksum is wrong/],
  ])(
    'zip: sizes that lie between local header and directory, contents that lie: %s',
    async (name, message) => {
      const { training } = await openDataset(writeGolden('hostile', name));
      await expect(training.readPicture(0)).rejects.toMatchObject({
        code: 'INVALID_PICTURE',
        message: expect.stringMatching(message),
      });
      expect((await training.readFile?.(1))?.length).toBeGreaterThan(0);
    },
  );
});

describe('gzip', () => {
  const tar = Buffer.from(
    golden.good.find(({ name }) => name === 'ustar.tar')?.bytes ?? '',
    'base64',
  );

  test('zip, tar: bombs (ratio): a gzip that unpacks to far more than pictures can', async () => {
    const bomb = gzipSync(Buffer.concat([tar.subarray(0, -1024), Buffer.alloc(90_000_000)]));
    expect(bomb.length).toBeLessThan(200_000);
    await expect(openDataset(write('bomb.tar.gz', bomb))).rejects.toEqual(
      refusal(/has \d+ bytes and unpacks to more than \d+: pictures do not shrink so much/),
    );
  });

  test('cut short', async () => {
    const packed = gzipSync(
      Buffer.concat([tar, Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * i * 7) % 251))]),
    );
    await expect(openDataset(write('cut.tgz', packed.subarray(0, -20)))).rejects.toEqual(
      refusal(/is a gzip file that is cut short/),
    );
  });

  test('what failed leaves nothing in the cache, and is tried again', async () => {
    expect(
      readdirSync(join(root, 'cache/archives')).filter((name) => !/^[0-9a-f]{64}\.tar$/.test(name)),
    ).toEqual([]);
  });
});

test.each([
  ['photos.tar.bz2', 'BZh91AY', /is a bzip2 file; .* read as they are/],
  ['photos.tar.xz', '\xfd7zXZ\0', /is an xz file/],
  ['photos.7z', '7z\xbc\xaf\x27\x1c', /is a 7-Zip archive/],
  ['photos.tar', 'not a tar', /is no archive, whatever its name says/],
])('%s is refused by its content', async (name, head, message) => {
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(600, 1)]);
  await expect(openDataset(write(name, bytes))).rejects.toEqual(refusal(message));
});

test('zip, tar: nesting: an archive in an archive is not entered', async () => {
  const inner = golden.good.find(({ name }) => name === 'stored.zip');
  const nested = join(root, 'nested');
  mkdirSync(join(nested, 'cat'), { recursive: true });
  mkdirSync(join(nested, 'dog'));
  for (const name of ['cat/1.jpg', 'dog/1.jpg']) writeFileSync(join(nested, name), 'x');
  writeFileSync(join(nested, 'cat/more.zip'), Buffer.from(inner?.bytes ?? '', 'base64'));
  execFileSync('tar', ['-cf', join(root, 'nested.tar'), '-C', nested, '.']);
  const { training, ignored } = await openDataset(join(root, 'nested.tar'));
  expect(training.length).toBe(2);
  expect(ignored).toEqual(['cat/more.zip']);
});

test('an empty archive says so', async () => {
  await expect(openDataset(write('empty.tar', new Uint8Array(10_240)))).rejects.toEqual(
    refusal(/is an empty archive/),
  );
});
