import { AlexNetError, isAlexNetError, nameFile } from '@alexnet/core';
import { type MeanOptions, readWeights, type WeightFile } from '@alexnet/weights';
import { openWeightSource } from '@alexnet/weights/node';
import { Option } from 'commander';
import { resolvePath } from '../terminal/resolve-path.ts';

/** What a file says of the mean, and how it says it. */
export interface MeanCommandOptions {
  readonly mean?: string;
  readonly meanOrder?: 'RGB' | 'BGR';
  readonly meanAverage?: true;
}

/** The options that go with a `--mean` of a file. */
export function meanFileOptions(): readonly Option[] {
  return [
    new Option(
      '--mean-order <order>',
      'channels of the file (default: BGR of a .binaryproto, else RGB)',
    ).choices(['RGB', 'BGR']),
    new Option('--mean-average', "one mean for each channel: the average of the file's"),
  ];
}

/** Means that need no file: each picture's own, and two of the training pictures. */
const MEANS = ['picture', 'channels', 'image'] as const;

/** The options of a mean that pictures may give as well. */
export function trainingMeanOptions(): readonly Option[] {
  return [
    new Option(
      '--mean <what>',
      `what is subtracted from pictures, in place of the network's own mean: ${MEANS.join(', ')}, or a file (.npy, .binaryproto)`,
    ).conflicts('resume'),
    ...meanFileOptions(),
  ];
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` for an option that says something of a file that is not given */
export function checkMeanOptions({ mean, meanOrder, meanAverage }: MeanCommandOptions): void {
  const option = meanOrder ? '--mean-order' : meanAverage ? '--mean-average' : null;
  if (mean !== undefined || option === null) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${option} says something of a file, and no --mean names one.`,
    hint: 'Add --mean FILE, a .binaryproto or a .npy.',
  });
}

/** @throws what reading throws, the message naming the option */
export async function readMeanFile(
  argument: string,
  { meanOrder, meanAverage }: MeanCommandOptions,
): Promise<MeanOptions & { readonly file: WeightFile }> {
  try {
    const source = await openWeightSource(resolvePath(argument));
    return {
      file: await readWeights(source),
      source: source.name,
      ...(meanOrder ? { channelOrder: meanOrder } : {}),
      ...(meanAverage ? { average: true } : {}),
    };
  } catch (error) {
    throw nameFile(askForMean(error), `--mean ${argument}`);
  }
}

/** Who gave a picture or a text for a mean is told what a mean is, and not to give weights. */
function askForMean(error: unknown): unknown {
  if (!isAlexNetError(error) || error.code !== 'UNSUPPORTED') return error;
  return new AlexNetError(error.code, {
    message: error.message,
    hint: "Give a .binaryproto of Caffe's, or a .npy as alexnet data stats --mean-image writes it.",
    cause: error,
  });
}
