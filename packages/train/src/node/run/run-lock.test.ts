import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockRunFolder } from './run-lock.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const fileOf = () => join(folder, 'lock.json');

test('one at a time; the next one when it is released', async () => {
  const lock = await lockRunFolder(folder);
  await expect(lockRunFolder(folder)).rejects.toMatchObject({
    code: 'LOCKED',
    message: expect.stringContaining(`process ${process.pid} on ${hostname()}`),
  });
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
  await (await lockRunFolder(folder)).release();
});

test('of many at once, one gets it', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockRunFolder(folder)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('the lock of a process that is no more counts for nothing', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  await writeFile(fileOf(), JSON.stringify({ pid: child.pid, host: hostname(), started: null }));
  const lock = await lockRunFolder(folder);
  expect(JSON.parse(await readFile(fileOf(), 'utf8')).pid).toBe(process.pid);
  await lock.release();
});

test.runIf(process.platform === 'linux')(
  'nor does the lock of a process whose number another one has now',
  async () => {
    const holder = { pid: process.pid, host: hostname(), started: '1' };
    await writeFile(fileOf(), JSON.stringify(holder));
    await (await lockRunFolder(folder)).release();
  },
);

test.each([
  ['another machine', JSON.stringify({ pid: 1, host: 'another', started: null })],
  ['whoever wrote something else', 'mine'],
])('the lock of %s stays', async (_, text) => {
  await writeFile(fileOf(), text);
  await expect(lockRunFolder(folder)).rejects.toMatchObject({ code: 'LOCKED' });
  expect(await readFile(fileOf(), 'utf8')).toBe(text);
});
