import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Terminal } from './terminal/terminal.ts';

type CreateCommand = (terminal: Terminal) => Command;

/** Each loads what it needs, and only when it is called: importing weights should not wait for training. */
const COMMANDS: ReadonlyMap<string, () => Promise<CreateCommand>> = new Map([
  ['train', async () => (await import('./commands/train.ts')).createTrainCommand],
  ['data', async () => (await import('./commands/data.ts')).createDataCommand],
  ['eval', async () => (await import('./commands/eval.ts')).createEvalCommand],
  ['predict', async () => (await import('./commands/predict.ts')).createPredictCommand],
  ['export', async () => (await import('./commands/export.ts')).createExportCommand],
  ['import', async () => (await import('./commands/import.ts')).createImportCommand],
  ['inspect', async () => (await import('./commands/inspect.ts')).createInspectCommand],
  ['draw', async () => (await import('./commands/draw.ts')).createDrawCommand],
  ['parity', async () => (await import('./commands/parity.ts')).createParityCommand],
  ['bench', async () => (await import('./commands/bench.ts')).createBenchCommand],
  ['doctor', async () => (await import('./commands/doctor.ts')).createDoctorCommand],
  ['weights', async () => (await import('./commands/weights.ts')).createWeightsCommand],
  ['setup', async () => (await import('./commands/setup.ts')).createSetupCommand],
]);

/**
 * The command line: options are strict, an unknown one is answered with the nearest.
 *
 * @param wanted - the command that is called; all of them if it is none
 */
export async function createProgram(terminal: Terminal, wanted: string = ''): Promise<Command> {
  const program = new Command('alexnet')
    .description('Train AlexNet, export ONNX, run it anywhere.')
    .version(readVersion(), '-V, --version', 'print the version')
    // Behind the name of a command, --version is the command's own: of the model that is exported.
    .enablePositionalOptions()
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXAMPLES);
  const one = COMMANDS.get(wanted);
  for (const load of one ? [one] : COMMANDS.values()) {
    const create = await load();
    program.addCommand(create(terminal));
  }
  configure(program, 'alexnet', terminal);
  return program;
}

/** @param name - as it is called: `alexnet weights get` */
function configure(command: Command, name: string, terminal: Terminal): void {
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .showHelpAfterError(`See "${name} --help".`)
    .configureOutput({
      writeOut: (text) => terminal.result(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
    });
  for (const each of command.commands) configure(each, `${name} ${each.name()}`, terminal);
}

const EXAMPLES = `
Examples:
  $ alexnet train photos                          one folder for each class
  $ alexnet export model.onnx                     the best checkpoint of the newest run
  $ alexnet predict model.onnx photo.jpg
  $ alexnet parity model.onnx                     do the runtimes agree?
  $ alexnet inspect caffe-alexnet
  $ alexnet draw caffe-alexnet network.svg
  $ alexnet weights list                          what others published
  $ alexnet import alexnet.pth -o model.onnx      weights of other programs
  $ alexnet doctor alexnet.npy --pictures photos  why are its answers wrong?
  $ alexnet setup tfjs                            TensorFlow, as a second engine

MODEL is an ONNX file, a run folder, a checkpoint, a weight file of another program (.pth, .npy,
.caffemodel, .h5, …), or published weights by their name.`;

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
