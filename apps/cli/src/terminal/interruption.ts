import type { Terminal } from './terminal.ts';

export interface Interruption {
  /** Aborted by the first Ctrl-C (SIGINT), or by SIGTERM. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  end(): void;
}

/** What a shell reports of a program that SIGINT ended: 128 + 2. */
const INTERRUPTED = 130;

/**
 * The first Ctrl-C asks for an orderly end, the second one quits at once.
 *
 * @param what - happens at the first
 */
export function listenForInterruption(
  terminal: Terminal,
  what = 'Stopping after this step, with a checkpoint.',
): Interruption {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort();
    terminal.note(`${what} Once more quits at once.`);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    end: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
