import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AlexNetError } from '@alexnet/core';
import { toPrintable } from '../../printable.ts';
import { toSystemError } from '../system-error.ts';
import { emptyAmong, type FileListing, isHidden, type SkippedFile } from './file-store.ts';
import { type PathTable, PathTableBuilder } from './path-table.ts';
import { SortedPaths } from './sorted-paths.ts';
import {
  BLOCK_BYTES,
  isEmptyBlock,
  parsePax,
  parseTarHeader,
  readText,
  type TarHeader,
} from './tar-header.ts';

/** Where the files of a tar archive stand in it, in the order of the listing's paths. */
export interface TarIndex {
  readonly listing: FileListing;
  readonly offsets: Float64Array;
  readonly sizes: Float64Array;
}

/** Bytes read at a time: many headers where the files are small, one where they are large. */
const MOST_BYTES = 2 ** 16;
const LEAST_BYTES = 2 ** 12;
/** Of a name that stands before its entry, or of what else is said of it there. */
const MAX_EXTENSION_BYTES = 2 ** 20;
const HEADERS_AT_ONCE = 4096;

/**
 * Lists a tar archive by its headers alone: what lies between them is passed over.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` naming the place where the archive is damaged, `NOT_FOUND`, `IO`
 */
export async function indexTar(path: string): Promise<TarIndex> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw toSystemError(error, path);
  }
  try {
    return await indexFile(file, toPrintable(path));
  } catch (error) {
    throw error instanceof AlexNetError ? error : toSystemError(error, path);
  } finally {
    closeSync(file);
  }
}

/** What headers said of the entry that follows them. */
interface Extension {
  name?: string;
  linkName?: string;
  records?: ReadonlyMap<string, string>;
}

async function indexFile(file: number, name: string): Promise<TarIndex> {
  const fileBytes = fstatSync(file).size;
  const readBlock = createBlockReader(file);
  const found = createCollection();
  let extension: Extension = {};
  let headers = 0;
  let end = fileBytes;
  for (let at = 0; at < fileBytes; headers++) {
    if (headers % HEADERS_AT_ONCE === 0) await nextTurn();
    const block = readBlock(at, BLOCK_BYTES);
    if (isEmptyBlock(block)) {
      end = at;
      break;
    }
    const header = parseTarHeader(block);
    if (header === null) throw damaged(name, `no entry begins at byte ${at}`);
    const sizeBytes = sizeOf(header, extension);
    const start = at + BLOCK_BYTES;
    if (sizeBytes === null || start + sizeBytes > fileBytes) {
      throw damaged(
        name,
        `it is cut short: the entry at byte ${at} ends at ${start + (sizeBytes ?? 0)}, but there are ${fileBytes} bytes`,
      );
    }
    if ('xgLK'.includes(header.type)) {
      if (sizeBytes > MAX_EXTENSION_BYTES)
        throw damaged(
          name,
          `what is said before an entry at byte ${at} has ${sizeBytes} bytes; the limit is ${MAX_EXTENSION_BYTES}`,
        );
      extension = extend(extension, header, readBlock(start, sizeBytes));
      if (header.type === 'x' && extension.records === undefined)
        throw damaged(name, `the pax header at byte ${at} is not well formed`);
    } else {
      found.add(describe(header, extension), { start, sizeBytes });
      extension = {};
    }
    at = start + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  if (headers === 0 && end > 0 && fileBytes % BLOCK_BYTES !== 0) throw damaged(name, 'it is none');
  return found.finish();
}

/** What it gives is valid until it is called again. */
function createBlockReader(file: number): (at: number, lengthBytes: number) => Uint8Array {
  let buffer = new Uint8Array(MOST_BYTES);
  let block = buffer.subarray(0, 0);
  let blockStart = 0;
  return (at, lengthBytes) => {
    if (at < blockStart || at + lengthBytes > blockStart + block.length) {
      const isFar = at - (blockStart + block.length) > MOST_BYTES;
      const wantedBytes = Math.max(isFar ? LEAST_BYTES : MOST_BYTES, lengthBytes);
      if (wantedBytes > buffer.length) buffer = new Uint8Array(wantedBytes);
      block = buffer.subarray(0, readSync(file, buffer, 0, wantedBytes, at));
      blockStart = at;
    }
    return block.subarray(at - blockStart, at - blockStart + lengthBytes);
  };
}

function sizeOf(header: TarHeader, { records }: Extension): number | null {
  const text = records?.get('size');
  if (text === undefined) return header.sizeBytes;
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function extend(extension: Extension, header: TarHeader, bytes: Uint8Array): Extension {
  switch (header.type) {
    case 'L':
      return { ...extension, name: readText(bytes) };
    case 'K':
      return { ...extension, linkName: readText(bytes) };
    case 'x': {
      const records = parsePax(bytes);
      return records ? { ...extension, records } : {};
    }
    default:
      // Of all entries: what it can say of names and sizes, no program writes.
      return extension;
  }
}

interface TarEntry {
  readonly path: string;
  /** Of a hard link: the entry before it whose bytes are its own too. */
  readonly source: string | null;
  readonly type: string;
  /** Why it cannot be read, where it cannot. */
  readonly reason: string | null;
}

function describe(header: TarHeader, { name, linkName, records }: Extension): TarEntry {
  const path = withoutDots(records?.get('path') ?? name ?? header.name);
  const target = records?.get('linkpath') ?? linkName ?? header.linkName;
  const isSparse =
    header.type === 'S' ||
    [...(records?.keys() ?? [])].some((key) => key.startsWith('GNU.sparse.'));
  return {
    path,
    type: header.type,
    source: header.type === HARD_LINK ? withoutDots(target) : null,
    reason: whyNot(path, { type: header.type, target, isSparse }),
  };
}

function withoutDots(path: string): string {
  return path.replace(/^(?:\.\/)+/, '');
}

const HARD_LINK = '1';
const SYMBOLIC_LINK = '2';
const FILE_TYPES = `07${HARD_LINK}`;
const OTHER_TYPES: Readonly<Record<string, string>> = {
  '3': 'is a device',
  '4': 'is a device',
  '6': 'is a pipe',
};

function whyNot(
  path: string,
  {
    type,
    target,
    isSparse,
  }: { readonly type: string; readonly target: string; readonly isSparse: boolean },
): string | null {
  if (leadsOut(path)) return 'has a name that leads out of the archive';
  if (isSparse) return 'is stored with holes, which are not filled here';
  if (type === SYMBOLIC_LINK) return `is a link to ${toPrintable(target)}`;
  if (type === '5' || FILE_TYPES.includes(type)) return null;
  return OTHER_TYPES[type] ?? `is of the unknown type "${toPrintable(type)}"`;
}

/** Absolute, with a drive letter, or with `..` in it. */
function leadsOut(path: string): boolean {
  return /^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(path);
}

function createCollection() {
  const builder = new PathTableBuilder();
  const skipped: SkippedFile[] = [];
  const folders: string[] = [];
  const starts: number[] = [];
  const sizes: number[] = [];
  const links = new Map<number, string>();
  return {
    add(
      { path, type, reason, source }: TarEntry,
      { start, sizeBytes }: { readonly start: number; readonly sizeBytes: number },
    ) {
      if (reason === null && isHidden(path)) return;
      if (reason !== null) skipped.push({ path, reason: `${toPrintable(path)} ${reason}.` });
      else if (type === '5' || path.endsWith('/')) folders.push(path.replace(/\/+$/, ''));
      else {
        if (source !== null) links.set(starts.length, source);
        builder.add(path);
        starts.push(start);
        sizes.push(sizeBytes);
      }
    },
    finish(): TarIndex {
      const table = builder.build();
      const lost = followLinks(table, links, { starts, sizes });
      for (const index of lost) {
        const path = table.at(index);
        const target = toPrintable(links.get(index) ?? '');
        skipped.push({ path, reason: `${toPrintable(path)} is a link to ${target}.` });
      }
      // Of files of one name the last one counts, as it does when an archive is unpacked.
      const found = table.order().filter((index) => !lost.has(index));
      const order = found.filter((index, place) => {
        const next = found[place + 1];
        const isOld = next !== undefined && table.isSame(index, next);
        if (isOld) {
          const path = table.at(index);
          skipped.push({
            path,
            reason: `${toPrintable(path)} is there twice; the last one counts.`,
          });
        }
        return !isOld;
      });
      const paths = new SortedPaths(table.select(order));
      return {
        listing: {
          paths,
          emptyFolders: emptyAmong(
            folders.filter((folder) => folder !== ''),
            paths,
          ),
          skipped,
        },
        offsets: Float64Array.from(order, (index) => starts[index] ?? 0),
        sizes: Float64Array.from(order, (index) => sizes[index] ?? 0),
      };
    },
  };
}

/**
 * Gives hard links the place of the entry that they name: the last one of that name before them, as when an archive
 * is unpacked.
 *
 * @param places - changed in place
 * @returns the links that name no entry before them
 */
function followLinks(
  table: PathTable,
  links: ReadonlyMap<number, string>,
  { starts, sizes }: { readonly starts: number[]; readonly sizes: number[] },
): ReadonlySet<number> {
  const lost = new Set<number>();
  if (links.size === 0) return lost;
  const wanted = new Set(links.values());
  const met = new Map<string, number>();
  for (let index = 0; index < table.length; index++) {
    const source = links.get(index);
    const found = source === undefined ? index : met.get(source);
    if (found === undefined) {
      lost.add(index);
      continue;
    }
    starts[index] = starts[found] ?? 0;
    sizes[index] = sizes[found] ?? 0;
    const path = table.at(index);
    if (wanted.has(path)) met.set(path, index);
  }
  return lost;
}

function damaged(name: string, problem: string): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} is a damaged tar archive: ${problem}.`,
    hint: 'Fetch it again, and hold it against its checksum.',
    path: [name],
  });
}
