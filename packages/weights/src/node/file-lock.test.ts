import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withFileLock } from './file-lock.ts';

let folder: string;
let lock: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  lock = join(folder, 'a.lock');
});

afterEach(() => rm(folder, { recursive: true }));

/** More than any system gives to a process. */
const DEAD_PID = 2 ** 30;

test('one after another, and nothing left', async () => {
  let inside = 0;
  const most: number[] = [];
  const action = async () => {
    most.push(++inside);
    await sleep(5);
    inside--;
  };
  await Promise.all(Array.from({ length: 4 }, () => withFileLock(lock, action)));
  expect(most).toEqual([1, 1, 1, 1]);
  expect(await readdir(folder)).toEqual([]);
});

test('goes with an action that fails', async () => {
  const failing = withFileLock(lock, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(existsSync(lock)).toBe(false);
});

describe('takes over', () => {
  test('from a process of this machine that is gone', async () => {
    await writeFile(lock, JSON.stringify({ host: hostname(), pid: DEAD_PID, id: 'x' }));
    const onWait = () => expect.fail('there is nobody to wait for');
    expect(await withFileLock(lock, async () => 'done', { onWait })).toBe('done');
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ['of another machine', JSON.stringify({ host: 'elsewhere', pid: 1, id: 'x' })],
    ['that was half written', '{"host":'],
    ['that is empty', ''],
  ])('a lock %s that shows no life', async (_, ticket) => {
    await writeFile(lock, ticket);
    const waited: number[] = [];
    const options = { abandonedMs: 100, onWait: () => void waited.push(1) };
    expect(await withFileLock(lock, async () => 'done', options)).toBe('done');
    expect(waited).toEqual([1]);
  });
});

describe('waits', () => {
  test('while another machine shows life', async () => {
    await writeFile(lock, JSON.stringify({ host: 'elsewhere', pid: 1, id: 'x' }));
    let isHeld = true;
    const beats = setInterval(() => void utimes(lock, new Date(), new Date()), 20);
    const result = withFileLock(lock, async () => isHeld, { abandonedMs: 300 });
    await sleep(600);
    clearInterval(beats);
    isHeld = false;
    await rm(lock);
    expect(await result).toBe(false);
  });

  test('until it is told to stop', async () => {
    await writeFile(lock, JSON.stringify({ host: 'elsewhere', pid: 1, id: 'x' }));
    const stop = new AbortController();
    const waiting = withFileLock(lock, async () => 'done', { signal: stop.signal });
    setTimeout(() => stop.abort(), 20);
    await expect(waiting).rejects.toThrow('abort');
    expect(existsSync(lock)).toBe(true);
  });
});
