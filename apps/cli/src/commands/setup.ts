import { tensorFlowFolder } from '@alexnet/train/node';
import { Command, Option } from 'commander';
import { removeTfjs } from '../setup/remove-tfjs.ts';
import { type SetupOutcome, setUpTfjs } from '../setup/setup-tfjs.ts';
import { choosePackage } from '../setup/tfjs-packages.ts';
import { formatBytes } from '../terminal/format.ts';
import { listenForInterruption } from '../terminal/interruption.ts';
import { callerFolder, resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface SetupOptions {
  readonly gpu?: true;
  readonly wheel?: string;
  readonly libtensorflow?: string;
  readonly remove?: true;
  readonly json?: true;
}

export function createSetupCommand(terminal: Terminal): Command {
  return new Command('setup')
    .description('set up what is not installed with alexnet')
    .addCommand(createTfjsCommand(terminal));
}

function createTfjsCommand(terminal: Terminal): Command {
  return new Command('tfjs')
    .description('TensorFlow for the engine tfjs: fetch, build, verify (Linux x64)')
    .option('--gpu', 'for CUDA 12, in place of processors alone')
    .option('--wheel <file>', 'a wheel of TensorFlow that is here already')
    .addOption(
      new Option(
        '--libtensorflow <folder>',
        'an unpacked libtensorflow that is here already',
      ).conflicts('wheel'),
    )
    .addOption(
      new Option('--remove', 'undo all that was set up').conflicts([
        'gpu',
        'wheel',
        'libtensorflow',
      ]),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (options: SetupOptions) => {
      const root = tensorFlowFolder();
      await (options.remove ? remove(terminal, root, options) : setUp(terminal, root, options));
    });
}

const HELP = `
Examples:
  $ alexnet setup tfjs
  $ alexnet setup tfjs --gpu
  $ alexnet setup tfjs --wheel tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl
  $ alexnet setup tfjs --remove

It takes a C++ compiler, and pip unless a library is given.

Environment:
  ALEXNET_CACHE    where it is put (default: ~/.cache/alexnet)
  ALEXNET_PYTHON   the Python whose pip is used
  CXX              the compiler`;

async function setUp(terminal: Terminal, root: string, options: SetupOptions): Promise<void> {
  const { gpu = false, wheel, libtensorflow, json } = options;
  const interruption = listenForInterruption(terminal, 'Stopping; what was begun is taken away.');
  try {
    const outcome = await setUpTfjs(choosePackage({ gpu }), {
      root,
      caller: callerFolder(),
      origin: {
        ...(wheel === undefined ? {} : { wheel: resolvePath(wheel) }),
        ...(libtensorflow === undefined ? {} : { libtensorflow: resolvePath(libtensorflow) }),
      },
      signal: interruption.signal,
      onNote: (text) => terminal.note(text),
    });
    if (json) terminal.result(JSON.stringify(toJson(outcome)));
    else for (const line of describe(outcome)) terminal.result(line);
    if (gpu && outcome.verification?.device === 'cpu') terminal.note(NO_CARD);
  } finally {
    interruption.end();
  }
}

const NO_CARD =
  'note: TensorFlow sees no CUDA device here. It takes a driver (nvidia-smi) and the libraries of CUDA 12 and cuDNN 9; docs/tfjs.md has the command that gets them.';

function toJson({ installed, verification }: SetupOutcome): object {
  return {
    ...installed,
    wasThere: verification === null,
    ...(verification ? { verification } : {}),
  };
}

function describe({ installed, verification }: SetupOutcome): readonly string[] {
  const { package: name, tfjs, tensorflow, directory } = installed;
  const what = `${name} ${tfjs} on TensorFlow ${tensorflow}`;
  if (!verification) return [`${what} is set up already: ${directory}`];
  const { device, node, lossBefore, lossAfter, gradientError } = verification;
  return [
    `${what} is set up: ${directory}`,
    `One training step on ${device} in Node ${node}: loss ${lossBefore.toFixed(4)} to ${lossAfter.toFixed(4)}, gradient within ${gradientError.toExponential(1)} of the reference`,
    'Train with it: alexnet train photos --engine tfjs',
  ];
}

async function remove(terminal: Terminal, root: string, { json }: SetupOptions): Promise<void> {
  const { removed, freedBytes } = await removeTfjs({
    root,
    onNote: (text) => terminal.note(text),
  });
  if (json) {
    terminal.result(JSON.stringify({ removed, freedBytes }));
    return;
  }
  const names = removed.map((each) => each.package).join(' and ');
  terminal.result(
    freedBytes === 0
      ? `Nothing is set up in ${root}.`
      : `Removed ${names === '' ? 'what was left' : names} from ${root}: ${formatBytes(freedBytes)}.`,
  );
}
