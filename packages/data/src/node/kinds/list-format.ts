import { AlexNetError } from '@alexnet/core';
import { toPrintable } from '../../printable.ts';
import type { ListColumns } from '../open-dataset-options.ts';
import { isPictureName } from './survey.ts';

/** How a list is written: lines of `path label`, or a table. */
export type ListFormat = { readonly kind: 'lines' } | TableFormat;

export interface TableFormat {
  readonly kind: 'table';
  readonly delimiter: string;
  readonly hasHeader: boolean;
  /** Places of the columns; `part` is that of `train`, `val` or `test`, where there is one. */
  readonly columns: { readonly path: number; readonly label: number; readonly part: number };
  /** The columns' names, where there is a header. */
  readonly names: readonly string[];
}

/** What columns are called, the likeliest first; a name of a class goes before its number. */
const PATH_NAMES: readonly RegExp[] = [
  /^(?:image|img|file|picture|photo)?_?(?:path|file_?name|file)$/i,
  /^(?:image|img|picture|photo)(?:_?name)?$/i,
  /^(?:name|(?:image|img)?_?id)$/i,
];
const LABEL_NAMES: readonly RegExp[] = [
  /^(?:label|class|category|target)_?name$/i,
  /^(?:wnid|synset|breed|species)$/i,
  /^(?:label|class|category|target|class_?label)s?$/i,
  /^(?:label|class|category|target)_?(?:id|index|idx)$/i,
];
const PART_NAMES = /^(?:split|subset|partition|part|set|fold)$/i;

/**
 * Tells how a list is written by its first line; `null` if it is none.
 *
 * @param options.isMeant - whether it was said to be a list, so that a picture's ending is not asked for
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for columns that it does not have
 */
export function detectListFormat(
  firstLine: string,
  { columns, isMeant }: { readonly columns: ListColumns | undefined; readonly isMeant: boolean },
): ListFormat | null {
  const delimiter = chooseDelimiter(firstLine);
  if (delimiter !== null) {
    const cells = splitCells(firstLine, delimiter);
    const table = findColumns(cells, columns);
    if (table) return { kind: 'table', delimiter, ...table };
  }
  if (columns) throw noColumns(firstLine, columns);
  const blank = Math.max(firstLine.lastIndexOf(' '), firstLine.lastIndexOf('\t'));
  if (blank <= 0) return null;
  return isMeant || isPictureName(firstLine.slice(0, blank).trim()) ? { kind: 'lines' } : null;
}

function chooseDelimiter(line: string): string | null {
  const counts = ['\t', ',', ';'].map((delimiter) => ({
    delimiter,
    count: line.split(delimiter).length - 1,
  }));
  const [best] = counts.sort((a, b) => b.count - a.count);
  return best && best.count > 0 ? best.delimiter : null;
}

/** Of a first line: quotes around a cell are dropped, delimiters within them are for the parser to see. */
function splitCells(line: string, delimiter: string): readonly string[] {
  return line.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

function findColumns(
  cells: readonly string[],
  wanted: ListColumns | undefined,
): Pick<TableFormat, 'hasHeader' | 'columns' | 'names'> | null {
  const part = cells.findIndex((cell) => PART_NAMES.test(cell));
  const find = (names: readonly RegExp[]) =>
    names.map((name) => cells.findIndex((cell) => name.test(cell))).find((place) => place >= 0) ??
    -1;
  const path = wanted ? cells.indexOf(wanted.path) : find(PATH_NAMES);
  const label = wanted ? cells.indexOf(wanted.label) : find(LABEL_NAMES);
  if (path >= 0 && label >= 0 && path !== label)
    return { hasHeader: true, columns: { path, label, part }, names: cells };
  // Without a header: the path and the class, as two columns.
  const isBare = !wanted && cells.length === 2 && isPictureName(cells[0] ?? '');
  return isBare ? { hasHeader: false, columns: { path: 0, label: 1, part: -1 }, names: [] } : null;
}

function noColumns(firstLine: string, { path, label }: ListColumns): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: `The list has no columns "${path}" and "${label}": its first line is "${toPrintable(firstLine.slice(0, 200))}".`,
    hint: 'Name two columns of the first line, the path and the class.',
  });
}
