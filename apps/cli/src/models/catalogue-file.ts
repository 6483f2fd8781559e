import { stat } from 'node:fs/promises';
import { findPublishedWeights, type PublishedWeights } from '@alexnet/weights';
import { type FetchedWeights, fetchWeights } from '@alexnet/weights/node';
import { formatBytes } from '../terminal/format.ts';
import { onMissing } from '../terminal/on-missing.ts';
import { createProgress } from '../terminal/progress.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import { createTerminal, type Terminal } from '../terminal/terminal.ts';

const MEBIBYTE = 2 ** 20;

/**
 * The path that an argument for a file means: its own, or that of published weights (`torchvision`), which are
 * fetched when they are first wanted. A file or a folder of that name comes first.
 *
 * @throws what fetching throws; not if there is nothing at the path
 */
export async function resolveWeightsArgument(
  argument: string,
  {
    terminal = createTerminal(process),
    find = findPublishedWeights,
  }: {
    readonly terminal?: Terminal;
    readonly find?: (name: string) => PublishedWeights | null;
  } = {},
): Promise<string> {
  const path = resolvePath(argument);
  const weights = find(argument);
  if (!weights || (await stat(path).catch(onMissing(null)))) return path;
  return (await fetchWithProgress(weights, terminal)).file;
}

/** The same options with the path of what `--from` means. @throws what fetching throws */
export async function locateFrom<Options extends { readonly from?: string }>(
  options: Options,
  terminal: Terminal,
): Promise<Options> {
  if (options.from === undefined) return options;
  return { ...options, from: await resolveWeightsArgument(options.from, { terminal }) };
}

/** Fetches published weights, unless they are there, and shows how far it is. @throws what fetching throws */
export async function fetchWithProgress(
  weights: PublishedWeights,
  terminal: Terminal,
): Promise<FetchedWeights> {
  const { id, title, licence, sizeBytes } = weights;
  const total = Math.ceil(sizeBytes.value / MEBIBYTE);
  let progress: ReturnType<typeof createProgress> | undefined;
  try {
    return await fetchWeights(weights, {
      onNote: (text) => terminal.note(`note: ${text}`),
      onProgress: ({ receivedBytes }) => {
        if (!progress) {
          const size = formatBytes(sizeBytes.value);
          terminal.note(`Fetching ${title} (${size}; licence: ${licence.value}).`);
          progress = createProgress(terminal, { label: id, total, unit: 'MiB' });
        }
        progress.update(Math.floor(receivedBytes / MEBIBYTE));
      },
    });
  } finally {
    progress?.finish();
  }
}
