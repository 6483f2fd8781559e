import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { formatImportReport } from '@alexnet/weights';
import { Command } from 'commander';
import { resolveWeightsArgument } from '../models/catalogue-file.ts';
import { findWeightFile, readWeightModel } from '../models/weight-model.ts';
import { MODEL_SUFFIXES, modelFormat, refuseItself, writeModel } from '../models/write-model.ts';
import {
  addPlacingOptions,
  type PlacingOptions,
  readPlacingOptions,
} from '../options/placing-options.ts';
import { formatBytes, formatCount } from '../terminal/format.ts';
import { onMissing } from '../terminal/on-missing.ts';
import { callerFolder, resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface ImportCommandOptions extends PlacingOptions {
  readonly out?: string;
  readonly json?: true;
}

export function createImportCommand(terminal: Terminal): Command {
  const command = new Command('import')
    .description('make a model of weights that another program wrote')
    .argument(
      '<file>',
      '.pth, .safetensors, .npy, .npz, .caffemodel, .h5, .keras, .onnx, model.json, .index; or published weights: torchvision',
    )
    .option(
      '-o, --out <file>',
      `where to: ${MODEL_SUFFIXES.join(', ')} (default: the file's name with .onnx, in this folder)`,
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (argument: string, options: ImportCommandOptions) => {
      const path = await findWeightFile(await resolveWeightsArgument(argument, { terminal }));
      const target = await chooseTarget(path, options.out);
      const { model, report } = await readWeightModel(path, await readPlacingOptions(options));
      for (const line of formatImportReport(report)) terminal.note(line);
      const { bytes, sha256 } = await writeModel(target, model);
      const { preset, parameters, classes } = report;
      if (options.json) {
        const written = { file: target, bytes, sha256, preset, parameters, classes };
        terminal.result(JSON.stringify({ ...written, report }));
        return;
      }
      terminal.result(
        `${basename(target)}: ${preset ?? model.graph.name}, ${formatCount(parameters)} parameters, ${classes} classes, ${formatBytes(bytes)}`,
      );
    });
  return addPlacingOptions(command);
}

const EXAMPLES = `
Examples:
  $ alexnet import alexnet-owt-7be5be79.pth
  $ alexnet import bvlc_alexnet.npy -o model.safetensors --labels synset_words.txt
  $ alexnet import bvlc_alexnet.caffemodel --prototxt deploy.prototxt -o model.onnx
  $ alexnet import alexnet.h5 --skip fc8 --classes 5
  $ alexnet doctor alexnet.h5 --pictures photos    when its answers are wrong`;

/** Checked before anything is read: importing takes a while. */
async function chooseTarget(source: string, out: string | undefined): Promise<string> {
  if (out !== undefined) {
    const target = resolvePath(out);
    modelFormat(target);
    refuseItself(target, source);
    return target;
  }
  const stem = basename(source).replace(/(?:\.weights)?\.[^.]+$/, '');
  const target = join(callerFolder(), `${stem}.onnx`);
  if (!(await stat(target).catch(onMissing(null)))) return target;
  throw new AlexNetError('ALREADY_EXISTS', {
    message: `There is a file ${target} already.`,
    hint: `Say where to write: alexnet import ${basename(source)} -o model.onnx`,
    path: [target],
  });
}
