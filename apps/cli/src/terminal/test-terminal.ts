import { main } from '../main.ts';
import { createProgram } from '../program.ts';
import type { Terminal } from './terminal.ts';

/** What a call of the command printed, and what it exited with. */
export interface CallResult {
  readonly exitCode: number;
  /** stdout */
  readonly results: readonly string[];
  /** What went to stdout that is no text. */
  readonly bytes: readonly Uint8Array[];
  /** stderr */
  readonly notes: string;
}

/** Commands load what they need when they are called: here, not on the time of a file's first test. */
await createProgram({
  isInteractive: false,
  columns: 80,
  result: () => {},
  bytes: () => {},
  note: () => {},
  status: () => {},
});

/** Runs the command in this process, for tests. */
export async function call(...args: readonly string[]): Promise<CallResult> {
  const results: string[] = [];
  const bytes: Uint8Array[] = [];
  const notes: string[] = [];
  const terminal: Terminal = {
    isInteractive: false,
    columns: 80,
    result: (line) => results.push(line),
    bytes: (each) => bytes.push(each),
    note: (line) => notes.push(line),
    status: () => {},
  };
  const exitCode = await main(args, terminal);
  return { exitCode, results, bytes, notes: notes.join('\n') };
}
