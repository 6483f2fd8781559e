import type { Terminal } from './terminal.ts';

export interface Interruption {
  /** Aborted by the first Ctrl-C (SIGINT), or by SIGTERM. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  end(): void;
}

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
  const end = () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  };
  const interrupt = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      end();
      // The system ends it, as nobody listens any more. `process.exit` waits for the engine's thread: for a whole step.
      process.kill(process.pid, signal);
      return;
    }
    controller.abort();
    terminal.note(`${what} Once more quits at once.`);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return { signal: controller.signal, end };
}
