import { type DatasetDescription, describeDataset, openDataset } from '@alexnet/data/node';
import { Command } from 'commander';
import { formatCount, formatTable } from '../terminal/format.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type SourceOptions, sourceOptions, toOpenOptions } from './source-options.ts';

interface InfoOptions extends SourceOptions {
  readonly json?: true;
}

/** `alexnet data info DATA` */
export function createInfoCommand(terminal: Terminal): Command {
  const command = new Command('info')
    .description('what was found at a path and why: kind, classes, pictures, formats, sizes')
    .argument('<data>', 'a folder, an archive, a list or a file of pictures');
  for (const option of sourceOptions()) command.addOption(option);
  return command
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (data: string, options: InfoOptions) => {
      const description = await describeDataset(
        await openDataset(resolvePath(data), toOpenOptions(options)),
      );
      if (options.json) terminal.result(JSON.stringify(description));
      else for (const line of describe(description)) terminal.result(line);
    });
}

const EXAMPLES = `
Examples:
  $ alexnet data info photos
  $ alexnet data info photos.tar.gz
  $ alexnet data info train.csv --root photos --columns file,species
  $ alexnet data info photos --class-pattern '_([a-z]+)\\.jpg$'`;

/** Classes shown at most; --json has them all. */
const MOST_CLASSES = 50;
const MOST_IGNORED = 5;

function describe(description: DatasetDescription): readonly string[] {
  const { kind, name, explanation, labels, parts, ignored } = description;
  const header = ['class', ...parts.map(({ part }) => part)];
  const rows = labels
    .slice(0, MOST_CLASSES)
    .map((label, place) => [label, ...parts.map(({ counts }) => counts[place] ?? 0)]);
  const pictures = parts.map(({ part, pictures: count }) => `${formatCount(count)} for ${part}`);
  return [
    `${name}: ${kind}, ${formatCount(labels.length)} classes, ${pictures.join(', ')}`,
    ...explanation.map((sentence) => `  ${sentence}`),
    ...describeSample(description),
    ...(ignored.length === 0
      ? []
      : [
          `Passed over: ${formatCount(ignored.length)} files (${ignored.slice(0, MOST_IGNORED).join(', ')}${ignored.length > MOST_IGNORED ? ', …' : ''})`,
        ]),
    '',
    ...formatTable(header, rows),
    ...(labels.length > MOST_CLASSES ? [`… and ${labels.length - MOST_CLASSES} more`] : []),
  ];
}

function describeSample({
  sampled,
  formats,
  sizes,
  unreadable,
}: DatasetDescription): readonly string[] {
  const found = Object.entries(formats).map(([format, count]) => `${formatCount(count)} ${format}`);
  const lines = [
    ...(found.length === 0
      ? []
      : [`formats of ${formatCount(sampled)} pictures: ${found.join(', ')}`]),
    ...(sizes === null
      ? []
      : [
          `sizes: ${sizes.smallest.join(' × ')} to ${sizes.largest.join(' × ')}, in the middle ${sizes.median.join(' × ')}`,
        ]),
    ...(unreadable === null
      ? []
      : [
          `${formatCount(unreadable.count)} of ${formatCount(sampled)} cannot be read, by their first bytes: ${unreadable.reason}`,
        ]),
  ];
  return lines.map((line) => `  ${line}`);
}
