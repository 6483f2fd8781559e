import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { createEvalCommand } from './commands/eval.ts';
import { createExportCommand } from './commands/export.ts';
import { createInspectCommand } from './commands/inspect.ts';
import { createParityCommand } from './commands/parity.ts';
import { createPredictCommand } from './commands/predict.ts';
import { createTrainCommand } from './commands/train.ts';
import type { Terminal } from './terminal.ts';

const COMMANDS = [
  createTrainCommand,
  createEvalCommand,
  createPredictCommand,
  createExportCommand,
  createInspectCommand,
  createParityCommand,
];

/** The whole command line: options are strict, an unknown one is answered with the nearest. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('alexnet')
    .description('Train AlexNet, export ONNX, run it anywhere.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXAMPLES);
  for (const create of COMMANDS) program.addCommand(create(terminal));
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showSuggestionAfterError(true)
      .showHelpAfterError(`See "alexnet ${command === program ? '' : `${command.name()} `}--help".`)
      .configureOutput({
        writeOut: (text) => terminal.result(text.trimEnd()),
        writeErr: (text) => terminal.note(text.trimEnd()),
      });
  }
  return program;
}

const EXAMPLES = `
Examples:
  $ alexnet train photos                          one folder for each class
  $ alexnet export model.onnx                     the best checkpoint of the newest run
  $ alexnet predict model.onnx photo.jpg
  $ alexnet parity model.onnx                     do the runtimes agree?
  $ alexnet inspect caffe-alexnet

MODEL is an ONNX file, a run folder or a checkpoint.`;

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
