import type { Model, Preprocessing, TrainingColours } from '@alexnet/core';
import { type Dataset, type DatasetStatistics, measureDataset } from '@alexnet/data';
import { describePreprocessing, withMean, withMeanFile } from '@alexnet/weights';
import { measuredAs } from '../data/framing-options.ts';
import { toPlanes } from '../data/mean-image-file.ts';
import { createLog, type SourceOptions } from '../data/source-options.ts';
import { type MeanCommandOptions, readMeanFile } from '../options/mean-options.ts';
import { createProgress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { RunConfig } from './run-config.ts';

interface CentreOptions {
  readonly model: Model;
  readonly training: Dataset;
  readonly options: MeanCommandOptions & SourceOptions;
  readonly terminal: Terminal;
}

interface TrainingMean {
  readonly mean: Preprocessing['mean'];
  /** Of the training pictures, where they were measured for it. */
  readonly colours: TrainingColours | null;
}

/**
 * A run whose pictures are less the mean that the user wants, in its model and in its configuration; as it was where
 * `--mean` is not given.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` for a mean that does not fit the network; what reading pictures and files
 *   throws
 */
export async function centre(
  config: RunConfig,
  { model, ...how }: CentreOptions,
): Promise<{ readonly config: RunConfig; readonly model: Model }> {
  const found = await resolveMean(model.metadata.preprocessing, how);
  if (found === null) return { config, model };
  const { mean, colours } = found;
  const centred = withTrainingMean(model, mean);
  how.terminal.note(`pictures  ${describePreprocessing(centred.metadata.preprocessing)}`);
  return {
    config: {
      ...config,
      data: { ...config.data, colours },
      network: { ...config.network, mean },
    },
    model: centred,
  };
}

async function resolveMean(
  preprocessing: Preprocessing,
  { options, training, terminal }: Omit<CentreOptions, 'model'>,
): Promise<TrainingMean | null> {
  const { mean } = options;
  switch (mean) {
    case undefined:
      return null;
    case 'picture':
      return { mean, colours: null };
    case 'channels':
    case 'image': {
      const statistics = await measure(training, { mean, preprocessing, options, terminal });
      return {
        mean: withMean(preprocessing, toPlanes(meanOf(statistics)), {
          source: 'The mean of the training pictures',
        }).mean,
        colours: coloursOf(statistics),
      };
    }
    default: {
      const { file, ...how } = await readMeanFile(mean, options);
      return { mean: withMeanFile(preprocessing, file, how).mean, colours: null };
    }
  }
}

/** The same model for pictures that are less another mean. */
export function withTrainingMean(model: Model, mean: Preprocessing['mean']): Model {
  const { metadata } = model;
  return {
    ...model,
    metadata: { ...metadata, preprocessing: { ...metadata.preprocessing, mean } },
  };
}

async function measure(
  training: Dataset,
  {
    mean,
    preprocessing,
    options,
    terminal,
  }: {
    readonly mean: 'channels' | 'image';
    readonly preprocessing: Preprocessing;
    readonly options: SourceOptions;
    readonly terminal: Terminal;
  },
): Promise<DatasetStatistics> {
  const progress = createProgress(terminal, {
    label: 'measuring',
    total: training.length,
    unit: 'pictures',
  });
  const { framing, grey } = measuredAs(preprocessing);
  return measureDataset(training, {
    ...(mean === 'image' ? { framing, meanImage: true } : {}),
    grey,
    badPictures: createLog(training, options),
    onProgress: (pictures) => progress.update(pictures),
  }).finally(() => progress.finish());
}

function meanOf({ meanImage, channels, mean }: DatasetStatistics) {
  return meanImage ?? { width: 1, height: 1, channels, values: Float64Array.from(mean) };
}

function coloursOf({ channels, mean, std, components }: DatasetStatistics): TrainingColours | null {
  return channels === 1 ? null : { mean, std, ...components };
}
