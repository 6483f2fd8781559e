import { main } from './main.ts';
import type { Terminal } from './terminal.ts';

/** What a call of the command printed, and what it exited with. */
export interface CallResult {
  readonly exitCode: number;
  /** stdout */
  readonly results: readonly string[];
  /** stderr */
  readonly notes: string;
}

/** Runs the command in this process, for tests. */
export async function call(...args: readonly string[]): Promise<CallResult> {
  const results: string[] = [];
  const notes: string[] = [];
  const terminal: Terminal = {
    isInteractive: false,
    columns: 80,
    result: (line) => results.push(line),
    note: (line) => notes.push(line),
    status: () => {},
  };
  const exitCode = await main(args, terminal);
  return { exitCode, results, notes: notes.join('\n') };
}
