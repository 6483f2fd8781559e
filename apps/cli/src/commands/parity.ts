import { AlexNetError } from '@alexnet/core';
import { writeFileAtomic } from '@alexnet/export/node';
import { Command, InvalidArgumentError } from 'commander';
import { integer, positive } from '../options/option-values.ts';
import { describeRows } from '../parity/describe-rows.ts';
import { measureParity, type ParityRow } from '../parity/measure-parity.ts';
import { renderParityPage } from '../parity/parity-page.ts';
import { PARITY_RUNTIMES } from '../parity/runtimes.ts';
import { readSubject } from '../parity/subject.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface ParityOptions {
  readonly pictures?: string;
  readonly count: number;
  readonly seed: number;
  readonly tolerance?: number;
  readonly runtimes?: typeof PARITY_RUNTIMES;
  readonly python?: string;
  readonly html?: string;
  readonly json?: true;
}

export function createParityCommand(terminal: Terminal): Command {
  return new Command('parity')
    .description('run one model through every runtime of this machine and say whether they agree')
    .argument('<model>', 'an ONNX file, a run folder, a checkpoint or weights of another program')
    .option('--pictures <data>', 'a folder of pictures or idx files (default: pictures of noise)')
    .option('--count <n>', 'how many pictures', integer(1), 4)
    .option('--seed <n>', 'of the noise', integer(0), 0)
    .option(
      '--runtimes <list>',
      `those to run, which then have to be there: ${IDS.join(', ')} (default: all that are there)`,
      parseRuntimes,
    )
    .option('--python <program>', 'a Python with OpenCV or PyTorch (default: ALEXNET_PYTHON)')
    .option(
      '--tolerance <share>',
      "largest error allowed, of a tap's largest value (default: each runtime's own)",
      positive,
    )
    .option('--html <file>', 'write the table as a page, too')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (argument: string, options: ParityOptions) => {
      const subject = await readSubject(argument, options);
      const rows = await measureParity(subject, options.runtimes ?? PARITY_RUNTIMES, {
        settings: { python: options.python ?? (process.env.ALEXNET_PYTHON || null) },
        ...(options.tolerance === undefined ? {} : { share: options.tolerance }),
        onStart: ({ title, device }) => terminal.status(`${title}, ${device} …`),
      });
      const failures = rows.filter((row) => !isPassed(row, options));
      if (options.html !== undefined) {
        const page = renderParityPage(rows, subject);
        await writeFileAtomic(resolvePath(options.html), [new TextEncoder().encode(page)]);
      }
      if (options.json) {
        terminal.result(JSON.stringify({ rows, passed: failures.length === 0 }));
      } else {
        for (const line of describeRows(rows, subject)) terminal.result(line);
      }
      const [first] = failures;
      if (first) throw describeFailure(first);
    });
}

const IDS = PARITY_RUNTIMES.slice(1).map(({ id }) => id);

const EXAMPLES = `
Examples:
  $ alexnet parity model.onnx
  $ alexnet parity runs/compact-1 --pictures photos --count 16 --html parity.html
  $ alexnet parity model.onnx --runtimes node-cpu,pytorch --python .venv/bin/python`;

/** The reference comes first, whatever else is asked for. */
function parseRuntimes(text: string): typeof PARITY_RUNTIMES {
  const names = text.split(',').map((name) => name.trim());
  const [reference, ...others] = PARITY_RUNTIMES;
  const unknown = names.find((name) => !IDS.includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`There is no "${unknown}". Known: ${IDS.join(', ')}.`);
  }
  return [reference, ...others.filter(({ id }) => names.includes(id))];
}

/** What was asked for by name has to be there. */
function isPassed(row: ParityRow, { runtimes }: ParityOptions): boolean {
  return row.passed && (runtimes === undefined || row.state === 'ran');
}

function describeFailure(row: ParityRow): AlexNetError {
  if (row.state !== 'ran') {
    return new AlexNetError('PARITY', {
      message: `${row.runtime} on ${row.device} was not compared: ${row.reason}`,
      ...(row.remedy === undefined ? {} : { hint: row.remedy }),
    });
  }
  const worst = row.taps.toSorted((a, b) => b.maxRelativeError - a.maxRelativeError)[0];
  const { share } = row.tolerance;
  return new AlexNetError('PARITY', {
    message: `${row.runtime} on ${row.device} differs at ${worst?.name} by ${worst?.maxRelativeError.toExponential(1)} of its largest value; ${share} is allowed.`,
    hint: 'The first tap that differs says where to look. If the file is right, please report it with the versions and the machine.',
  });
}
