import { titleOfRange } from '@alexnet/weights';
import { formatPercent, formatTable } from '../terminal/format.ts';
import type { TrialPictures } from './doctor-pictures.ts';
import type { Trial } from './try-conventions.ts';

const MAX_SHOWN = 12;
const UNTRAINED =
  'Nothing can be told: the filters are noise, so that the best of these ways is so by chance.';
/** Of 2. Less than this, nothing was seen in the pictures. */
const LEAST_SCORE = 0.6;
/** Between the first and the second from which on the first is taken: of the accuracy, of the score. */
const CLEAR_ACCURACY = 0.05;
const CLEAR_SCORE = 0.1;

/**
 * A table of the ways that fitted best, and which one to take.
 *
 * @param options.isTrained - whether the filters are more than noise: with those, the best way is so by chance
 */
export function describeTrials(
  trials: readonly Trial[],
  { note, pictures }: TrialPictures,
  { isTrained }: { readonly isTrained: boolean },
): readonly string[] {
  const hasAccuracy = trials.some(({ accuracy }) => accuracy !== null);
  const shown = trials.slice(0, MAX_SHOWN);
  const assumed = trials.find(({ isAssumed }) => isAssumed);
  const rows = [...shown, ...(assumed && !shown.includes(assumed) ? [assumed] : [])].map(
    (trial) => [
      trial.isAssumed ? '*' : '',
      trial.preset ?? '–',
      trial.channelOrder,
      trial.pixels === null ? 'as the file says' : titleOfRange(trial.pixels),
      trial.fc6Order ?? '–',
      trial.lrnAlpha === null ? '–' : String(Number(trial.lrnAlpha.toPrecision(3))),
      formatPercent(trial.confidence),
      formatPercent(trial.agreement),
      ...(hasAccuracy ? [trial.accuracy === null ? '–' : formatPercent(trial.accuracy)] : []),
      trial.score.toFixed(2),
    ],
  );
  const header = ['', 'network', 'colours', 'pixels', 'fc6', 'alpha', 'confidence', 'agreement'];
  const numbers = ['confidence', 'agreement', 'accuracy', 'score'];
  const titles = [...header, ...(hasAccuracy ? ['accuracy'] : []), 'score'];
  return [
    '',
    `${pictures.length} pictures, ${trials.length} ways to feed them; the best ${shown.length}, * is what is assumed:`,
    ...formatTable(titles, rows, { rightAligned: numbers }),
    '',
    'confidence: mean probability of the first class; agreement: same class for the mirror image; score: agreement beyond chance, and how far answers tell pictures apart, 0 to 2.',
    note,
    isTrained ? describeVerdict(trials, assumed) : UNTRAINED,
  ];
}

function describeVerdict(trials: readonly Trial[], assumed: Trial | undefined): string {
  const [best, second] = trials;
  if (!best || !second || best.score < LEAST_SCORE) {
    return 'None fits: the network sees nothing in these pictures. Are they of its kind, and is it trained?';
  }
  const isClear =
    (best.accuracy ?? 0) - (second.accuracy ?? 0) > CLEAR_ACCURACY ||
    best.score - second.score > CLEAR_SCORE;
  if (best.isAssumed) {
    return isClear
      ? 'What is assumed fits best, clearly.'
      : 'What is assumed fits best, if not by much.';
  }
  const lead = isClear
    ? 'Another way fits clearly better'
    : 'Another way fits a little better, which may be chance';
  const options = describeOptions(best, assumed);
  return `${lead}: ${options === '' ? 'as the file says' : options}.`;
}

/** The options of `import` that make it so. */
function describeOptions(best: Trial, assumed: Trial | undefined): string {
  return [
    ...(best.preset !== null && best.preset !== assumed?.preset ? [`--preset ${best.preset}`] : []),
    ...(best.channelOrder !== assumed?.channelOrder
      ? [`--channel-order ${best.channelOrder}`]
      : []),
    ...(best.fc6Order !== null && best.fc6Order !== assumed?.fc6Order
      ? [`--fc6-order ${best.fc6Order}`]
      : []),
    ...(best.lrnAlpha !== null &&
    best.preset === assumed?.preset &&
    best.lrnAlpha !== assumed?.lrnAlpha
      ? [`--lrn-alpha ${best.lrnAlpha}`]
      : []),
    ...(best.pixels !== null && best.pixels !== assumed?.pixels ? [`--pixels ${best.pixels}`] : []),
  ].join(', ');
}
