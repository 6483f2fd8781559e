import { AlexNetError } from '@alexnet/core';
import {
  type About,
  CALIBRATION_METHODS,
  type CalibrationMethod,
  type ExportOptions,
} from '@alexnet/export';
import type { WriteOnnxOptions } from '@alexnet/export/node';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { byteSize, integer } from './option-values.ts';

/** What a command that writes ONNX files knows about them. */
export interface OnnxCommandOptions {
  readonly output?: NonNullable<ExportOptions['output']>;
  readonly features?: readonly string[];
  readonly lrn?: NonNullable<ExportOptions['lrn']>;
  readonly batch?: NonNullable<ExportOptions['batch']>;
  readonly dtype?: NonNullable<ExportOptions['dtype']>;
  readonly io?: NonNullable<ExportOptions['io']>;
  readonly calibrate?: string;
  readonly calibration?: CalibrationMethod;
  readonly floatLayers?: readonly string[];
  readonly weights?: NonNullable<ExportOptions['weights']>;
  readonly embed?: NonNullable<ExportOptions['embed']>;
  readonly opset?: number;
  readonly irVersion?: number;
  readonly name?: string;
  readonly description?: string;
  readonly author?: string;
  readonly license?: string;
  readonly version?: number;
  readonly externalData?: true;
  readonly shardSize?: number;
}

/** Adds the options of an ONNX file to a command. */
export function addOnnxOptions(command: Command): Command {
  addEnds(command);
  addForms(command);
  return addAbout(command)
    .option('--external-data', 'weights in files beside the model, small enough for web servers')
    .addOption(
      new Option('--shard-size <size>', 'of the largest of these files (default: 20MiB)')
        .argParser(byteSize)
        .implies({ externalData: true }),
    );
}

function addEnds(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--output <what>',
        'scores (logits, the default), probabilities (a Softmax behind them), or both',
      ).choices(['logits', 'probabilities', 'both']),
    )
    .option('--features <layers>', 'layers that are outputs too: conv5,pool5,fc7', names)
    .option(
      '--batch <n>',
      'pictures of a run: dynamic (any number, the default), or how many',
      batch,
    );
}

function addForms(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--lrn <form>',
        'local response normalisation as ONNX has it (native, the default), or as a convolution, which WebGPU in browsers runs',
      ).choices(['native', 'conv']),
    )
    .addOption(
      new Option(
        '--dtype <type>',
        'what the network computes in (float32, the default), weights and all',
      ).choices(['float32', 'float16', 'int8']),
    )
    .option(
      '--calibrate <data>',
      'with --dtype int8: pictures that ranges are measured on, a folder',
    )
    .addOption(
      new Option(
        '--calibration <method>',
        'with --dtype int8: what becomes of rare large values (default: min-max, which keeps them)',
      ).choices(CALIBRATION_METHODS),
    )
    .option('--float-layers <layers>', 'with --dtype int8: layers in float32: conv1,fc8', names)
    .addOption(
      new Option(
        '--io <type>',
        'with --dtype float16: type of input and outputs (float32, the default)',
      ).choices(['float32', 'float16']),
    )
    .addOption(
      new Option(
        '--weights <type>',
        'what the weights of a float32 network are kept in (float32, the default)',
      ).choices(['float32', 'float16', 'int8']),
    )
    .addOption(
      new Option(
        '--embed <what>',
        'the file prepares its pictures: bytes of its own size (preprocessing), or of any size (resize); none is the default',
      ).choices(['none', 'preprocessing', 'resize']),
    )
    .option('--opset <n>', "version of ONNX's operators, 13 to 26 (default: 20)", integer(1))
    .option(
      '--ir-version <n>',
      'version of the file format (default: as the operators)',
      integer(1),
    );
}

function addAbout(command: Command): Command {
  return command
    .option('--name <text>', 'of the network, for viewers')
    .option('--description <text>', 'of the model, for viewers')
    .option('--author <text>', 'of the model')
    .option('--license <id>', 'of the model: Apache-2.0')
    .option('--version <n>', 'of the model, a whole number', integer(0));
}

/**
 * The options as an export takes them.
 *
 * @param path - of the file that is written
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if there are some and the file is not ONNX: an option that would
 *   change nothing is a misunderstanding
 */
export function readOnnxOptions(given: OnnxCommandOptions, path: string): WriteOnnxOptions {
  const { output, features, batch, lrn, dtype, io, weights, embed, opset, irVersion } = given;
  const { externalData, shardSize, floatLayers } = given;
  checkCalibration(given);
  const about = readAbout(given);
  const options: WriteOnnxOptions = {
    ...(output === undefined ? {} : { output }),
    ...(features === undefined ? {} : { features }),
    ...(batch === undefined ? {} : { batch }),
    ...(lrn === undefined ? {} : { lrn }),
    ...(dtype === undefined ? {} : { dtype }),
    ...(io === undefined ? {} : { io }),
    ...(floatLayers === undefined ? {} : { floatLayers }),
    ...(weights === undefined ? {} : { weights }),
    ...(embed === undefined ? {} : { embed }),
    ...(opset === undefined ? {} : { opset }),
    ...(irVersion === undefined ? {} : { irVersion }),
    ...(externalData === undefined ? {} : { externalData }),
    ...(shardSize === undefined ? {} : { shardSizeBytes: shardSize }),
  };
  const [first] = [...Object.keys(options), ...Object.keys(about)].map(toFlag);
  if (first === undefined) return {};
  if (path.toLowerCase().endsWith('.onnx')) return { ...options, about };
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${first} is for ONNX files; ${path} is another kind.`,
    hint: `Leave ${first} out, or give the file a name that ends with .onnx.`,
    path: [first],
  });
}

/** Ranges are measured for integers alone, and there are no integers without. */
function checkCalibration({ dtype, calibrate, calibration }: OnnxCommandOptions): void {
  if (dtype === 'int8' && calibrate === undefined) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: '--dtype int8 has to know between what values lie.',
      hint: 'Add --calibrate FOLDER, with pictures like those that the model is for; a hundred are enough.',
      path: ['--calibrate'],
    });
  }
  if (dtype === 'int8' || (calibrate === undefined && calibration === undefined)) return;
  const flag = calibrate === undefined ? '--calibration' : '--calibrate';
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${flag} is for --dtype int8, and this is ${dtype ?? 'float32'}.`,
    hint: `Add --dtype int8, or leave ${flag} out.`,
    path: [flag],
  });
}

function readAbout({ name, description, author, license, version }: OnnxCommandOptions): About {
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(author === undefined ? {} : { author }),
    ...(license === undefined ? {} : { license }),
    ...(version === undefined ? {} : { version }),
  };
}

/** `--external-data` of `externalData` */
function toFlag(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `conv5,pool5` */
function names(text: string): readonly string[] {
  const list = text.split(',').map((name) => name.trim());
  if (list.includes('')) {
    throw new InvalidArgumentError('It should be names with commas between them.');
  }
  return list;
}

/** `dynamic`, or a number from 1. */
function batch(text: string): 'dynamic' | number {
  return text === 'dynamic' ? text : integer(1)(text);
}
