import { AlexNetError, createRandom, type Preprocessing, sizeOf, type Tensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { countChannels, type Picture, preprocess } from '@alexnet/data';
import type { ComputeType } from '@alexnet/export';
import type { DeviceChoice } from '@alexnet/runtime-node';
import { Command } from 'commander';
import { type Comparison, comparePredictions } from '../compare-predictions.ts';
import { deviceOption } from '../device-option.ts';
import { formatPercent, formatTable } from '../format.ts';
import { readModel } from '../load-model.ts';
import { openTestData } from '../open-data.ts';
import { openModel } from '../open-model.ts';
import { integer, positive } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

interface ParityOptions {
  readonly pictures?: string;
  readonly count: number;
  readonly seed: number;
  readonly tolerance?: number;
  readonly device: DeviceChoice;
  readonly json?: true;
}

/** A runtime of this machine, beside the one that all are held against. */
interface ParityRow extends Comparison {
  readonly runtime: string;
  readonly device: string;
  /** For one picture. */
  readonly milliseconds: number;
}

interface Parity {
  readonly rows: readonly ParityRow[];
  /** What the network computes in. */
  readonly compute: ComputeType;
}

/** Errors of rounding, as a share of the largest logit: all that runtimes may differ by. */
const TOLERANCES: Readonly<Record<ComputeType, number>> = {
  float32: 1e-5,
  float16: 1e-2,
  int8: 0.1,
};

export function createParityCommand(terminal: Terminal): Command {
  return new Command('parity')
    .description('run one model through every runtime and say whether they agree')
    .argument('<model>', 'an ONNX file that we wrote, a run folder or a checkpoint')
    .option('--pictures <data>', 'a folder of pictures or idx files (default: pictures of noise)')
    .option('--count <n>', 'how many pictures', integer(1), 4)
    .option('--seed <n>', 'of the noise', integer(0), 0)
    .option(
      '--tolerance <share>',
      'largest error allowed, of the largest logit (default: 1e-5; 1e-2 of a network in float16)',
      positive,
    )
    .addOption(deviceOption())
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (argument: string, options: ParityOptions) => {
      const { rows, compute } = await measureParity(argument, options);
      const tolerance = options.tolerance ?? TOLERANCES[compute];
      const failed = rows.filter((row) => !(row.maxRelativeError <= tolerance));
      if (options.json) {
        terminal.result(JSON.stringify({ rows, passed: failed.length === 0 }));
      } else {
        for (const line of describeRows(rows, tolerance)) terminal.result(line);
      }
      const [worst] = failed;
      if (worst) {
        throw new AlexNetError('PARITY', {
          message: `${worst.runtime} on ${worst.device} differs by ${worst.maxRelativeError.toExponential(1)} of the largest logit; ${tolerance} is allowed.`,
          hint: 'Please report it with the model, the versions and the machine.',
        });
      }
    });
}

const EXAMPLES = `
Examples:
  $ alexnet parity model.onnx
  $ alexnet parity runs/compact-1 --pictures photos --count 16 --json`;

async function measureParity(argument: string, options: ParityOptions): Promise<Parity> {
  const { model } = await readModel(argument);
  const { graph, weights, metadata } = model;
  const pictures = options.pictures
    ? await readPictures(options.pictures, metadata.labels, options.count)
    : makeNoise(metadata.preprocessing, graph.input.shape, options);
  const input = toTensor(pictures, metadata.preprocessing, graph.input.shape);
  const classes = metadata.labels.length;

  const [reference, referenceMs] = await timed(async () => {
    const values = interpret(graph, weights, input).get(graph.output);
    return values?.data ?? new Float64Array();
  });
  const opened = await openModel(argument, options.device);
  try {
    const count = pictures.length;
    // A file that prepares its pictures itself takes them as they are.
    const { data } = toTensor(pictures, opened.metadata.preprocessing, graph.input.shape);
    await opened.forward(data, count); // The first run pays for memory that later ones reuse.
    const [logits, ms] = await timed(() => opened.forward(data, count));
    const { runtime, version, device } = opened.session.info;
    const rows = [
      {
        runtime: 'interpreter',
        device: 'cpu, float64',
        ...comparePredictions(reference, reference, classes),
        milliseconds: referenceMs / count,
      },
      {
        runtime: `${runtime} ${version}`,
        device,
        ...comparePredictions(reference, logits, classes),
        milliseconds: ms / count,
      },
    ];
    return { rows, compute: opened.precision.compute };
  } finally {
    await opened.session.dispose();
  }
}

async function readPictures(
  argument: string,
  labels: readonly string[],
  count: number,
): Promise<readonly Picture[]> {
  const dataset = await openTestData(argument, labels);
  const wanted = Math.min(count, dataset.length);
  // Spread over the data set, which stands in the order of its classes.
  const indices = Array.from({ length: wanted }, (_, i) =>
    Math.floor((i * dataset.length) / wanted),
  );
  return Promise.all(indices.map((index) => dataset.readPicture(index)));
}

function makeNoise(
  { channels }: Preprocessing,
  [, height = 1, width = 1]: readonly number[],
  { count, seed }: ParityOptions,
): readonly Picture[] {
  return Array.from({ length: count }, (_, index) => {
    const random = createRandom(seed).split('noise', index);
    const depth = countChannels(channels);
    const pixels = Uint8Array.from({ length: width * height * depth }, () => random.integer(256));
    return { width, height, channels: depth, pixels };
  });
}

function toTensor(
  pictures: readonly Picture[],
  preprocessing: Preprocessing,
  shape: readonly number[],
): Tensor {
  const size = sizeOf([countChannels(preprocessing.channels), ...shape.slice(1)]);
  const data = new Float32Array(pictures.length * size);
  for (const [index, picture] of pictures.entries())
    preprocess(picture, preprocessing, data, index * size);
  return { shape: [pictures.length, ...shape], data };
}

async function timed<Value>(work: () => Promise<Value>): Promise<readonly [Value, number]> {
  const startedMs = performance.now();
  const value = await work();
  return [value, performance.now() - startedMs];
}

function describeRows(rows: readonly ParityRow[], tolerance: number): readonly string[] {
  const cells = rows.map((row) => [
    row.runtime,
    row.device,
    row.maxAbsoluteError.toExponential(1),
    row.maxRelativeError.toExponential(1),
    formatPercent(row.top1Agreement),
    row.milliseconds.toFixed(1),
  ]);
  const header = [
    'runtime',
    'device',
    'largest error',
    'of largest logit',
    'same top-1',
    'ms a picture',
  ];
  return [...formatTable(header, cells), `Allowed: ${tolerance} of the largest logit.`];
}
