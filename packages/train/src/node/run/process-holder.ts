import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { hasCode, ignoreMissing } from './system-code.ts';

/** A process that has something, as it says in a file there. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the system started the process, in its own unit: numbers of processes come back. */
  readonly started: string | null;
}

/** This process. */
export async function describeProcess(): Promise<Holder> {
  return { pid: process.pid, host: hostname(), started: await readStart(process.pid) };
}

/** `null` for what was written by half, or by others. */
export function parseHolder(text: string): Holder | null {
  try {
    const { pid, host, started } = JSON.parse(text);
    if (!Number.isSafeInteger(pid) || typeof host !== 'string') return null;
    return { pid, host, started: typeof started === 'string' ? started : null };
  } catch {
    // Whose it is cannot be said.
    return null;
  }
}

/** Whether it runs on this machine: of others that cannot be said. */
export function isHere({ host }: Holder): boolean {
  return host === hostname();
}

/** Whether a process lives, or may. */
export async function isAlive(holder: Holder): Promise<boolean> {
  if (!isHere(holder)) return true;
  const { pid, started } = holder;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
  }
  return started === null || (await readStart(pid)) === started;
}

/** Linux says it; `null` elsewhere. @see proc(5), field 22 of stat */
async function readStart(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch((error: unknown) => {
    // A process that ends while it is read of.
    if (hasCode(error, 'ESRCH')) return null;
    return ignoreMissing(null)(error);
  });
  // The second field is a name in brackets, which may hold anything.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields?.[19] ?? null;
}
