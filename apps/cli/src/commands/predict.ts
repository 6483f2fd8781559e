import { basename } from 'node:path';
import type { DeviceChoice } from '@alexnet/runtime-node';
import { Command } from 'commander';
import { loadClassifier } from '../models/load-model.ts';
import { deviceOption } from '../options/device-option.ts';
import { integer } from '../options/option-values.ts';
import { formatPercent } from '../terminal/format.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface PredictOptions {
  readonly top: number;
  readonly device: DeviceChoice;
  readonly json?: true;
}

export function createPredictCommand(terminal: Terminal): Command {
  return new Command('predict')
    .description('classify pictures')
    .argument('<model>', 'an ONNX file, a run folder, a checkpoint or weights of another program')
    .argument('<picture...>', 'JPEG, PNG, WebP, GIF, AVIF, TIFF or BMP files')
    .option('--top <k>', 'how many classes to print', integer(1), 5)
    .addOption(deviceOption())
    .option('--json', 'print one JSON object for each picture')
    .addHelpText('after', EXAMPLES)
    .action(async (modelPath: string, pictures: string[], options: PredictOptions) => {
      const model = await loadClassifier(modelPath, { device: options.device }, (remark) =>
        terminal.note(`note: ${remark}`),
      );
      try {
        const topK = Math.min(options.top, model.info.labels.length);
        for (const picture of pictures) {
          const top = await model.classify(resolvePath(picture), { topK });
          if (options.json) {
            terminal.result(JSON.stringify({ picture, top }));
            continue;
          }
          if (pictures.length > 1) terminal.result(`${basename(picture)}:`);
          const width = Math.max(...top.map(({ label }) => label.length));
          for (const { label, probability } of top) {
            terminal.result(`${label.padEnd(width)}  ${formatPercent(probability).padStart(7)}`);
          }
        }
      } finally {
        await model.dispose();
      }
    });
}

const EXAMPLES = `
Examples:
  $ alexnet predict model.onnx cat.jpg
  $ alexnet predict runs/compact-1 *.jpg --top 1 --json`;
