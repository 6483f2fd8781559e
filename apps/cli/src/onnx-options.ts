import { AlexNetError } from '@alexnet/core';
import type { ExportOptions } from '@alexnet/export';
import type { WriteOnnxOptions } from '@alexnet/export/node';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { byteSize } from './option-values.ts';

/** What a command that writes ONNX files knows about them. */
export interface OnnxCommandOptions {
  readonly output?: NonNullable<ExportOptions['output']>;
  readonly features?: readonly string[];
  readonly lrn?: NonNullable<ExportOptions['lrn']>;
  readonly weights?: NonNullable<ExportOptions['weights']>;
  readonly externalData?: true;
  readonly shardSize?: number;
}

/** Adds the options of an ONNX file to a command. */
export function addOnnxOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--output <what>',
        'scores (logits, the default), probabilities (a Softmax behind them), or both',
      ).choices(['logits', 'probabilities', 'both']),
    )
    .option('--features <layers>', 'layers that are outputs too: conv5,pool5,fc7', names)
    .addOption(
      new Option(
        '--lrn <form>',
        'local response normalisation as ONNX has it (native, the default), or as a convolution, which WebGPU in browsers runs',
      ).choices(['native', 'conv']),
    )
    .addOption(
      new Option(
        '--weights <type>',
        'what weights are kept in (float32, the default); the network computes in float32 all the same',
      ).choices(['float32', 'float16', 'int8']),
    )
    .option('--external-data', 'weights in files beside the model, small enough for web servers')
    .addOption(
      new Option('--shard-size <size>', 'of the largest of these files (default: 20MiB)')
        .argParser(byteSize)
        .implies({ externalData: true }),
    );
}

/**
 * The options as an export takes them.
 *
 * @param path - of the file that is written
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if there are some and the file is not ONNX: an option that would
 *   change nothing is a misunderstanding
 */
export function readOnnxOptions(
  { output, features, lrn, weights, externalData, shardSize }: OnnxCommandOptions,
  path: string,
): WriteOnnxOptions {
  const options: WriteOnnxOptions = {
    ...(output === undefined ? {} : { output }),
    ...(features === undefined ? {} : { features }),
    ...(lrn === undefined ? {} : { lrn }),
    ...(weights === undefined ? {} : { weights }),
    ...(externalData === undefined ? {} : { externalData }),
    ...(shardSize === undefined ? {} : { shardSizeBytes: shardSize }),
  };
  const [first] = Object.keys(options).map(toFlag);
  if (first === undefined || path.toLowerCase().endsWith('.onnx')) return options;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${first} is for ONNX files; ${path} is another kind.`,
    hint: `Leave ${first} out, or give the file a name that ends with .onnx.`,
    path: [first],
  });
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
