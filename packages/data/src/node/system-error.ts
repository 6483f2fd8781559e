import { AlexNetError } from '@alexnet/core';
import { toPrintable } from '../printable.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  ELOOP: 'its links go round in circles',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
};

/** What the system says about a file, as our error: `NOT_FOUND` or `IO`. */
export function toSystemError(cause: unknown, path: string): AlexNetError {
  const name = toPrintable(path);
  const code = errorCode(cause);
  if (code === 'ENOENT') {
    return new AlexNetError('NOT_FOUND', {
      message: `${name} does not exist.`,
      hint: 'Check the path; it starts from the folder you are in.',
      path: [path],
      cause,
    });
  }
  return new AlexNetError('IO', {
    message: `${name} cannot be read: ${REASONS[code] ?? `the system says ${code}`}.`,
    hint: 'Check the file and its permissions.',
    path: [path],
    cause,
  });
}

/** Whether an error of the system has this code: `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return error.code;
  return String(error);
}
