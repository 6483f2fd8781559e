import {
  compareGraphs,
  compareWeights,
  estimateTrainingMemory,
  formatNetwork,
  PRESET_IDS,
  summarize,
} from '@alexnet/core';
import { Command, Option } from 'commander';
import { type Comparison, describeComparison } from '../inspect/inspect-comparison.ts';
import { describeLayers } from '../inspect/inspect-layers.ts';
import { type FoundNetwork, findNetwork } from '../models/find-network.ts';
import { integer } from '../options/option-values.ts';
import {
  addPresetOptions,
  type PresetCommandOptions,
  readPresetOptions,
} from '../options/preset-options.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface InspectOptions extends PresetCommandOptions {
  readonly batchSize: number;
  readonly against?: string;
  readonly graph?: true;
  readonly json?: true;
}

export function createInspectCommand(terminal: Terminal): Command {
  const command = new Command('inspect')
    .description('show the layers of a network: shapes, parameters, memory, receptive fields')
    .argument('<x>', `a MODEL, a network (.json), or a preset: ${PRESET_IDS.join(', ')}`)
    .option('--against <y>', 'show where another network differs')
    .option('--batch-size <n>', 'pictures of a training step', integer(1), 32)
    .addOption(
      new Option('--graph', 'print the network file, which train --network reads').conflicts(
        'against',
      ),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (x: string, options: InspectOptions) => {
      const { against } = options;
      const preset = await readPresetOptions(options, against ? [x, against] : [x]);
      const findOptions = { preset, withWeights: against !== undefined };
      const network = await findNetwork(x, findOptions);
      if (against !== undefined) {
        const other = await findNetwork(against, findOptions);
        compare(terminal, [x, network], [against, other], options);
      } else if (options.graph) {
        terminal.result(formatNetwork(network.graph, network.preprocessing ?? undefined));
      } else {
        inspect(terminal, network, options);
      }
    });
  return addPresetOptions(command);
}

const EXAMPLES = `
Examples:
  $ alexnet inspect torchvision
  $ alexnet inspect mnist --classes 26 --json
  $ alexnet inspect runs/compact-1 --batch-size 128
  $ alexnet inspect caffe-alexnet --against caffenet
  $ alexnet inspect mini --graph > my-net.json`;

function inspect(
  terminal: Terminal,
  { preset, graph }: FoundNetwork,
  { batchSize, json }: InspectOptions,
): void {
  const summary = summarize(graph);
  const training = { batchSize, ...estimateTrainingMemory(graph, { batchSize }) };
  if (json) {
    const { name, ...rest } = summary;
    terminal.result(JSON.stringify({ name, preset, ...rest, training }));
    return;
  }
  for (const line of describeLayers(summary, training)) terminal.result(line);
}

type Named = readonly [argument: string, network: FoundNetwork];

function compare(
  terminal: Terminal,
  [nameA, a]: Named,
  [nameB, b]: Named,
  { json }: InspectOptions,
): void {
  const comparison: Comparison = {
    a: { source: nameA, name: a.graph.name, preset: a.preset },
    b: { source: nameB, name: b.graph.name, preset: b.preset },
    ...compareGraphs(a.graph, b.graph),
    weights:
      a.weights && b.weights
        ? compareWeights(
            { graph: a.graph, weights: a.weights },
            { graph: b.graph, weights: b.weights },
          )
        : null,
  };
  if (json) terminal.result(JSON.stringify(comparison));
  else for (const line of describeComparison(comparison)) terminal.result(line);
}
