import { spawn } from 'node:child_process';

export interface ProgramOptions {
  readonly cwd?: string;
  /** Added to this process' own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramResult {
  /** What it ended with; 127 if there is no such program. */
  readonly code: number;
  readonly stdout: string;
  /** stdout and stderr, as they came. */
  readonly output: string;
}

/**
 * Runs a program to its end, without input.
 *
 * @throws the signal's reason, after the program and all that it started were ended
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, environment = {}, signal }: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: compilers and installers start programs of their own, which end with it.
      detached: true,
    });
    const end = () => endGroup(child.pid);
    signal?.addEventListener('abort', end);
    let [stdout, output] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const settle = (code: number) => {
      signal?.removeEventListener('abort', end);
      if (signal?.aborted) reject(signal.reason);
      else resolve({ code, stdout, output });
    };
    child.on('error', (error) => {
      output += error.message;
      settle(127);
    });
    child.on('close', (code) => settle(code ?? 1));
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The end of what a program wrote: where it says what went wrong. */
export function lastLines({ output }: ProgramResult, count = 12): string {
  return output.trimEnd().split('\n').slice(-count).join('\n');
}
