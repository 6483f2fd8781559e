import { createModel, PRESET_IDS, type PresetId } from '@alexnet/core';
import { CONVOLUTION_RECIPES, type ConvolutionRecipe } from '@alexnet/train';
import { createStepTrial, measureConvolutions } from '@alexnet/train/node';
import { Command, Option } from 'commander';
import { describeProfile } from '../bench/describe-profile.ts';
import { integer } from '../options/option-values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { measurementsFolder } from '../train/convolutions.ts';

interface TrainingBenchOptions {
  readonly preset: PresetId;
  readonly batchSize: number;
  readonly steps: number;
  readonly threads?: number;
  readonly convolutions: ConvolutionRecipe | 'measured';
  readonly profile: boolean;
  readonly json?: true;
}

/** The first steps pay for memory that later ones reuse. */
const WARM_UP = 2;

export function createBenchCommand(terminal: Terminal): Command {
  const training = new Command('training')
    .description('time full training steps on pictures of noise: forward, backward, update')
    .addOption(
      new Option('--preset <name>', 'the network').choices(PRESET_IDS).default('torchvision'),
    )
    .option('--batch-size <n>', 'pictures of a step', integer(1), 32)
    .option('--steps <n>', `steps to time, after ${WARM_UP} to warm up`, integer(1), 8)
    .option('--threads <n>', 'of a step (default: onnxruntime decides)', integer(1))
    .addOption(
      new Option('--convolutions <how>', 'how they are computed')
        .choices([...CONVOLUTION_RECIPES, 'measured'])
        .default('counted'),
    )
    .option('--profile', 'show where the time goes, by layer and kind', false)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((options: TrainingBenchOptions) => benchTraining(terminal, options));
  return new Command('bench').description('measure this machine').addCommand(training);
}

const EXAMPLES = `
Examples:
  $ alexnet bench training --preset caffe-alexnet --batch-size 128
  $ alexnet bench training --profile --threads 2
  $ alexnet bench training --convolutions measured`;

async function benchTraining(terminal: Terminal, options: TrainingBenchOptions): Promise<void> {
  const { preset, batchSize, steps, threads, profile, json } = options;
  const { graph, weights } = createModel(preset);
  const convolutions =
    options.convolutions === 'measured'
      ? await measureConvolutions({
          graph,
          batchSize,
          frozen: [],
          folder: measurementsFolder(),
          onTrial: (layer) => terminal.status(`trying recipes of ${layer} …`),
          onTrouble: ({ message }) => terminal.note(message),
          ...(threads === undefined ? {} : { threads }),
        })
      : options.convolutions;
  const trial = await createStepTrial({
    graph,
    weights,
    batchSize,
    convolutions,
    profile,
    ...(threads === undefined ? {} : { threads }),
  });
  const durationsMs: number[] = [];
  for (let step = 0; step < WARM_UP + steps; step++) {
    terminal.status(`step ${step + 1} of ${WARM_UP + steps} …`);
    const ms = await trial.take();
    if (step >= WARM_UP) durationsMs.push(ms);
  }
  const rows = await trial.end(WARM_UP);
  durationsMs.sort((a, b) => a - b);
  const medianMs = durationsMs[Math.floor(durationsMs.length / 2)] ?? 0;
  const result = {
    preset,
    batchSize,
    steps,
    convolutions,
    engine: trial.info,
    setUpMs: trial.setUpMs,
    medianMs,
    fastestMs: durationsMs[0] ?? 0,
    picturesPerSecond: (1000 * batchSize) / medianMs,
    peakMemoryMiB: process.resourceUsage().maxRSS / 1024,
    ...(rows === null ? {} : { profile: rows }),
  };
  if (json) {
    terminal.result(JSON.stringify(result));
    return;
  }
  terminal.result(
    `${preset}, batch ${batchSize}: ${medianMs.toFixed(0)} ms a step (fastest ${result.fastestMs.toFixed(0)}), ${result.picturesPerSecond.toFixed(1)} pictures/s, ${result.peakMemoryMiB.toFixed(0)} MiB at most, set up in ${trial.setUpMs.toFixed(0)} ms`,
  );
  for (const line of rows === null ? [] : describeProfile(rows)) terminal.result(line);
}
