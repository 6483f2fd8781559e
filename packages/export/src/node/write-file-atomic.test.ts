import { mkdir, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlexNetError } from '@alexnet/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { writeFileAtomic } from './write-file-atomic.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-write-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

async function refusal(write: Promise<unknown>): Promise<string> {
  try {
    await write;
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    expect(error.hint).toMatch(/\w{2}/);
    return `${error.code}: ${error.message}`;
  }
  throw new Error('Nothing was refused.');
}

/** Makes every open file fail, as the system does, in one of its calls. */
async function failAt(call: 'write' | 'sync', systemCode: string): Promise<void> {
  const handle = await open(join(folder, 'probe'), 'w');
  const error = Object.assign(new Error(`${systemCode}: mocked`), { code: systemCode });
  vi.spyOn(Object.getPrototypeOf(handle), call).mockRejectedValue(error);
  await handle.close();
  await rm(join(folder, 'probe'));
}

describe('writes', () => {
  test('parts one after another', async () => {
    const file = join(folder, 'a.bin');
    await writeFileAtomic(file, [Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)]);
    expect([...(await readFile(file))]).toEqual([1, 2, 3]);
    expect(await readdir(folder)).toEqual(['a.bin']);
  });

  test('a text as UTF-8, over what was there', async () => {
    const file = join(folder, 'a.txt');
    await writeFile(file, 'a longer text than the new one');
    await writeFileAtomic(file, 'grün');
    expect(await readFile(file, 'utf8')).toBe('grün');
  });

  test('through a symbolic link', async () => {
    await writeFile(join(folder, 'real.txt'), 'old');
    await symlink('real.txt', join(folder, 'link.txt'));
    await writeFileAtomic(join(folder, 'link.txt'), 'new');
    expect(await readFile(join(folder, 'real.txt'), 'utf8')).toBe('new');
  });

  test('on while the system takes only a part of what it is given', async () => {
    const file = join(folder, 'a.bin');
    const handle = await open(file, 'w');
    const prototype = Object.getPrototypeOf(handle) as { write: typeof handle.write };
    const { write } = prototype;
    await handle.close();
    vi.spyOn(prototype, 'write').mockImplementation(function (
      this: typeof handle,
      ...given: readonly unknown[]
    ) {
      // Of the length that is given, one byte.
      return Reflect.apply(write, this, given.toSpliced(2, 1, 1));
    });
    await writeFileAtomic(file, [Uint8Array.of(5, 6, 7)]);
    expect([...(await readFile(file))]).toEqual([5, 6, 7]);
  });

  test('a header before the parts that is known after them', async () => {
    const file = join(folder, 'a.bin');
    let sum = 0;
    const header = { sizeBytes: 2, encode: () => Uint8Array.of(sum, 9) };
    const add = (bytes: Uint8Array) => {
      sum = bytes.reduce((total, byte) => total + byte, sum);
    };
    await writeFileAtomic(file, [Uint8Array.of(1, 2), Uint8Array.of(4)], {
      header,
      hashes: [{ update: add }],
    });
    expect([...(await readFile(file))]).toEqual([7, 9, 1, 2, 4]);
  });
});

describe('leaves what was there, and nothing else, when', () => {
  const expectUntouched = async () => {
    expect(await readdir(folder)).toEqual(['a.txt']);
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('old');
  };
  beforeEach(() => writeFile(join(folder, 'a.txt'), 'old'));

  test.each([
    ['the disk is full', 'write', 'ENOSPC', 'DISK_FULL: The disk ran full'],
    ['the disk is full at the last moment', 'sync', 'ENOSPC', 'DISK_FULL: The disk ran full'],
    ['the quota is used up', 'write', 'EDQUOT', 'DISK_FULL: The disk ran full'],
    ['the disk fails', 'write', 'EIO', 'IO: Could not write'],
  ] as const)('%s', async (_name, call, systemCode, expected) => {
    await failAt(call, systemCode);
    expect(await refusal(writeFileAtomic(join(folder, 'a.txt'), 'new'))).toContain(expected);
    vi.restoreAllMocks();
    await expectUntouched();
  });

  test('the parts break off', async () => {
    function* breakOff() {
      yield Uint8Array.of(1);
      throw new Error('stopped');
    }
    const message = await refusal(writeFileAtomic(join(folder, 'a.txt'), breakOff()));
    expect(message).toMatch(/^IO: Could not write .*: stopped\.$/);
    await expectUntouched();
  });
});

describe('refuses', () => {
  test('a folder that is missing', async () => {
    const message = await refusal(writeFileAtomic(join(folder, 'no', 'a.txt'), 'x'));
    expect(message).toContain(`NOT_FOUND: Could not write`);
    expect(message).toContain(`there is no folder ${join(folder, 'no')}`);
  });

  test('a file in place of a folder', async () => {
    await writeFile(join(folder, 'a.txt'), 'old');
    const message = await refusal(writeFileAtomic(join(folder, 'a.txt', 'b.txt'), 'x'));
    expect(message).toMatch(
      /^INVALID_ARGUMENT: Could not write .*: what it names as a folder is a file/,
    );
  });

  test('a folder in place of a file', async () => {
    await mkdir(join(folder, 'sub'));
    const message = await refusal(writeFileAtomic(join(folder, 'sub'), 'x'));
    expect(message).toBe(`INVALID_ARGUMENT: ${join(folder, 'sub')} is a folder, not a file.`);
  });

  test.skipIf(process.platform === 'win32')('a device', async () => {
    expect(await refusal(writeFileAtomic('/dev/null', 'x'))).toContain('is a device, not a file');
  });

  test.each([
    ['EACCES', 'IO: Not allowed to write'],
    ['EROFS', 'the disk is read-only'],
  ])('what the system refuses with %s', async (systemCode, expected) => {
    await failAt('write', systemCode);
    expect(await refusal(writeFileAtomic(join(folder, 'a.txt'), 'x'))).toContain(expected);
  });
});
