import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { toFileError } from '@alexnet/export/node';
import { describeProcess, type Holder, isAlive, parseHolder } from './process-holder.ts';
import { hasCode, ignoreMissing } from './system-code.ts';

const LOCK_FILE = 'lock.json';

/** Keeps other processes from writing into a run's folder. */
export interface RunLock {
  release(): Promise<void>;
}

/**
 * Takes a run's folder for this process. What a process left that is no more (killed, out of power) counts for
 * nothing.
 *
 * @throws {@link AlexNetError} `LOCKED` naming the process that has it, `IO`, `DISK_FULL`
 */
export async function lockRunFolder(folder: string): Promise<RunLock> {
  const file = join(folder, LOCK_FILE);
  const text = `${JSON.stringify({ ...(await describeProcess()), lock: randomUUID() })}\n`;
  // Twice: once more where the lock of a dead process was in the way.
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(file, text, { flag: 'wx' });
      return { release: () => releaseLock(file, text) };
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST')) throw toFileError(cause, 'write', file);
    }
    await removeDeadLock(file);
  }
  throw lockedBy(file, null);
}

async function releaseLock(file: string, text: string): Promise<void> {
  const found = await readFile(file, 'utf8').catch(ignoreMissing(null));
  if (found === text) await rm(file, { force: true });
}

/** @throws {@link AlexNetError} `LOCKED` if its process lives, or may */
async function removeDeadLock(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(ignoreMissing(null));
  if (text === null) return;
  const holder = parseHolder(text);
  if (!holder || (await isAlive(holder))) throw lockedBy(file, holder);
  // Under a name of its own first: of two that come here at once, one finds the file gone.
  const aside = `${file}.${randomUUID()}.tmp`;
  await rename(file, aside).catch(ignoreMissing(undefined));
  await rm(aside, { force: true });
}

function lockedBy(file: string, holder: Holder | null): AlexNetError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new AlexNetError('LOCKED', {
    message: `Another training is under way in this run's folder: ${who} has ${file}.`,
    hint: 'Wait for it, or stop it. If it is no more, remove that file.',
    path: [file],
  });
}
