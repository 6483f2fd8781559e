import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { onMissing } from '../terminal/on-missing.ts';
import { callerFolder, resolvePath } from '../terminal/resolve-path.ts';

/**
 * Refuses a run's folder that is none, or that lies among the pictures, where the next training would take it for a
 * class.
 *
 * @param out - as the user named it; `runs` in the folder of the caller unless given
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`
 */
export async function checkRunPlace(data: string, out: string | undefined): Promise<void> {
  if (out?.trim() === '') {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: '--out is empty.',
      hint: 'Name a folder for the run, or leave --out away: it is runs/PRESET-N then.',
    });
  }
  const folder = out === undefined ? join(callerFolder(), 'runs') : resolvePath(out);
  if (!isInside(folder, data) || !(await isFolder(data))) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `The run would lie among the pictures: ${folder} is in ${data}.`,
    hint: `Have it elsewhere: --out ${join(relative(callerFolder(), data) || '.', '..', 'run')}`,
  });
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(onMissing(null)))?.isDirectory() ?? false;
}
