import { stat } from 'node:fs/promises';
import { createNetwork, isPresetId, type Network, PRESET_IDS, summarize } from '@alexnet/core';
import { Command } from 'commander';
import { formatCount, formatTable } from '../format.ts';
import { readModel } from '../load-model.ts';
import { integer } from '../option-values.ts';
import { resolvePath } from '../resolve-path.ts';
import type { Terminal } from '../terminal.ts';

interface InspectOptions {
  readonly classes?: number;
  readonly inputSize?: number;
  readonly json?: true;
}

export function createInspectCommand(terminal: Terminal): Command {
  return new Command('inspect')
    .description('show the layers of a preset, an ONNX file, a run or a checkpoint')
    .argument('<x>', `a MODEL, or a preset: ${PRESET_IDS.join(', ')}`)
    .option('--classes <n>', 'of a preset: width of the output', integer(2))
    .option('--input-size <pixels>', 'of a preset: height and width of the input', integer(1))
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (x: string, options: InspectOptions) => {
      const { preset, graph } = await findNetwork(x, options);
      const { name, inputShape, parameters, multiplyAdds, layers } = summarize(graph);
      if (options.json) {
        terminal.result(
          JSON.stringify({ name, preset, inputShape, parameters, multiplyAdds, layers }),
        );
        return;
      }
      terminal.result(`${name}: input ${formatShapeOfBatch(inputShape)}`);
      const rows = layers.map((layer) => [
        layer.name,
        layer.op,
        formatShapeOfBatch(layer.outputShape),
        layer.parameters,
        layer.multiplyAdds,
      ]);
      const header = ['layer', 'op', 'output', 'parameters', 'multiply-adds'];
      for (const line of formatTable(header, rows)) terminal.result(line);
      terminal.result(
        `${formatCount(parameters)} parameters, ${formatCount(multiplyAdds)} multiply-adds a picture`,
      );
    });
}

const EXAMPLES = `
Examples:
  $ alexnet inspect torchvision
  $ alexnet inspect mnist --classes 26 --json
  $ alexnet inspect runs/compact-1`;

async function findNetwork(
  x: string,
  { classes, inputSize }: InspectOptions,
): Promise<Pick<Network, 'preset' | 'graph'>> {
  const isFile = await stat(resolvePath(x)).then(
    () => true,
    () => false,
  );
  if (isPresetId(x) && !isFile) {
    return createNetwork(x, {
      ...(classes === undefined ? {} : { classes }),
      ...(inputSize === undefined ? {} : { inputSize }),
    });
  }
  const { model } = await readModel(x);
  return { preset: model.metadata.preset, graph: model.graph };
}

function formatShapeOfBatch([, ...rest]: readonly number[]): string {
  return `[${['N', ...rest].join(', ')}]`;
}
