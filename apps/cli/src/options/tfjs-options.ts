import { join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { TFJS_QUANTIZATIONS, type TfjsQuantization, type TfjsWriteOptions } from '@alexnet/weights';
import { type Command, Option } from 'commander';
import { isTfjsModel } from '../models/write-model.ts';
import { resolvePath } from '../terminal/resolve-path.ts';

/** What a command that writes models for TensorFlow.js knows about them. */
export interface TfjsCommandOptions {
  readonly format?: 'tfjs';
  readonly quantize?: TfjsQuantization;
  readonly lrnClass?: true;
}

/** Adds the options of a layers model to a command. */
export function addTfjsOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--format <name>',
        'tfjs: FILE is a folder, for model.json and its weights, a layers model of TensorFlow.js',
      ).choices(['tfjs']),
    )
    .addOption(
      new Option(
        '--quantize <type>',
        'with --format tfjs: what kernels are kept in (default: float32)',
      ).choices(TFJS_QUANTIZATIONS),
    )
    .option(
      '--lrn-class',
      'with --format tfjs: local response normalisation as a class that pages register first',
    );
}

/** Where a model is written to; of a folder for TensorFlow.js, its model.json. */
export function targetOf(file: string, { format }: TfjsCommandOptions): string {
  const target = resolvePath(file);
  return format === undefined || isTfjsModel(target) ? target : join(target, 'model.json');
}

/**
 * The options as a writer takes them.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for options that would change nothing
 */
export function readTfjsOptions(
  { quantize, lrnClass }: TfjsCommandOptions,
  target: string,
): TfjsWriteOptions {
  const [flag] = [
    ...(quantize === undefined ? [] : ['--quantize']),
    ...(lrnClass === undefined ? [] : ['--lrn-class']),
  ];
  if (flag !== undefined && !isTfjsModel(target)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${flag} is for models of TensorFlow.js; ${target} is another kind.`,
      hint: `Add --format tfjs, or leave ${flag} out.`,
      path: [flag],
    });
  }
  return {
    ...(quantize === undefined ? {} : { quantization: quantize }),
    ...(lrnClass === undefined ? {} : { lrn: 'class' }),
  };
}
