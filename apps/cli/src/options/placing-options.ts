import { INIT_SCHEMES, type InitScheme, PRESET_IDS, type PresetId } from '@alexnet/core';
import { parseLabels } from '@alexnet/data';
import { readFileBytes } from '@alexnet/export/node';
import { PIXEL_RANGES, type PixelRange } from '@alexnet/weights';
import { type Command, Option } from 'commander';
import type { WeightModelOptions } from '../models/weight-model.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import {
  checkMeanOptions,
  type MeanCommandOptions,
  meanFileOptions,
  readMeanFile,
} from './mean-options.ts';
import { integer, number } from './option-values.ts';

/** How weights are read and placed, as the user says it. */
export interface PlacingOptions extends MeanCommandOptions {
  readonly preset?: PresetId;
  readonly fc6Order?: 'CHW' | 'HWC';
  readonly channelOrder?: 'RGB' | 'BGR';
  readonly pixels?: PixelRange;
  readonly lrnAlpha?: number;
  readonly skip?: readonly string[];
  readonly classes?: number;
  readonly inputSize?: number;
  readonly labels?: string;
  readonly seed?: number;
  readonly init?: InitScheme;
  readonly prototxt?: string;
  readonly kerasBackend?: 'tensorflow' | 'theano';
  readonly ignoreConfig?: true;
}

/** Adds the options of reading and placing weights to a command. */
export function addPlacingOptions(command: Command): Command {
  command.option(
    '--mean <file>',
    'what is subtracted from pictures: .binaryproto of Caffe, .npy in 0–255; alexnet data stats writes one',
  );
  for (const option of meanFileOptions()) command.addOption(option);
  return command
    .addOption(
      new Option('--preset <id>', 'which AlexNet it is (default: by names and shapes)').choices(
        PRESET_IDS,
      ),
    )
    .addOption(
      new Option('--fc6-order <order>', 'how the file flattens the last feature maps').choices([
        'CHW',
        'HWC',
      ]),
    )
    .addOption(
      new Option('--channel-order <order>', 'of the pictures that the weights expect').choices([
        'RGB',
        'BGR',
      ]),
    )
    .addOption(
      new Option(
        '--pixels <range>',
        'what the weights expect: 0–255 less the mean, 0–1, …; alexnet doctor tells which',
      ).choices(PIXEL_RANGES),
    )
    .option('--lrn-alpha <alpha>', "of LRN, for each element: 2e-5 is Caffe's 1e-4 / 5", number(0))
    .option('--skip <layers...>', "layers that start anew: fc8, 'fc*', classifier.6")
    .option('--classes <n>', 'with --skip fc8: how many', integer(2))
    .option('--input-size <pixels>', 'height and width of the input', integer(1))
    .option('--labels <file>', 'names of the classes, one on each line')
    .option('--prototxt <file>', "Caffe's description of the network, for a .caffemodel")
    .addOption(
      new Option('--keras-backend <name>', "that Keras 1's weights were trained with").choices([
        'tensorflow',
        'theano',
      ]),
    )
    .option(
      '--ignore-config',
      'take the arrays of a Keras file and not what it says of its network',
    )
    .option('--seed <n>', 'of layers that start anew', integer(0), 0)
    .addOption(
      new Option('--init <scheme>', 'of layers that start anew')
        .choices(INIT_SCHEMES)
        .default('he'),
    );
}

/** Lists of classes and descriptions of networks are small. */
const LIMIT_BYTES = 2 ** 26;

/** The options as the weights package takes them. @throws what reading the files that they name throws */
export async function readPlacingOptions(
  options: PlacingOptions,
): Promise<Required<WeightModelOptions>> {
  const { preset, fc6Order, channelOrder, pixels, lrnAlpha, skip, classes, inputSize, seed, init } =
    options;
  const { labels, prototxt, kerasBackend, ignoreConfig, mean } = options;
  checkMeanOptions(options);
  return {
    reading: {
      ...(prototxt === undefined ? {} : { prototxt: await readText(prototxt) }),
      ...(kerasBackend ? { backend: kerasBackend } : {}),
      ...(ignoreConfig ? { config: 'ignore' } : {}),
      ...(inputSize === undefined ? {} : { inputShape: [3, inputSize, inputSize] }),
    },
    placing: {
      ...(preset ? { preset } : {}),
      ...(fc6Order ? { fc6Order } : {}),
      ...(channelOrder ? { channelOrder } : {}),
      ...(pixels ? { pixels } : {}),
      ...(mean === undefined ? {} : { mean: await readMeanFile(mean, options) }),
      ...(lrnAlpha === undefined ? {} : { lrnAlpha }),
      ...(skip ? { skip } : {}),
      ...(classes === undefined ? {} : { classes }),
      ...(inputSize === undefined ? {} : { inputSize }),
      ...(labels === undefined ? {} : { labels: await readLabels(labels) }),
      ...(seed === undefined ? {} : { seed }),
      ...(init ? { init } : {}),
    },
  };
}

/** Names of classes, one a line. @throws what reading throws; `INVALID_DATASET` naming a line that is none */
export async function readLabels(argument: string): Promise<readonly string[]> {
  return parseLabels(await readText(argument), argument);
}

async function readText(argument: string): Promise<string> {
  const bytes = await readFileBytes(resolvePath(argument), { limitBytes: LIMIT_BYTES });
  return new TextDecoder().decode(bytes);
}
