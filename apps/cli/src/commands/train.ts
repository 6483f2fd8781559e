import { INIT_SCHEMES, PRESET_IDS } from '@alexnet/core';
import { AUGMENTATION_NAMES } from '@alexnet/data';
import { SCHEDULE_KINDS } from '@alexnet/train';
import { Command, Option } from 'commander';
import { readingOptions } from '../data/source-options.ts';
import { trainingMeanOptions } from '../options/mean-options.ts';
import { belowOne, byteSize, integer, number, positive } from '../options/option-values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { CONVOLUTION_WISHES } from '../train/convolutions.ts';
import { ENGINE_CHOICES, ENGINE_DEVICES } from '../train/engine-choice.ts';
import { OPTIMIZER_NAMES } from '../train/optimizers.ts';
import type { TrainCommandOptions } from '../train/train-options.ts';
import { resumeRun, startRun } from '../train/training-run.ts';

export function createTrainCommand(terminal: Terminal): Command {
  const command = new Command('train')
    .description(
      'train a network on pictures: folders of classes, lists, archives; alexnet data info says which',
    )
    .argument('[data]', 'any data set; with --resume, as before unless given');
  for (const option of [...readingOptions(), ...trainingMeanOptions()]) command.addOption(option);
  return command
    .addOption(
      new Option('--preset <id>', 'which AlexNet (default: by the pictures)').choices(PRESET_IDS),
    )
    .addOption(
      new Option(
        '--from <model>',
        'go on from the weights of a MODEL; a new head for other classes',
      ).conflicts(['preset', 'inputSize', 'width', 'dropout']),
    )
    .addOption(
      new Option(
        '--network <file>',
        'a network of your own (.json), as inspect --graph prints one',
      ).conflicts(['preset', 'from', 'reinit', 'inputSize', 'width', 'dropout']),
    )
    .option('--input-size <pixels>', "height and width of the network's input", integer(1))
    .option('--width <factor>', 'multiplies the width of the hidden layers', positive)
    .option('--dropout <ratio>', 'of every dropout layer (default: as published)', number(0, 0.99))
    .addOption(new Option('--init <scheme>', 'initial weights (default: he)').choices(INIT_SCHEMES))
    .option('--freeze <layers...>', "layers that do not learn: conv1, 'conv*'")
    .option('--unfreeze-at <epoch>', 'with --freeze: from this epoch on they learn', integer(2))
    .option(
      '--feature-variants <k>',
      'with --freeze and --augment: keeps what the frozen layers make of k variants of each picture',
      integer(1),
    )
    .option('--no-feature-cache', 'with --freeze: computes the frozen layers in every step')
    .option(
      '--feature-cache-limit <size>',
      'with --freeze: what all that is kept of frozen layers may take on disk (default: 10GiB)',
      byteSize,
    )
    .option('--reinit <layers...>', "with --from: layers that start anew: fc8, 'fc*'")
    .option('--epochs <n>', 'passes over the training pictures', integer(1))
    .option('--max-steps <n>', 'stop after this many steps', integer(1))
    .option('--batch-size <n>', 'pictures of a step', integer(1))
    .option('--micro-batches <n>', 'take a step in n parts, in less memory', integer(1))
    .addOption(
      new Option('--optimizer <name>', 'update rule (default: sgd)').choices(OPTIMIZER_NAMES),
    )
    .option('--learning-rate <rate>', 'the peak of the schedule', positive)
    .option('--momentum <m>', 'of sgd and lars (default: 0.9), of rmsprop (0)', belowOne)
    .option(
      '--weight-decay <d>',
      '(default: 0.0005 for sgd and lars, 0.01 for adamw, else 0)',
      number(0),
    )
    .option('--lr-mult <layers=factor...>', "another rate: '*.bias=2' fc8=10")
    .option('--decay-mult <layers=factor...>', "another decay: '*.bias=0'")
    .addOption(
      new Option(
        '--clip-norm <limit>',
        'shortens the gradient of a step (default: 2 with sgd on photos); 0 for never',
      )
        .argParser(number(0))
        .conflicts('clipValue'),
    )
    .option('--clip-value <limit>', 'limits each number of the gradient', positive)
    .option(
      '--average-decay <share>',
      'validates and keeps a moving average of the weights: 0.999',
      number(0, 0.999999),
    )
    .addOption(
      new Option('--schedule <kind>', 'how the learning rate moves (default: one-cycle)').choices(
        SCHEDULE_KINDS,
      ),
    )
    .option('--milestones <epochs...>', 'of multistep: when the rate is divided by 10', epochs)
    .option('--warmup <epochs>', 'the rate first rises to its peak', number(0))
    .option('--label-smoothing <share>', 'of each target, to all classes alike', number(0, 0.99))
    .option('--class-weights <w,w,…>', 'one for each class, or "balanced"', toClassWeights)
    .addOption(
      new Option('--mixup <alpha>', 'mixes pictures in pairs: 0.2; 0 mixes none')
        .argParser(number(0))
        .conflicts('cutmix'),
    )
    .option('--cutmix <alpha>', 'covers a part of each picture by another one: 1', positive)
    .addOption(
      new Option('--augment <kind>', 'how training pictures are varied').choices(
        AUGMENTATION_NAMES,
      ),
    )
    .option(
      '--validation <share|data>',
      'share of the pictures held back, or a data set (default: 0.1)',
      toValidation,
    )
    .option(
      '--seed <n>',
      'of weights, split, order, augmentation and dropout (default: 0)',
      integer(0),
    )
    .addOption(
      new Option(
        '--engine <name>',
        'what computes (default: auto, which is tfjs where it is set up and sees a CUDA card, else onnxruntime)',
      ).choices(ENGINE_CHOICES),
    )
    .addOption(
      new Option('--device <name>', "where it computes (default: as the engine's)").choices(
        ENGINE_DEVICES,
      ),
    )
    .addOption(
      new Option(
        '--convolutions <how>',
        'how onnxruntime computes them (default: counted, the same on every machine; measured: the quickest here, by a short trial of each layer)',
      ).choices(CONVOLUTION_WISHES),
    )
    .option('--threads <n>', 'threads of a step (default: the cores of the machine)', integer(1))
    .option('--checkpoint-epochs <n>', 'checkpoints every n epochs (default: 1)', integer(1))
    .option('--checkpoint-steps <n>', 'checkpoints within an epoch, every n steps', integer(1))
    .option('--checkpoint-minutes <n>', 'a checkpoint whenever n minutes have passed', positive)
    .option('--keep <k>', 'the k newest checkpoints stay, beside the best (default: 1)', integer(1))
    .option('--keep-every <n>', 'the checkpoint of every n-th epoch stays for good', integer(1))
    .option('--gradient-histograms', 'for TensorBoard: of a batch, at each checkpoint')
    .option('--out <folder>', 'folder of the run (default: runs/PRESET-N)')
    .addOption(new Option('--resume <run>', 'go on with a run that was stopped').conflicts('out'))
    .addOption(new Option('--dry-run', 'print the plan and stop').conflicts('resume'))
    .addOption(
      new Option(
        '--find-learning-rate <page>',
        'try rates in place of training; draws the curve on an HTML page',
      ).conflicts(['resume', 'dryRun']),
    )
    .option('--json', 'print one JSON object for each event')
    .addHelpText('after', EXAMPLES)
    .action(async (data: string | undefined, options: TrainCommandOptions) => {
      if (options.resume !== undefined)
        await resumeRun(options.resume, { data, options, terminal });
      else await startRun(data, { options, terminal });
    });
}

const EXAMPLES = `
Examples:
  $ alexnet train photos                                   photos/cat/*.jpg, photos/dog/*.jpg
  $ alexnet train mnist --epochs 10                        a folder with idx files
  $ alexnet train photos --preset caffe-alexnet --batch-size 128 --learning-rate 0.01
  $ alexnet train photos --from model.onnx --freeze 'conv*' --reinit 'fc*'
  $ alexnet train mnist --network my-net.json
  $ alexnet train photos --preset paper --augment paper --mean image
  $ alexnet train photos --find-learning-rate rates.html
  $ alexnet train --resume runs/compact-1`;

/** `0.2`, or a path. */
function toValidation(text: string): number | string {
  const [, percent] = /^\s*([\d.]+)\s*%\s*$/.exec(text) ?? [];
  const value = percent === undefined ? Number(text) : Number(percent) / 100;
  return text.trim() !== '' && Number.isFinite(value) ? number(0, 0.9)(String(value)) : text;
}

/** `30 60`, or `30,60`. */
function epochs(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, ...text.split(',').map(positive)];
}

/** `balanced`, or `1,2.5,1`. */
function toClassWeights(text: string): 'balanced' | readonly number[] {
  return text === 'balanced' ? text : text.split(',').map(number(0));
}
