import { AlexNetError } from '@alexnet/core';
import type { OpenDatasetOptions } from '../open-dataset-options.ts';
import type { StoredFile } from '../stores/file-store.ts';
import { type PathTable, PathTableBuilder } from '../stores/path-table.ts';
import { loadCsvParser } from './csv-parser.ts';
import { detectListFormat, type ListFormat, type TableFormat } from './list-format.ts';
import { type ListEntry, MAX_LINE_BYTES, parseListLines } from './list-lines.ts';
import { type Part, partOfName } from './parts.ts';

/** Size of a list at most; a million lines have some 50 MB. */
const MAX_LIST_BYTES = 2 ** 30;

/** What a list names. */
export interface ListContents {
  readonly paths: PathTable;
  /** The words for classes, each once. */
  readonly words: readonly string[];
  /** [paths.length]: which of the words. */
  readonly wordOf: Uint32Array;
  /** [paths.length]: which part, where the list says it. */
  readonly partOf: readonly (Part | null)[] | null;
}

/**
 * How a file is written as a list, by its beginning; `null` if it is none.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` for columns that it does not have, `IO`
 */
export async function findListFormat(
  file: StoredFile,
  options: OpenDatasetOptions,
): Promise<ListFormat | null> {
  const head = new TextDecoder().decode(await file.readHead(MAX_LINE_BYTES));
  const line = head.split(/\r?\n/).find((each) => each.trim() !== '');
  if (line === undefined || /\0/.test(line)) return null;
  return detectListFormat(line.trim(), {
    columns: options.columns,
    isMeant: options.kind === 'list',
  });
}

/**
 * Reads a list into memory: the paths in one block, each class once.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` naming the line that is wrong
 */
export async function readList(file: StoredFile, format: ListFormat): Promise<ListContents> {
  if (file.sizeBytes > MAX_LIST_BYTES) {
    throw invalid(
      file.name,
      `has ${file.sizeBytes} bytes; the limit of a list is ${MAX_LIST_BYTES}`,
    );
  }
  const contents = createContents(format.kind === 'table' && format.columns.part >= 0);
  const bytes = await file.read();
  if (format.kind === 'lines')
    for (const entry of parseListLines(bytes, file.name)) contents.add(entry, '');
  else await readTable({ bytes, name: file.name, format }, contents.add);
  return contents.finish(file.name);
}

function createContents(hasParts: boolean) {
  const builder = new PathTableBuilder();
  const words = new Map<string, number>();
  const wordOf: number[] = [];
  const partOf: (Part | null)[] = [];
  return {
    add({ path, label }: ListEntry, part: string) {
      builder.add(path.replace(/^(?:\.\/)+/, ''));
      let word = words.get(label);
      if (word === undefined) {
        word = words.size;
        words.set(label, word);
      }
      wordOf.push(word);
      if (hasParts) partOf.push(partOfName(part));
    },
    finish(name: string): ListContents {
      if (builder.length === 0) throw invalid(name, 'names no picture');
      return {
        paths: builder.build(),
        words: [...words.keys()],
        wordOf: Uint32Array.from(wordOf),
        partOf: hasParts ? partOf : null,
      };
    },
  };
}

interface Table {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly format: TableFormat;
}

async function readTable(
  { bytes, name, format }: Table,
  add: (entry: ListEntry, part: string) => void,
): Promise<void> {
  const { parse } = await loadCsvParser();
  const { delimiter, hasHeader, columns } = format;
  let row = 0;
  try {
    parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      bom: true,
      delimiter,
      // People write `5" disk` without thinking of quotes.
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: MAX_LINE_BYTES,
      from: hasHeader ? 2 : 1,
      on_record: (cells: readonly string[]) => {
        row += 1;
        const [path = '', label = '', part = ''] = [columns.path, columns.label, columns.part].map(
          (place) => cells[place],
        );
        if (path === '' || label === '')
          throw invalid(name, `has no ${path === '' ? 'path' : 'label'} in row ${row}`);
        add({ path, label }, part);
        // Nothing is kept by the parser.
        return null;
      },
    });
  } catch (cause) {
    if (cause instanceof AlexNetError) throw cause;
    throw invalid(name, `is no table: ${cause instanceof Error ? cause.message : cause}`);
  }
}

function invalid(name: string, problem: string): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} ${problem}.`,
    hint: 'A list has a picture and its class on each line: "photos/cat.1.jpg 0", or a header with columns such as "path" and "label".',
    path: [name],
  });
}
