import { createProgram } from './program.ts';
import { EXIT, reportError } from './terminal/report-error.ts';
import { createTerminal, type Terminal } from './terminal/terminal.ts';

/**
 * Runs the `alexnet` command.
 *
 * @param args - without Node and the script
 * @returns the exit code: 0 done, 1 failed, 2 wrong use
 */
export async function main(
  args: readonly string[],
  terminal: Terminal = createTerminal(process),
): Promise<number> {
  try {
    const program = await createProgram(terminal, args[0]);
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return reportError(error, terminal);
  }
}
