import { basename, join } from 'node:path';
import { crossEntropy, softmax } from '@alexnet/core';
import { createBadPictureLog, type Dataset } from '@alexnet/data';
import { encodePng } from '@alexnet/data/node';
import {
  type Evaluation,
  evaluate,
  indexOfLargest,
  type ReportPicture,
  renderReport,
  type TrainingEvent,
} from '@alexnet/train';
import type { RunFolder } from '@alexnet/train/node';
import type { TrainingData } from '../data/open-data.ts';
import { openModel } from '../models/open-model.ts';
import { formatCount, formatPercent } from '../terminal/format.ts';
import type { RunConfig } from './run-config.ts';

const REPORT_FILE = 'report.html';
/** Pictures of the sheet. */
const SHEET_PICTURES = 40;
/** Of those that the network is furthest off with. */
const WORST_PICTURES = 12;
/** Below this side, pictures are enlarged without smoothing. */
const SMALL_SIDE = 64;

interface FinishedRun {
  readonly config: RunConfig;
  readonly data: TrainingData;
  readonly folder: RunFolder;
}

/**
 * Measures the run's best checkpoint on pictures that it was not trained on and writes the page that shows
 * how it went.
 *
 * @returns the page's path
 */
export async function writeRunReport({ config, data, folder }: FinishedRun): Promise<string> {
  const events = await folder.readMetrics();
  const unseen = data.test ?? data.validation;
  const measured = unseen ? await measure(folder.path, unseen) : undefined;
  const html = renderReport({
    title: `${config.network.preset ?? config.network.own?.graph.name ?? 'AlexNet'} on ${basename(config.data.path)}`,
    summary: describeRun(config, {
      events,
      evaluation: measured?.evaluation,
      isTest: data.test !== null,
    }),
    history: toHistory(events),
    ...(measured
      ? {
          confusion: { labels: config.labels, counts: measured.evaluation.confusion },
          pictures: measured.pictures,
          worst: measured.worst,
        }
      : {}),
    pixelated: (data.training.pictureSize?.width ?? SMALL_SIDE) < SMALL_SIDE,
  });
  await folder.writeFile(REPORT_FILE, html);
  return join(folder.path, REPORT_FILE);
}

interface Measured {
  readonly evaluation: Evaluation;
  readonly pictures: readonly ReportPicture[];
  /** The worst first. */
  readonly worst: readonly ReportPicture[];
}

interface ScoredPicture {
  readonly index: number;
  readonly scores: Float32Array;
  readonly loss: number;
}

async function measure(runFolder: string, dataset: Dataset): Promise<Measured> {
  const model = await openModel(runFolder, 'cpu');
  const stride = Math.max(1, Math.floor(dataset.length / SHEET_PICTURES));
  const shown: ScoredPicture[] = [];
  let worst: readonly ScoredPicture[] = [];
  try {
    const evaluation = await evaluate({
      dataset,
      preprocessing: model.metadata.preprocessing,
      batchSize: 32,
      // What cannot be read was told of in training, and ends no report.
      badPictures: createBadPictureLog(dataset, { maxShare: 1 }),
      forward: model.forward,
      onPicture: (index, scores) => {
        const picture = { index, scores, loss: crossEntropy(scores, dataset.labelOf(index)) };
        if (index % stride === 0 && shown.length < SHEET_PICTURES) shown.push(picture);
        worst = keepWorst(worst, picture);
      },
    });
    const toPictures = (pictures: readonly ScoredPicture[]) =>
      Promise.all(pictures.map(({ index, scores }) => toReportPicture(dataset, index, scores)));
    return { evaluation, pictures: await toPictures(shown), worst: await toPictures(worst) };
  } finally {
    await model.session.dispose();
  }
}

/** The pictures of the largest losses so far, the largest first. */
function keepWorst(
  worst: readonly ScoredPicture[],
  picture: ScoredPicture,
): readonly ScoredPicture[] {
  const least = worst.at(-1)?.loss ?? Number.NEGATIVE_INFINITY;
  if (worst.length >= WORST_PICTURES && picture.loss <= least) return worst;
  return [...worst, picture].sort((a, b) => b.loss - a.loss).slice(0, WORST_PICTURES);
}

async function toReportPicture(
  dataset: Dataset,
  index: number,
  scores: Float32Array,
): Promise<ReportPicture> {
  const png = await encodePng(await dataset.readPicture(index));
  const predicted = indexOfLargest(scores);
  return {
    dataUrl: `data:image/png;base64,${Buffer.from(png).toString('base64')}`,
    trueLabel: dataset.labels[dataset.labelOf(index)] ?? '',
    predictedLabel: dataset.labels[predicted] ?? '',
    probability: softmax(scores)[predicted] ?? 0,
  };
}

function describeRun(
  { data, training, network }: RunConfig,
  {
    events,
    evaluation,
    isTest,
  }: {
    readonly events: readonly TrainingEvent[];
    readonly evaluation: Evaluation | undefined;
    readonly isTest: boolean;
  },
): readonly (readonly [string, string])[] {
  const done = events.findLast((event) => event.event === 'done');
  return [
    ...(evaluation
      ? [
          [
            isTest ? 'Test accuracy' : 'Validation accuracy',
            `${formatPercent(evaluation.top1)} of ${formatCount(evaluation.count)} pictures`,
          ] as const,
        ]
      : []),
    ['Trained on', `${formatCount(data.trainingPictures)} pictures`],
    [
      'Network',
      network.preset ?? network.own?.graph.name ?? 'as in the model that it went on from',
    ],
    ['Epochs', String(training.epochs)],
    ['Batch size', String(training.batchSize)],
    ['Learning rate', `${training.learningRate} (${training.schedule.kind})`],
    ['Optimiser', training.optimizer.kind],
    ['Seed', String(training.seed)],
    ...(done ? [['Speed', `${done.picturesPerSecond.toFixed(0)} pictures/s`] as const] : []),
  ];
}

function toHistory(events: readonly TrainingEvent[]) {
  return {
    steps: events.flatMap((event) =>
      event.event === 'step'
        ? [{ step: event.step, loss: event.loss, learningRate: event.learningRate }]
        : [],
    ),
    epochs: events.flatMap((event) =>
      event.event === 'epoch'
        ? [
            {
              epoch: event.epoch,
              trainingLoss: event.loss,
              trainingAccuracy: event.accuracy,
              ...(event.validation ? { validation: event.validation } : {}),
            },
          ]
        : [],
    ),
  };
}
