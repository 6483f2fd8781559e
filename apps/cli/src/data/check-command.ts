import { AlexNetError } from '@alexnet/core';
import {
  checkDataset,
  type DatasetCheck,
  type DatasetProblem,
  openDataset,
  type ProblemKind,
} from '@alexnet/data/node';
import { Command } from 'commander';
import { integer, number } from '../options/option-values.ts';
import { formatCount } from '../terminal/format.ts';
import { createProgress } from '../terminal/progress.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type SourceOptions, sourceOptions, toOpenOptions } from './source-options.ts';

interface CheckOptions extends SourceOptions {
  readonly validation: number;
  readonly seed: number;
  readonly json?: true;
}

/** `alexnet data check DATA`: fails where a training would be stopped or spoilt. */
export function createCheckCommand(terminal: Terminal): Command {
  const command = new Command('check')
    .description('every problem of a data set before a night of training: reads all of it')
    .argument('<data>', 'a folder, an archive, a list or a file of pictures');
  for (const option of sourceOptions()) command.addOption(option);
  return command
    .option(
      '--validation <share>',
      'as it will be trained, where the data set keeps none apart',
      number(0, 0.9),
      0.1,
    )
    .option('--seed <n>', 'as it will be trained', integer(0), 0)
    .option('--json', 'print one JSON object, with every picture by its name')
    .addHelpText('after', EXAMPLES)
    .action(async (data: string, options: CheckOptions) => {
      const check = await runCheck(data, options, terminal);
      const serious = check.problems.filter(({ isSerious }) => isSerious);
      if (options.json) {
        terminal.result(JSON.stringify({ passed: serious.length === 0, ...check }));
      } else for (const line of describe(check)) terminal.result(line);
      if (serious.length > 0) throw spoilt(data, serious);
    });
}

const EXAMPLES = `
Serious are pictures that cannot be decoded, that are in two parts or of two classes, and classes without
pictures: the exit code is 1. The rest is worth a look.

Examples:
  $ alexnet data check photos
  $ alexnet data check photos.zip --json`;

async function runCheck(
  data: string,
  options: CheckOptions,
  terminal: Terminal,
): Promise<DatasetCheck> {
  const opened = await openDataset(resolvePath(data), toOpenOptions(options));
  const { validation, seed } = options;
  const { training, validation: kept, test } = opened;
  const progress = createProgress(terminal, {
    label: 'checking',
    total: training.length + (kept?.length ?? 0) + (test?.length ?? 0),
    unit: 'pictures',
  });
  return checkDataset(opened, {
    ...(validation > 0 && { split: { validation, seed } }),
    onProgress: (pictures) => progress.update(pictures),
  }).finally(() => progress.finish());
}

const TITLES: Readonly<Record<ProblemKind, string>> = {
  undecodable: 'cannot be decoded',
  leak: 'in two parts',
  conflict: 'of two classes',
  duplicate: 'there more than once',
  'empty-class': 'classes without pictures',
  'few-pictures': 'classes with few pictures',
  unbalanced: 'classes of unequal size',
  'odd-label': 'odd names of classes',
  tiny: 'tiny pictures',
  huge: 'huge pictures',
  'wrong-ending': 'wrong endings',
  ignored: 'passed over',
};

/** Problems of a kind, and names of one, shown at most; --json has them all. */
const MOST_PROBLEMS = 10;
const MOST_NAMES = 4;

function describe({ parts, problems }: DatasetCheck): readonly string[] {
  const counts = Object.entries(parts).map(([part, count]) => `${formatCount(count)} for ${part}`);
  const kinds = [...new Set(problems.map(({ kind }) => kind))];
  return [
    `${counts.join(', ')}: ${problems.length === 0 ? 'no problems' : `${formatCount(problems.length)} problems`}`,
    ...kinds.flatMap((kind) =>
      describeKind(
        kind,
        problems.filter((problem) => problem.kind === kind),
      ),
    ),
  ];
}

function describeKind(kind: ProblemKind, found: readonly DatasetProblem[]): readonly string[] {
  const isSerious = found.some((problem) => problem.isSerious);
  return [
    `${isSerious ? '✗' : '·'} ${TITLES[kind]}: ${formatCount(found.length)}`,
    ...found.slice(0, MOST_PROBLEMS).flatMap(({ message, names }) => [
      `    ${message}`,
      // A message about one picture names it.
      ...(names.length === 1 && message.includes(names[0] ?? '')
        ? []
        : names.slice(0, MOST_NAMES).map((name) => `      ${name}`)),
      ...(names.length > MOST_NAMES
        ? [`      … and ${formatCount(names.length - MOST_NAMES)} more`]
        : []),
    ]),
    ...(found.length > MOST_PROBLEMS
      ? [`    … and ${formatCount(found.length - MOST_PROBLEMS)} more`]
      : []),
  ];
}

function spoilt(data: string, serious: readonly DatasetProblem[]): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${data} has ${serious.length} problems that would stop a training or make its figures wrong.`,
    hint: 'Remove or mend what is marked ✗; --json lists all of it.',
  });
}
