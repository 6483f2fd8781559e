import { stat } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import {
  AlexNetError,
  checkLabels,
  countClasses,
  createModel,
  isAlexNetError,
  type Model,
  PRESET_IDS,
  type PresetId,
  summarize,
} from '@alexnet/core';
import type { WriteOnnxOptions, WrittenFile } from '@alexnet/export/node';
import { findNewestRun } from '@alexnet/train/node';
import { Command, Option } from 'commander';
import { measureRanges } from '../export/measure-ranges.ts';
import { checkCard, writeModelCard } from '../export/model-card-file.ts';
import { describeForms, reportForms } from '../export/report-forms.ts';
import { readBestOfRun, readModel } from '../models/load-model.ts';
import { initializeOwnNetwork, readNetwork } from '../models/own-network.ts';
import {
  holdsWeightsAlone,
  MODEL_SUFFIXES,
  modelFormat,
  refuseItself,
  writeModel,
} from '../models/write-model.ts';
import {
  addOnnxOptions,
  type OnnxCommandOptions,
  readOnnxOptions,
} from '../options/onnx-options.ts';
import { integer } from '../options/option-values.ts';
import { readLabels } from '../options/placing-options.ts';
import {
  addTfjsOptions,
  readTfjsOptions,
  type TfjsCommandOptions,
  targetOf,
} from '../options/tfjs-options.ts';
import { formatBytes, formatCount } from '../terminal/format.ts';
import { onMissing } from '../terminal/on-missing.ts';
import { callerFolder, resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface ExportCommandOptions extends OnnxCommandOptions, TfjsCommandOptions {
  readonly from?: string;
  readonly preset?: PresetId;
  readonly network?: string;
  readonly classes?: number;
  readonly inputSize?: number;
  readonly labels?: string;
  readonly report?: string;
  readonly seed: number;
  readonly json?: true;
}

/** What `export` writes where there is neither a run nor a wish. */
const FALLBACK_PRESET = 'torchvision';

export function createExportCommand(terminal: Terminal): Command {
  const command = new Command('export')
    .description("write an ONNX file: the newest run's best checkpoint, unless told otherwise")
    .argument(
      '<file>',
      `where to, model.onnx for example; or ${MODEL_SUFFIXES.slice(1).join(', ')}`,
    )
    .option(
      '--from <model>',
      'a run folder, a checkpoint, an ONNX file or weights of another program',
    )
    .addOption(
      new Option('--preset <id>', 'a freshly initialised network')
        .choices(PRESET_IDS)
        .conflicts('from'),
    )
    .addOption(
      new Option(
        '--network <file>',
        'a network of your own (.json), freshly initialised',
      ).conflicts(['from', 'preset', 'classes', 'inputSize']),
    )
    .addOption(new Option('--classes <n>', 'with --preset').argParser(integer(2)).conflicts('from'))
    .addOption(
      new Option('--input-size <pixels>', 'with --preset').argParser(integer(1)).conflicts('from'),
    )
    .option('--seed <n>', 'of a freshly initialised network', integer(0), 0)
    .option('--labels <file>', 'names of the classes, one on each line, in place of those it has')
    .option(
      '--report <data>',
      'measure all forms on these pictures, and write a model card (README.md) beside the file',
    );
  return addTfjsOptions(addOnnxOptions(command))
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: ExportCommandOptions) => {
      const target = targetOf(file, options);
      modelFormat(target);
      const onnxOptions = readOnnxOptions(options, target);
      const tfjs = readTfjsOptions(options, target);
      if (options.report !== undefined) await checkCard(target);
      const found = await findModel(target, options, terminal);
      const model = options.labels === undefined ? found : await relabel(found, options.labels);
      const calibrated = await calibrate(model, onnxOptions, options, terminal);
      const written = await writeModel(target, model, {
        onnx: { ...onnxOptions, ...calibrated },
        tfjs,
      });
      if (holdsWeightsAlone(target)) {
        terminal.note(
          `note: ${basename(target)} holds weights alone. What reads it has to be told the labels and the preprocessing, and a network that is no preset's default: they are in .onnx and .safetensors files.`,
        );
      }
      const { report: data } = options;
      const report = data === undefined ? undefined : await reportForms(model, { data, terminal });
      if (report && data !== undefined) {
        const about = onnxOptions.about ?? {};
        await writeModelCard(target, { model, about, written, report, data: basename(data) });
      }
      const { parameters } = summarize(model.graph);
      const { preset, labels } = model.metadata;
      if (options.json) {
        const classes = labels.length;
        terminal.result(
          JSON.stringify({
            ...written,
            preset,
            parameters,
            classes,
            ...(report ? { report: report.rows } : {}),
          }),
        );
        return;
      }
      terminal.result(
        `${file}: ${preset ?? model.graph.name}, ${formatCount(parameters)} parameters, ${labels.length} classes, ${describeSize(written)}`,
      );
      if (report) for (const line of describeForms(report.rows)) terminal.result(line);
    });
}

function describeSize({ bytes, files }: WrittenFile): string {
  if (files.length === 0) return formatBytes(bytes);
  const total = files.reduce((sum, file) => sum + file.bytes, bytes);
  return `${formatBytes(total)} in ${files.length + 1} files`;
}

const EXAMPLES = `
Examples:
  $ alexnet export model.onnx
  $ alexnet export model.onnx --from runs/compact-1
  $ alexnet export model.onnx --shard-size 25MB    for a web server that takes no larger files
  $ alexnet export small.onnx --weights int8 --lrn conv    for a page: a quarter of the size, runs on WebGPU
  $ alexnet export fast.onnx --dtype int8 --calibrate photos    for a processor: twice as fast
  $ alexnet export model.onnx --report photos    what each form would cost, and a model card
  $ alexnet export features.onnx --features pool5,fc7
  $ alexnet export web/alexnet --format tfjs    model.json and its weights, for tf.loadLayersModel
  $ alexnet export empty.onnx --preset caffe-alexnet --classes 2 --seed 7`;

async function findModel(
  target: string,
  options: ExportCommandOptions,
  terminal: Terminal,
): Promise<Model> {
  const { from, preset, network, classes, inputSize, seed } = options;
  if (from !== undefined) {
    const { model, file, remarks } = await readModel(from);
    refuseItself(target, file);
    for (const remark of remarks) terminal.note(`note: ${remark}`);
    return model;
  }
  if (network !== undefined) {
    const own = await readNetwork(network);
    terminal.note(warnOfFresh(own.graph.name, seed));
    return initializeOwnNetwork(own, { seed });
  }
  const isWished = preset !== undefined || classes !== undefined || inputSize !== undefined;
  const runs = resolvePath('runs');
  const run = isWished ? null : await findNewestRun(runs);
  if (run) {
    const { model, file } = await readBestOfRun(run);
    terminal.note(`From ${relative(callerFolder(), file)}.`);
    return model;
  }
  if (!isWished) await refuseToReplace(target);
  const id = preset ?? FALLBACK_PRESET;
  terminal.note(warnOfFresh(id, seed, isWished ? '' : `, as there is no run in ${runs}`));
  return createModel(id, {
    seed,
    ...(classes === undefined ? {} : { classes }),
    ...(inputSize === undefined ? {} : { inputSize }),
  });
}

/** Nobody asked for a network that knows nothing: it goes in the place of another such one alone. */
async function refuseToReplace(path: string): Promise<void> {
  if (!(await stat(path).catch(onMissing(null))) || (await isUntrained(path))) return;
  throw new AlexNetError('ALREADY_EXISTS', {
    message: `There is no run in ${resolvePath('runs')}, and ${path} would be replaced by an untrained network.`,
    hint: 'Name the run: --from RUN. For an untrained network: --preset torchvision.',
    path: [path],
  });
}

async function isUntrained(path: string): Promise<boolean> {
  try {
    const { model } = await readModel(path);
    return model.metadata.provenance?.origin === 'initialized';
  } catch (error) {
    // No model, or a damaged one: whatever it is, it is not ours to replace.
    if (isAlexNetError(error)) return false;
    throw error;
  }
}

/** The ranges that an export in int8 needs. */
async function calibrate(
  model: Model,
  onnxOptions: WriteOnnxOptions,
  { calibrate: folder, calibration: method = 'min-max' }: ExportCommandOptions,
  terminal: Terminal,
): Promise<Pick<WriteOnnxOptions, 'ranges'>> {
  if (folder === undefined) return {};
  return { ranges: await measureRanges(model, onnxOptions, { folder, method, terminal }) };
}

async function relabel(model: Model, file: string): Promise<Model> {
  const labels = await readLabels(file);
  checkLabels(labels, countClasses(model.graph));
  return { ...model, metadata: { ...model.metadata, labels } };
}

function warnOfFresh(name: string, seed: number, why = ''): string {
  return `warning: This is a freshly initialised ${name} (seed ${seed})${why}: it knows nothing yet. Train one with "alexnet train FOLDER".`;
}
