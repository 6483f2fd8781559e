import { createNetwork, PRESET_IDS, type PresetId } from '@alexnet/core';
import { createBadPictureLog, type DatasetStatistics, measureDataset } from '@alexnet/data';
import { openDataset } from '@alexnet/data/node';
import { Command, Option } from 'commander';
import { formatCount, formatTable } from '../terminal/format.ts';
import { createProgress } from '../terminal/progress.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type FramingOptions, framingOptions, measuredAs, toFraming } from './framing-options.ts';
import { meanImagePath, writeMeanImage } from './mean-image-file.ts';

interface StatsOptions extends FramingOptions {
  /** Pictures are measured as this network sees them. */
  readonly preset?: PresetId;
  /** File of the mean of every single pixel. */
  readonly meanImage?: string;
  readonly json?: true;
}

/** `alexnet data stats DATA` */
export function createStatsCommand(terminal: Terminal): Command {
  const command = new Command('stats')
    .description("mean, standard deviation and principal colours of a data set's training pictures")
    .argument('<data>', 'any data set');
  for (const option of framingOptions()) command.addOption(option);
  return command
    .addOption(
      new Option('--preset <id>', 'measure pictures as this network sees them: resized, or in grey')
        .choices(PRESET_IDS)
        .conflicts(['shortSide', 'crop']),
    )
    .option(
      '--mean-image <file>',
      'also write the mean of every pixel, for pictures of one size: .npy, which --mean of train and import takes',
    )
    .option('--json', 'print one JSON object, with the covariance')
    .addHelpText('after', EXAMPLES)
    .action(async (data: string, options: StatsOptions) => {
      const meanFile = options.meanImage === undefined ? null : meanImagePath(options.meanImage);
      const { training } = await openDataset(resolvePath(data));
      const badPictures = createBadPictureLog(training);
      const progress = createProgress(terminal, {
        label: 'measuring',
        total: training.length,
        unit: 'pictures',
      });
      const { meanImage, ...statistics } = await measureDataset(training, {
        ...(options.preset
          ? measuredAs(createNetwork(options.preset).preprocessing)
          : { framing: toFraming(options) }),
        meanImage: meanFile !== null,
        badPictures,
        onProgress: (pictures) => progress.update(pictures),
      }).finally(() => progress.finish());
      for (const name of badPictures.names) {
        terminal.note(`warning: Skipped ${name}: ${badPictures.reasons.get(name)}`);
      }
      if (options.json) terminal.result(JSON.stringify({ name: training.name, ...statistics }));
      else for (const line of describeStatistics(statistics)) terminal.result(line);
      if (meanFile === null || meanImage === null) return;
      await writeMeanImage(meanFile, meanImage);
      terminal.note(`note: The mean image is in ${meanFile}.`);
    });
}

const EXAMPLES = `
Values are bytes / 255, over all pixels of all pictures: what "mean" and "std" of a preprocessing with a
scale of 1/255 are, and what the colour noise of --augment paper goes by.

Examples:
  $ alexnet data stats photos
  $ alexnet data stats photos --short-side 256 --crop 224 --json
  $ alexnet data stats photos --short-side 256 --crop 256 --mean-image mean.npy
  $ alexnet data stats photos --preset caffe-alexnet --mean-image mean.npy

A mean image is float32 [channels, height, width] in 0–255; channels are red, green, blue, or grey alone.`;

function describeStatistics({
  pictures,
  pixels,
  channels,
  mean,
  std,
  components,
}: Omit<DatasetStatistics, 'meanImage'>): readonly string[] {
  const names = channels === 1 ? ['grey'] : ['red', 'green', 'blue'];
  const show = (value = 0) => value.toFixed(4);
  return [
    `${formatCount(pictures)} pictures, ${formatCount(pixels)} pixels`,
    ...formatTable(
      ['channel', 'mean', 'std'],
      names.map((name, i) => [name, show(mean[i]), show(std[i])]),
    ),
    ...formatTable(
      ['component', 'eigenvalue', ...names],
      components.eigenvalues.map((value, k) => [
        `${k + 1}`,
        value.toFixed(6),
        ...names.map((_, channel) => show(components.eigenvectors[k]?.[channel])),
      ]),
    ),
  ];
}
