import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isAlexNetError } from '@alexnet/core';
import { writeFileAtomic } from '@alexnet/export/node';
import { INSTALLED_FILE, type InstalledTensorFlow, readInstalled } from '@alexnet/train/node';
import { withFileLock } from '@alexnet/weights/node';

/** What happens in the folder of all that is set up. */
export interface ListContext {
  /** The folder. */
  readonly root: string;
  readonly signal?: AbortSignal;
  /** Says what happens meanwhile. */
  readonly onNote: (text: string) => void;
}

/** What is set up; of a list that is damaged nothing is, and that is said: the next call writes it anew. */
export async function readList({
  root,
  onNote,
}: ListContext): Promise<readonly InstalledTensorFlow[]> {
  try {
    return await readInstalled(root);
  } catch (error) {
    if (!isAlexNetError(error) || error.code !== 'INVALID_ARGUMENT') throw error;
    onNote(`note: ${error.message} What it listed is taken for gone.`);
    return [];
  }
}

/** Adds what was set up, in place of an earlier one of the same package. */
export async function addToList(
  installed: InstalledTensorFlow,
  context: ListContext,
): Promise<void> {
  const all = await readList(context);
  const others = all.filter((each) => each.package !== installed.package);
  const text = `${JSON.stringify([...others, installed], null, 2)}\n`;
  await writeFileAtomic(join(context.root, INSTALLED_FILE), text);
}

/** Runs an action while no other process sets up or removes. @throws what the action and the system throw */
export async function withSetupLock<Result>(
  { root, signal, onNote }: ListContext,
  action: () => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(root), { recursive: true });
  const onWait = () => onNote('Another process sets it up or removes it; waiting.');
  return await withFileLock(`${root}.lock`, action, { signal, onWait });
}
