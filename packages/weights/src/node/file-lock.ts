import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson } from '@alexnet/core';

/** How often the holder of a lock shows that it lives, and how long without that until another takes over. */
const HEARTBEAT_MS = 5_000;
const ABANDONED_MS = 30_000;
const POLL_MS = 200;

export interface FileLockOptions {
  /** Called once if another process has the lock. */
  readonly onWait?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Silence after which a lock of another machine counts as abandoned. */
  readonly abandonedMs?: number | undefined;
}

/**
 * Runs an action while no other process that asks for the same lock does. The lock is a file; one left by a process
 * that was killed is taken over.
 *
 * @throws what the action throws, what the signal says, and what the system says of the folder
 */
export async function withFileLock<Result>(
  path: string,
  action: () => Promise<Result>,
  { onWait, signal, abandonedMs = ABANDONED_MS }: FileLockOptions = {},
): Promise<Result> {
  const ticket = JSON.stringify({ host: hostname(), pid: process.pid, id: randomUUID() });
  let seen: Sighting | null = null;
  let hasWaited = false;
  while (!(await claim(path, ticket))) {
    seen = await look(path, seen);
    if (seen && isAbandoned(seen, abandonedMs)) {
      await remove(path, seen.ticket);
      continue;
    }
    if (!hasWaited) onWait?.();
    hasWaited = true;
    await sleep(POLL_MS, undefined, signal ? { signal } : {});
  }
  const heartbeat = setInterval(() => void showLife(path), HEARTBEAT_MS);
  try {
    return await action();
  } finally {
    clearInterval(heartbeat);
    await remove(path, ticket);
  }
}

async function claim(path: string, ticket: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx');
    await handle.writeFile(ticket).finally(() => handle.close());
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  }
}

/** A lock of someone else's as it was last seen to change. */
interface Sighting {
  readonly ticket: string;
  readonly modifiedMs: number;
  /** By this process' own clock: that of a network disk may differ. */
  readonly sinceMs: number;
}

/** @returns null if it is gone */
async function look(path: string, before: Sighting | null): Promise<Sighting | null> {
  try {
    const [ticket, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    if (before?.ticket === ticket && before.modifiedMs === mtimeMs) return before;
    return { ticket, modifiedMs: mtimeMs, sinceMs: performance.now() };
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

function isAbandoned({ ticket, sinceMs }: Sighting, abandonedMs: number): boolean {
  if (performance.now() - sinceMs > abandonedMs) return true;
  const holder = parseTicket(ticket);
  return holder !== null && holder.host === hostname() && !isAlive(holder.pid);
}

function parseTicket(ticket: string): { readonly host: string; readonly pid: number } | null {
  try {
    const json = readJson(JSON.parse(ticket), { code: 'IO', what: 'a lock' });
    return { host: json.field('host').string(), pid: json.field('pid').integer(1) };
  } catch {
    // Half written, or not ours: its age decides.
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as another user's.
    return !isSystemError(error, 'ESRCH');
  }
}

/** Removes a lock if it still is the one that was meant; a newer one goes back. */
async function remove(path: string, ticket: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== ticket) await link(aside, path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT') && !isSystemError(error, 'EEXIST')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Best effort: on a disk that does not take it, the lock only looks older than it is. */
async function showLife(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
