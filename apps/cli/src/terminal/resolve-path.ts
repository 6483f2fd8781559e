import { resolve } from 'node:path';

/**
 * A path as the user meant it: relative to where the command was called. Package managers run scripts in
 * the package's folder and say in INIT_CWD where the call came from.
 */
export function resolvePath(path: string): string {
  return resolve(callerFolder(), path);
}

export function callerFolder(): string {
  return process.env.INIT_CWD ?? process.cwd();
}
