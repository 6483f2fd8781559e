import { renderClassTable } from './class-table.ts';
import { type Confusion, MAX_NARROW_CLASSES, renderConfusionMatrix } from './confusion-matrix.ts';
import { type Curve, renderCurve, type Series } from './curve.ts';
import { escapeText } from './escape.ts';
import { formatDecimal, formatShare } from './format-number.ts';
import { renderPage } from './page.ts';
import { type ReportPicture, renderPictureSheet } from './picture-sheet.ts';
import { type Point, smoothPoints } from './smooth.ts';

export interface StepRecord {
  /** Optimiser steps taken, from 1. */
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
}

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly trainingLoss: number;
  /** Share between 0 and 1, as all accuracies here. */
  readonly trainingAccuracy: number;
  readonly validation?: { readonly loss: number; readonly top1: number; readonly top5: number };
}

export interface Report {
  readonly title: string;
  /** Names and values for the head of the page: data, network, accuracy, time. */
  readonly summary: readonly (readonly [name: string, value: string])[];
  readonly history: {
    readonly steps: readonly StepRecord[];
    readonly epochs: readonly EpochRecord[];
  };
  readonly confusion?: Confusion;
  readonly pictures?: readonly ReportPicture[];
  /** Those that the network is furthest off with, the worst first. */
  readonly worst?: readonly ReportPicture[];
  /** Enlarges the pictures without smoothing: for tiny ones such as 28 × 28. */
  readonly pixelated?: boolean;
}

/**
 * Makes a page about a training: one HTML file that needs nothing else, neither scripts nor the network.
 *
 * Labels and all other texts may be anybody's: they end up as text.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a confusion matrix that does not fit its labels, or
 *   a picture that is not a data URL
 */
export function renderReport(report: Report): string {
  const { title, summary, history, confusion, pictures, worst, pixelated } = report;
  const body = [
    renderSummary(summary),
    renderTraining(history),
    confusion ? renderClasses(confusion) : '',
    worst && worst.length > 0 ? renderWorst(worst, pixelated) : '',
    pictures && pictures.length > 0 ? renderPictures(pictures, pixelated) : '',
  ].join('\n');
  return renderPage(title, body);
}

function renderSummary(summary: Report['summary']): string {
  if (summary.length === 0) return '';
  const entries = summary.map(
    ([name, value]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`,
  );
  return `<dl class="summary">${entries.join('')}</dl>`;
}

function renderTraining(history: Report['history']): string {
  const curves = [
    ...makeStepCurves(history.steps),
    ...(history.epochs.length > 0 ? makeEpochCurves(history.epochs) : []),
  ];
  if (curves.length === 0) return '';
  return `<section><h2>Training</h2><div class="charts">${curves.map(renderCurve).join('')}</div>${renderEpochTable(history.epochs)}</section>`;
}

/** Points that the smoothed loss looks back on: a thirtieth of the training. */
const SMOOTHING_SHARE = 1 / 30;

function makeStepCurves(steps: readonly StepRecord[]): readonly Curve[] {
  if (steps.length === 0) return [];
  const losses = steps.map(({ step, loss }) => ({ x: step, y: loss }));
  const smoothed = smoothPoints(losses, losses.length * SMOOTHING_SHARE);
  const rates = steps.map(({ step, learningRate }) => ({ x: step, y: learningRate }));
  const loss: Curve = {
    title: 'Loss per step',
    description: describeChange('The smoothed loss', smoothed),
    xLabel: 'step',
    series: [
      { name: 'each step', role: 'raw', points: losses },
      { name: 'smoothed', role: 'training', points: smoothed },
    ],
  };
  const rate: Curve = {
    title: 'Learning rate',
    description: describeChange('The learning rate', rates),
    xLabel: 'step',
    series: [{ name: 'learning rate', role: 'rate', points: rates }],
  };
  const isConstant = new Set(rates.map(({ y }) => y)).size === 1;
  return isConstant ? [loss] : [loss, rate];
}

function makeEpochCurves(epochs: readonly EpochRecord[]): readonly Curve[] {
  const pick = (value: (epoch: EpochRecord) => number | undefined): Point[] =>
    epochs.map((epoch) => ({ x: epoch.epoch, y: value(epoch) ?? Number.NaN }));
  const isKnown = ({ points }: Series): boolean => points.some(({ y }) => Number.isFinite(y));
  const loss: readonly Series[] = [
    { name: 'training', role: 'training', points: pick((epoch) => epoch.trainingLoss) },
    { name: 'validation', role: 'validation', points: pick((epoch) => epoch.validation?.loss) },
  ];
  const top5 = pick((epoch) => epoch.validation?.top5);
  // With five classes or fewer, one of five guesses is always right: nothing to see.
  const hasTop5 = top5.some(({ y }) => y < 1);
  const accuracy: readonly Series[] = [
    { name: 'training', role: 'training', points: pick((epoch) => epoch.trainingAccuracy) },
    { name: 'validation', role: 'validation', points: pick((epoch) => epoch.validation?.top1) },
    ...(hasTop5
      ? [{ name: 'validation, top 5', role: 'validation-top5', points: top5 } as const]
      : []),
  ];
  return [
    {
      title: 'Loss per epoch',
      description: loss
        .map(({ name, points }) => describeChange(`The ${name} loss`, points))
        .join(' '),
      xLabel: 'epoch',
      series: loss.filter(isKnown),
    },
    {
      title: 'Accuracy per epoch',
      description: accuracy
        .map(({ name, points }) => describeChange(`The ${name} accuracy`, points))
        .join(' '),
      xLabel: 'epoch',
      series: accuracy.filter(isKnown),
      yRange: [0, 1],
      yFormat: 'share',
    },
  ];
}

function describeChange(what: string, points: readonly Point[]): string {
  const finite = points.filter(({ y }) => Number.isFinite(y));
  const [first] = finite;
  const last = finite.at(-1);
  if (!first || !last) return `${what} was not measured.`;
  return `${what} goes from ${formatDecimal(first.y)} to ${formatDecimal(last.y)}.`;
}

function renderEpochTable(epochs: readonly EpochRecord[]): string {
  if (epochs.length === 0) return '';
  const rows = epochs.map(({ epoch, trainingLoss, trainingAccuracy, validation }) => {
    const measured = validation
      ? [
          formatDecimal(validation.loss),
          formatShare(validation.top1, 2),
          formatShare(validation.top5, 2),
        ]
      : ['–', '–', '–'];
    const cells = [formatDecimal(trainingLoss), formatShare(trainingAccuracy, 2), ...measured];
    return `<tr><th scope="row">${epoch}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return (
    '<details><summary>The numbers of each epoch</summary><div class="scroll" tabindex="0" role="region" aria-label="Numbers of each epoch"><table>' +
    '<thead><tr><th scope="col">Epoch</th><th scope="col">Training loss</th><th scope="col">Training accuracy</th><th scope="col">Validation loss</th><th scope="col">Top 1</th><th scope="col">Top 5</th></tr></thead>' +
    `<tbody>${rows.join('')}</tbody></table></div></details>`
  );
}

function renderClasses(confusion: Confusion): string {
  const isWide = confusion.labels.length > MAX_NARROW_CLASSES;
  return (
    `<section><h2>Classes</h2><div class="columns${isWide ? ' wide' : ''}"><div>${renderConfusionMatrix(confusion)}</div>` +
    `<div>${renderClassTable(confusion)}</div></div></section>`
  );
}

function renderPictures(pictures: readonly ReportPicture[], pixelated = false): string {
  const right = pictures.filter((picture) => picture.trueLabel === picture.predictedLabel).length;
  return (
    `<section><h2>Test pictures</h2><p>Predicted class and its probability; ${right} of these ${pictures.length} are right.</p>` +
    `${renderPictureSheet(pictures, { pixelated })}</section>`
  );
}

function renderWorst(pictures: readonly ReportPicture[], pixelated = false): string {
  return (
    '<section><h2>Worst pictures</h2><p>Those whose true class the network gives the least probability: what it finds hard, and what is labelled wrong.</p>' +
    `${renderPictureSheet(pictures, { pixelated })}</section>`
  );
}
