import { AlexNetError } from '@alexnet/core';
import {
  openDataset,
  type PreparedShards,
  prepareShards,
  type ShardShape,
} from '@alexnet/data/node';
import { Command } from 'commander';
import { integer } from '../options/option-values.ts';
import { formatBytes, formatNumberOf } from '../terminal/format.ts';
import { listenForInterruption } from '../terminal/interruption.ts';
import { createProgress } from '../terminal/progress.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { createLog, readingOptions, type SourceOptions, toOpenOptions } from './source-options.ts';

interface PrepareCommandOptions extends SourceOptions {
  readonly size: number;
  readonly square?: true;
  readonly stretch?: true;
  readonly shardPictures: number;
  readonly json?: true;
}

/** `alexnet data prepare DATA OUT` */
export function createPrepareCommand(terminal: Terminal): Command {
  const command = new Command('prepare')
    .description('decode all pictures once and store them at one size, to be read at memory speed')
    .argument('<data>', 'any data set')
    .argument('<out>', 'a folder; called again after an interruption, it is gone on with')
    .option('--size <pixels>', 'longer short sides are shrunk to it', integer(2), 256)
    .option('--square', 'cut the middle square out: all pictures have the same size')
    .option('--stretch', 'make both sides --size, whatever the aspect')
    .option('--shard-pictures <n>', 'pictures of a file', integer(1), 512)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((data: string, out: string, options: PrepareCommandOptions) =>
      prepare({ data: resolvePath(data), out: resolvePath(out), options, terminal }),
    );
  for (const option of readingOptions()) command.addOption(option);
  return command;
}

const EXAMPLES = `
Which size: as the training's preprocessing resizes to, and its inputs are the same to the last bit
(compact: 146, networks with an input of 224 or 227: 256).

Examples:
  $ alexnet data prepare photos shards --size 146
  $ alexnet train shards`;

async function prepare({
  data,
  out,
  options,
  terminal,
}: {
  readonly data: string;
  readonly out: string;
  readonly options: PrepareCommandOptions;
  readonly terminal: Terminal;
}): Promise<void> {
  const shape = chooseShape(options);
  checkShrinking(options);
  const { training, validation, test } = await openDataset(data, toOpenOptions(options));
  const sources = [training, validation, test].flatMap((dataset) => dataset ?? []);
  const total = sources.reduce((sum, { length }) => sum + length, 0);
  const badPictures = createLog({ name: training.name, length: total }, options);
  const progress = createProgress(terminal, { label: 'preparing', total, unit: 'pictures' });
  const interruption = listenForInterruption(terminal, 'Stopping; shards that are whole stay.');
  try {
    const prepared = await prepareShards({ training, validation, test }, out, {
      shape,
      shardPictures: options.shardPictures,
      badPictures,
      signal: interruption.signal,
      onProgress: (pictures) => progress.update(pictures),
    });
    progress.finish();
    for (const name of badPictures.names) {
      terminal.note(`warning: Left out ${name}: ${badPictures.reasons.get(name)}`);
    }
    if (options.json) terminal.result(JSON.stringify({ folder: out, ...prepared }));
    else for (const line of describePrepared(prepared, out)) terminal.result(line);
  } finally {
    progress.finish();
    interruption.end();
  }
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` for pictures that would be enlarged again */
function checkShrinking({ size, shrinkOnLoad = size }: PrepareCommandOptions): void {
  if (shrinkOnLoad >= size) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `--shrink-on-load ${shrinkOnLoad} is smaller than --size ${size}.`,
    hint: `Give ${size}, or more.`,
  });
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` for two shapes */
function chooseShape({ size, square, stretch }: PrepareCommandOptions): ShardShape {
  if (square && stretch) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: '--square and --stretch are two ways to one size.',
      hint: 'Give one of them: --square keeps the aspect and loses the edges, --stretch the other way round.',
    });
  }
  if (square) return { kind: 'square', size };
  return { kind: stretch ? 'stretched' : 'short-side', size };
}

function describePrepared(prepared: PreparedShards, out: string): readonly string[] {
  const { pictures, skipped, shards, kept, sizeBytes } = prepared;
  return [
    `${formatNumberOf(pictures, 'picture')} in ${formatNumberOf(shards, 'shard')}, ${formatBytes(sizeBytes)}: ${out}`,
    ...(kept > 0 ? [`${kept} of the shards were there already.`] : []),
    ...(skipped > 0 ? [`Left out as unreadable: ${formatNumberOf(skipped, 'picture')}.`] : []),
  ];
}
