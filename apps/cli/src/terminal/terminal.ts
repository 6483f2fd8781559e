/** Where a command writes: results to one stream, what happens meanwhile to the other. */
export interface Terminal {
  /** Results, for people or, with --json, for programs. */
  result(line: string): void;
  /** A result that is no text. */
  bytes(bytes: Uint8Array): void;
  /** Progress, warnings, hints. */
  note(line: string): void;
  /** Replaces the last line of progress; does nothing where that is not possible. */
  status(line: string): void;
  /** Whether {@link Terminal.status} can be seen. */
  readonly isInteractive: boolean;
  /** Characters of a line. */
  readonly columns: number;
}

const CLEAR_LINE = '\r\u001b[K';

export function createTerminal({
  stdout,
  stderr,
}: Pick<NodeJS.Process, 'stdout' | 'stderr'>): Terminal {
  let hasStatus = false;
  const clearStatus = () => {
    if (hasStatus) stderr.write(CLEAR_LINE);
    hasStatus = false;
  };
  return {
    isInteractive: stderr.isTTY === true,
    get columns() {
      return stderr.columns ?? 80;
    },
    result: (line) => {
      clearStatus();
      stdout.write(`${line}\n`);
    },
    bytes: (bytes) => {
      clearStatus();
      stdout.write(bytes);
    },
    note: (line) => {
      clearStatus();
      stderr.write(`${line}\n`);
    },
    status: (line) => {
      if (stderr.isTTY !== true) return;
      stderr.write(`${CLEAR_LINE}${line.slice(0, (stderr.columns ?? 80) - 1)}`);
      hasStatus = true;
    },
  };
}
