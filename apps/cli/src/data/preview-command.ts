import { writeFile } from 'node:fs/promises';
import { AlexNetError, createRandom, isAlexNetError } from '@alexnet/core';
import {
  AUGMENTATION_NAMES,
  AUGMENTATIONS,
  type AugmentationName,
  createContactSheet,
  type Dataset,
  measureDataset,
  type Picture,
  previewAugmentation,
} from '@alexnet/data';
import { encodePng, openDataset } from '@alexnet/data/node';
import { Command, Option } from 'commander';
import { integer } from '../options/option-values.ts';
import { createProgress } from '../terminal/progress.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { toFraming } from './framing-options.ts';

interface PreviewCommandOptions {
  readonly augment: AugmentationName;
  readonly rows: number;
  readonly columns: number;
  readonly shortSide: number;
  readonly crop: number;
  readonly seed: number;
}

/** `alexnet data preview DATA FILE` */
export function createPreviewCommand(terminal: Terminal): Command {
  return new Command('preview')
    .description('draw a sheet of what a training is shown: a row for each picture')
    .argument('<data>', 'any data set')
    .argument('<file>', 'the sheet, PNG')
    .addOption(
      new Option('--augment <kind>', 'how pictures are varied')
        .choices(AUGMENTATION_NAMES)
        .default('mild'),
    )
    .option('--rows <n>', 'pictures, spread over the classes', integer(1), 8)
    .option(
      '--columns <n>',
      'draws of each, behind the picture without augmentation',
      integer(1),
      7,
    )
    .option('--short-side <pixels>', 'what pictures are resized to', integer(1), 146)
    .option('--crop <pixels>', "the network's input", integer(1), 128)
    .option('--seed <n>', 'of pictures and draws', integer(0), 0)
    .addHelpText('after', EXAMPLES)
    .action(async (data: string, file: string, options: PreviewCommandOptions) => {
      const target = resolvePath(file);
      const { training } = await openDataset(resolvePath(data));
      const sheet = await drawSheet(training, options, terminal);
      await writeFile(target, await encodePng(sheet)).catch((cause: NodeJS.ErrnoException) => {
        throw new AlexNetError('IO', {
          message: `${target} cannot be written: ${cause.message}.`,
          hint: 'Check the folder and its permissions.',
          path: [target],
          cause,
        });
      });
      terminal.result(`${target}: ${sheet.width} × ${sheet.height} pixels`);
    });
}

const EXAMPLES = `
The sizes are those of compact; networks with an input of 224 take --short-side 256 --crop 224.

Examples:
  $ alexnet data preview photos sheet.png
  $ alexnet data preview photos sheet.png --augment strong --columns 12`;

async function drawSheet(
  dataset: Dataset,
  options: PreviewCommandOptions,
  terminal: Terminal,
): Promise<Picture> {
  const augmentation = AUGMENTATIONS[options.augment];
  const framing = toFraming(options);
  const components = augmentation.colourNoise && (await measureColours(dataset, terminal));
  const random = createRandom(options.seed);
  const rows: (readonly Picture[])[] = [];
  for (const index of choosePictures(dataset, options)) {
    const picture = await dataset.readPicture(index).catch((error: unknown) => {
      if (!isAlexNetError(error)) throw error;
      terminal.note(`warning: Skipped ${dataset.nameOf(index)}: ${error.message}`);
    });
    if (!picture) continue;
    const randoms = Array.from({ length: options.columns }, (_, draw) =>
      random.split('epoch', draw + 1).split('augmentation', index),
    );
    const drawn = previewAugmentation(picture, {
      framing,
      augmentation,
      randoms,
      ...(components ? { colourComponents: components } : {}),
    });
    rows.push(drawn);
  }
  return createContactSheet(rows);
}

async function measureColours(dataset: Dataset, terminal: Terminal) {
  const progress = createProgress(terminal, {
    label: 'measuring colours',
    total: dataset.length,
    unit: 'pictures',
  });
  const { components } = await measureDataset(dataset, {
    onProgress: (pictures) => progress.update(pictures),
  }).finally(() => progress.finish());
  return components;
}

/** Drawn one from each class in turn, so that small classes are seen too. */
function choosePictures(
  dataset: Dataset,
  { rows, seed }: PreviewCommandOptions,
): readonly number[] {
  const order = createRandom(seed)
    .split('preview')
    .shuffle(Uint32Array.from({ length: dataset.length }, (_, index) => index));
  const classes = new Map<number, number[]>();
  for (const index of order) {
    const label = dataset.labelOf(index);
    const queue = classes.get(label);
    if (queue) queue.push(index);
    else classes.set(label, [index]);
  }
  const queues = [...classes.entries()].sort(([a], [b]) => a - b).map(([, queue]) => queue);
  const chosen: number[] = [];
  for (let turn = 0; chosen.length < Math.min(rows, dataset.length); turn++) {
    const index = queues[turn % queues.length]?.[Math.floor(turn / queues.length)];
    if (index !== undefined) chosen.push(index);
  }
  return chosen;
}
