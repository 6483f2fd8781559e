import type { DeviceChoice } from '@alexnet/runtime-node';
import { type Evaluation, evaluate } from '@alexnet/train';
import { Command, Option } from 'commander';
import { openTestData } from '../data/open-data.ts';
import { createLog, readingOptions, type SourceOptions } from '../data/source-options.ts';
import { openModel } from '../models/open-model.ts';
import { deviceOption } from '../options/device-option.ts';
import { integer } from '../options/option-values.ts';
import { formatCount, formatPercent, formatTable } from '../terminal/format.ts';
import { createProgress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface EvalOptions extends SourceOptions {
  readonly batchSize: number;
  readonly device: DeviceChoice;
  readonly crops: '1' | '10';
  readonly json?: true;
}

export function createEvalCommand(terminal: Terminal): Command {
  const command = new Command('eval')
    .description('measure a model on pictures whose classes are known')
    .argument('<model>', 'an ONNX file, a run folder, a checkpoint or weights of another program')
    .argument(
      '<data>',
      'any data set; its test pictures, else its validation pictures, else all of it',
    );
  for (const option of readingOptions()) command.addOption(option);
  return command
    .option('--batch-size <n>', 'pictures of a run', integer(1), 32)
    .addOption(
      new Option(
        '--crops <n>',
        'of each picture, whose probabilities are averaged: 10 as in the paper',
      )
        .choices(['1', '10'])
        .default('1'),
    )
    .addOption(deviceOption())
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (modelArgument: string, dataArgument: string, options: EvalOptions) => {
      const model = await openModel(modelArgument, options.device);
      try {
        const dataset = await openTestData(dataArgument, model.metadata.labels, options);
        const badPictures = createLog(dataset, options);
        const progress = createProgress(terminal, {
          label: 'evaluating',
          total: dataset.length,
          unit: 'pictures',
        });
        const evaluation = await evaluate({
          dataset,
          preprocessing: model.metadata.preprocessing,
          // Pictures of a run count as what is run.
          batchSize: Math.max(1, Math.floor(options.batchSize / Number(options.crops))),
          crops: options.crops === '10' ? 10 : 1,
          forward: model.forward,
          badPictures,
          onProgress: (pictures) => progress.update(pictures),
        });
        progress.finish();
        for (const name of badPictures.names) {
          terminal.note(`warning: Skipped ${name}: ${badPictures.reasons.get(name)}`);
        }
        if (options.json) terminal.result(JSON.stringify(evaluation));
        else for (const line of describeEvaluation(evaluation)) terminal.result(line);
      } finally {
        await model.session.dispose();
      }
    });
}

const EXAMPLES = `
Examples:
  $ alexnet eval model.onnx photos-for-testing
  $ alexnet eval caffe-alexnet.onnx imagenet --crops 10
  $ alexnet eval runs/mnist-1 mnist --json`;

function describeEvaluation({ count, loss, top1, top5, classes }: Evaluation): readonly string[] {
  const rows = classes.map(({ label, precision, recall, f1 }) => [
    label,
    formatPercent(precision),
    formatPercent(recall),
    formatPercent(f1),
  ]);
  return [
    `${formatCount(count)} pictures: top-1 ${formatPercent(top1)}, top-5 ${formatPercent(top5)}, loss ${loss.toFixed(4)}`,
    ...formatTable(['class', 'precision', 'recall', 'F1'], rows),
  ];
}
