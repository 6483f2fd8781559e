import { isAlexNetError } from '@alexnet/core';
import { CommanderError } from 'commander';
import type { Terminal } from './terminal.ts';

/** What the command exits with. */
export const EXIT = { done: 0, failed: 1, wrongUse: 2 } as const;

/** Faults of the call itself, not of the files that it names. */
const WRONG_USE = new Set(['INVALID_ARGUMENT', 'UNKNOWN_PRESET', 'CONFIG_MISMATCH']);

/** Tells an error in the words of its user: what happened, what to do. @returns the exit code */
export function reportError(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) {
    // commander has written its message; help and version are no errors.
    return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
  }
  if (isAlexNetError(error)) {
    terminal.note(`error: ${error.message}`);
    if (error.hint) terminal.note(`hint: ${error.hint}`);
    if (error.code === 'INTERNAL' || process.env.ALEXNET_DEBUG) terminal.note(error.stack ?? '');
    return WRONG_USE.has(error.code) ? EXIT.wrongUse : EXIT.failed;
  }
  terminal.note(
    `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  terminal.note('hint: This is a bug; please report it with the command that led here.');
  return EXIT.failed;
}
