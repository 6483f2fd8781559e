import type { DeviceChoice } from '@alexnet/runtime-node';
import {
  examineWeights,
  readWeights,
  titleOfRange,
  type WeightCheck,
  type WeightExamination,
} from '@alexnet/weights';
import { openWeightSource } from '@alexnet/weights/node';
import { Command } from 'commander';
import { resolveWeightsArgument } from '../catalogue-file.ts';
import { deviceOption } from '../device-option.ts';
import { readTrialPictures, type TrialPictures } from '../doctor-pictures.ts';
import { formatPercent, formatTable } from '../format.ts';
import { integer } from '../option-values.ts';
import { addPlacingOptions, type PlacingOptions, readPlacingOptions } from '../placing-options.ts';
import { createProgress } from '../progress.ts';
import { resolvePath } from '../resolve-path.ts';
import type { Terminal } from '../terminal.ts';
import { type Trial, tryConventions } from '../try-conventions.ts';
import { findWeightFile } from '../weight-model.ts';

interface DoctorOptions extends PlacingOptions {
  readonly pictures?: string;
  readonly count: number;
  readonly arrays?: true;
  readonly device: DeviceChoice;
  readonly json?: true;
}

export function createDoctorCommand(terminal: Terminal): Command {
  const command = new Command('doctor')
    .description('look at a weight file: what it is, whether it is sound, how to feed it')
    .argument('<file>', 'a weight file of any program, or published weights')
    .option('--pictures <folder>', 'try the plausible conventions on some of these')
    .option('--count <n>', 'of these pictures', integer(2), 24)
    .option('--arrays', 'list every array with its range')
    .addOption(deviceOption())
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (argument: string, options: DoctorOptions) => {
      const path = await findWeightFile(await resolveWeightsArgument(argument, { terminal }));
      const { reading, placing } = await readPlacingOptions(options);
      const source = await openWeightSource(path);
      const file = await readWeights(source, reading);
      const placingOptions = { source: source.name, ...placing };
      const examination = examineWeights(file, placingOptions);
      const { imported } = examination;
      let trials: readonly Trial[] | null = null;
      let pictures: TrialPictures | null = null;
      if (options.pictures !== undefined && imported) {
        pictures = await readTrialPictures(resolvePath(options.pictures), {
          labels: imported.model.metadata.labels,
          count: options.count,
        });
        const progress = createProgress(terminal, { label: 'trying', total: 1, unit: 'networks' });
        trials = await tryConventions({
          file,
          options: placingOptions,
          imported,
          pictures,
          device: options.device,
          onProgress: (done, total) => progress.update(done / total),
        });
        progress.finish();
      }
      if (options.json) {
        terminal.result(JSON.stringify(toJson(examination, trials)));
        return;
      }
      for (const line of describeChecks(examination)) terminal.result(line);
      if (options.arrays) for (const line of describeArrays(examination)) terminal.result(line);
      if (trials && pictures)
        for (const line of describeTrials(trials, pictures)) terminal.result(line);
    });
  return addPlacingOptions(command);
}

const EXAMPLES = `
Examples:
  $ alexnet doctor bvlc_alexnet.npy
  $ alexnet doctor alexnet.h5 --pictures photos         which conventions fit?
  $ alexnet doctor alexnet.pth --arrays --json`;

function toJson(
  { imported, tensors, ...examination }: WeightExamination,
  trials: readonly Trial[] | null,
): object {
  const assumptions = imported ? imported.report.conventions : [];
  return { ...examination, assumptions, tensors, ...(trials ? { trials } : {}) };
}

function describeChecks({ checks, imported }: WeightExamination): readonly string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const describe = ({ name, ok, detail, remedy }: WeightCheck) => {
    const [first = '', ...more] = detail.split('\n');
    const indent = ' '.repeat(width + 4);
    return [
      `${ok ? '✓' : '!'} ${name.padEnd(width)}  ${first}`,
      ...more.map((line) => `${indent}${line}`),
      ...(remedy === undefined ? [] : [`${indent}→ ${remedy}`]),
    ];
  };
  const assumed = imported?.report.conventions ?? [];
  return [
    ...checks.flatMap(describe),
    ...(assumed.length > 0 ? ['', 'Assumed, because shapes and names do not tell:'] : []),
    ...assumed.map((line) => `- ${line}`),
  ];
}

function describeArrays({ tensors }: WeightExamination): readonly string[] {
  const number = (value: number) => value.toPrecision(3);
  const rows = tensors.map(
    ({ name, dtype, shape, min, max, mean, std, zeros, nans, infinities }) => [
      name,
      dtype,
      shape.join('×'),
      number(min),
      number(max),
      number(mean),
      number(std),
      formatPercent(zeros),
      nans + infinities,
    ],
  );
  const header = ['array', 'type', 'shape', 'min', 'max', 'mean', 'std', 'zeros', 'not finite'];
  return ['', ...formatTable(header, rows)];
}

const MAX_SHOWN = 12;
/** Of 2. Less than this, nothing was seen in the pictures. */
const LEAST_SCORE = 0.6;
/** Between the first and the second from which on the first is taken: of the accuracy, of the score. */
const CLEAR_ACCURACY = 0.05;
const CLEAR_SCORE = 0.1;

function describeTrials(
  trials: readonly Trial[],
  { note, pictures }: TrialPictures,
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
    describeVerdict(trials, assumed),
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
