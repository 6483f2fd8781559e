import { AlexNetError, formatShape, type Shape } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import type { Misfit, MisfitRow } from './misfit.ts';

/** Longest table in a message; a ResNet has more layers than anybody reads. */
const MAX_ROWS = 16;

const OTHER_PRESET =
  'Leave --preset out to have it recognised, or leave layers out with --skip LAYER: they start anew.';
const OTHER_LAYERS =
  'Choose a preset with --preset, or leave layers out with --skip LAYER: they start anew. A network of another kind can be given as ONNX.';

export interface RefusalContext {
  /** The file's name. */
  readonly source: string;
  /** The network that it seems to be of. */
  readonly other: string | undefined;
  /** Whether the caller wants this preset and no other. */
  readonly isChosen: boolean;
  /** Why the graph that the file has beside its arrays is not read. */
  readonly graphError?: AlexNetError;
  /** What the file says besides: layers that could not be read as a network, above all. */
  readonly notes?: readonly string[];
}

/** An error that names the first layer that does not fit, the nearest preset, and lists expected and found. */
export function refuseMisfit(
  { preset, rows }: Misfit,
  { source, other, isChosen, graphError, notes = [] }: RefusalContext,
): AlexNetError {
  const first = rows.find(({ fits }) => !fits);
  const seems = other === undefined ? '' : ` It looks like ${other}.`;
  const nearest = isChosen ? `preset "${preset}"` : `nearest preset, "${preset}",`;
  const what = isChosen
    ? `is not of the preset "${preset}"`
    : 'is of no AlexNet that is known here';
  const message = `${source} ${what}: ${first ? describeFirst(first, nearest) : 'its layers do not fit together'}.${seems}`;
  const because = graphError ? `\nIts graph is not read either: ${graphError.message}` : '';
  return new AlexNetError('UNSUPPORTED', {
    message: [`${message}${because}`, ...notes, ...formatRows(rows)].join('\n'),
    hint: graphError?.hint ?? (isChosen ? OTHER_PRESET : OTHER_LAYERS),
    path: [first?.found?.name ?? first?.expected?.name ?? source],
  });
}

/** An error for one array, which is no network. */
export function refuseLoneArray(source: string, shape: Shape): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `${source} holds one array, ${formatShape(shape)}: a network has several.`,
    hint: "Put the arrays of all layers into one file, under the layers' names: numpy.savez('weights.npz', **arrays)",
    path: [source],
  });
}

function describeFirst({ expected, found }: MisfitRow, nearest: string): string {
  if (found && expected) {
    return `its layer ${quoteName(found.name)} is ${formatShape(found.shape)}, but ${expected.name} of the ${nearest} is ${formatShape(expected.shape)}`;
  }
  if (found) {
    return `its layer ${quoteName(found.name)}, ${formatShape(found.shape)}, has no place in the ${nearest.replace(/,$/, '')}`;
  }
  return `it has nothing for ${expected?.name}, ${formatShape(expected?.shape ?? [])}, of the ${nearest.replace(/,$/, '')}`;
}

/** Expected and found, side by side. */
function formatRows(rows: readonly MisfitRow[]): readonly string[] {
  const shown = rows.slice(0, MAX_ROWS);
  const cells = [
    ['expected', '', 'found', '', ''],
    ...shown.map(({ expected, found, fits }) => [
      expected?.name ?? '–',
      expected ? formatShape(expected.shape) : '',
      found ? quoteName(found.name).slice(1, -1) : '–',
      found ? formatShape(found.shape) : '',
      fits ? 'fits' : 'differs',
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => {
    return Math.max(...cells.map((row) => row[column]?.length ?? 0));
  });
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const more = rows.length - shown.length;
  return more > 0 ? [...lines, `… and ${more} more`] : lines;
}
