import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CATALOGUE, getPublishedWeights, type PublishedWeights } from '@alexnet/weights';
import { weightsFolder } from '@alexnet/weights/node';
import { Command } from 'commander';
import { fetchWithProgress } from '../models/catalogue-file.ts';
import { formatBytes, formatShortBytes, formatTable } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface JsonOption {
  readonly json?: true;
}

export function createWeightsCommand(terminal: Terminal): Command {
  return new Command('weights')
    .description('weights that others published: what there is, and fetching it')
    .addCommand(createListCommand(terminal))
    .addCommand(createGetCommand(terminal))
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
Examples:
  $ alexnet weights list
  $ alexnet weights get torchvision
  $ alexnet train photos --from torchvision        fetches them when first wanted`;

function createListCommand(terminal: Terminal): Command {
  return new Command('list')
    .description('what there is: files, sizes, presets, accuracies, licences')
    .option('--json', 'print one JSON object, with addresses, checksums and sources')
    .action(async ({ json }: JsonOption) => {
      const folder = weightsFolder();
      const listed = await Promise.all(
        CATALOGUE.map(async (weights) => ({
          ...weights,
          isCached: await isThere(join(folder, weights.fileName), weights),
        })),
      );
      if (json) terminal.result(JSON.stringify({ folder, weights: listed }));
      else for (const line of describeList(listed, folder)) terminal.result(line);
    });
}

type Listed = PublishedWeights & { readonly isCached: boolean };

/** By its size alone: `get` looks at every byte. */
async function isThere(path: string, { sizeBytes }: PublishedWeights): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  return stats?.isFile() === true && stats.size === sizeBytes.value;
}

function describeList(listed: readonly Listed[], folder: string): readonly string[] {
  const header = ['weights', 'file', 'size', 'preset', 'top-1 %', 'top-5 %', 'here', 'licence'];
  const rows = listed.map(
    ({ id, fileName, sizeBytes, preset, accuracy: [accuracy], isCached, licence }) => [
      id,
      fileName,
      formatShortBytes(sizeBytes.value),
      preset,
      accuracy ? String(accuracy.top1) : '–',
      accuracy ? String(accuracy.top5) : '–',
      isCached ? 'yes' : '–',
      licence.value,
    ],
  );
  return [
    ...formatTable(header, rows, { rightAligned: ['size', 'top-1 %', 'top-5 %'] }),
    '',
    `They are kept in ${folder}. Fetch one: alexnet weights get torchvision`,
  ];
}

function createGetCommand(terminal: Terminal): Command {
  return new Command('get')
    .description('fetch weights into the cache, unless they are there; prints where')
    .argument('<id>', 'as "weights list" has it, or the name of the file')
    .option('--json', 'print one JSON object')
    .addHelpText('after', ENVIRONMENT)
    .action(async (id: string, { json }: JsonOption) => {
      const weights = getPublishedWeights(id);
      const { file, wasCached } = await fetchWithProgress(weights, terminal);
      if (json) terminal.result(JSON.stringify(describeFetched(weights, file, wasCached)));
      else {
        const size = formatBytes(weights.sizeBytes.value);
        terminal.result(`${file}: ${weights.title}, ${size}, checksums as published`);
        for (const note of weights.notes) terminal.note(`note: ${note}`);
      }
    });
}

const ENVIRONMENT = `
Environment:
  ALEXNET_CACHE            where files are kept (default: ~/.cache/alexnet)
  ALEXNET_WEIGHTS_MIRROR   a web folder that is asked in place of the publishers
  HTTPS_PROXY, NO_PROXY    as everywhere`;

function describeFetched(weights: PublishedWeights, file: string, wasCached: boolean) {
  const { id, sizeBytes, checksums, format, preset, preprocessing, licence } = weights;
  return {
    id,
    file,
    bytes: sizeBytes.value,
    ...Object.fromEntries(
      // The longest last, where only the first digits of another are published.
      checksums
        .toSorted((a, b) => a.value.length - b.value.length)
        .map(({ algorithm, value }) => [algorithm, value]),
    ),
    wasCached,
    format,
    preset,
    preprocessing,
    licence: licence.value,
  };
}
