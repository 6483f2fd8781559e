import { AlexNetError, sizeOf } from '@alexnet/core';
import { createFileTensor } from '../elements/create-file-tensor.ts';
import { ELEMENT_BYTES } from '../elements/element-type.ts';
import { damagedFile, unsupportedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import type { FileTensor, LayoutConvention, WeightFile, WeightSource } from '../weight-file.ts';
import { type BundleEntry, type BundleIndex, createBundleCollector } from './bundle-index.ts';
import { type Crc32c, createCrc32c, maskCrc } from './crc32c.ts';
import { isSortedTable, readSortedTable } from './sorted-table.ts';
import { DT_STRING, elementTypeOf } from './tensor-proto.ts';
import { createSlicesCollector, isSlicesMeta } from './tensor-slices.ts';
import {
  isTrainingVariable,
  OBJECT_GRAPH_KEY,
  plainName,
  type ReadVariables,
  readFullNames,
  readOnlyText,
  trainingNotes,
} from './variable-names.ts';

const CONVENTION: LayoutConvention = {
  conv: 'HWIO',
  linear: 'in-out',
  flatten: 'HWC',
  channels: null,
};

/** Files that a checkpoint consists of, each with the part of its name that all have. */
const PARTS = /^(.+)\.(?:index|meta|data-\d{5}-of-\d{5})$/;

/**
 * Reads a TensorFlow checkpoint: `.index` with its `.data-?????-of-?????` files, of `tf.train.Saver` or object-based
 * of `tf.train.Checkpoint`; any of the files may be given. Also the single file that `Saver` wrote before 2017.
 *
 * Names are the variables'; what optimisers, moving averages and counters keep is left out, and a note says so.
 * Every block of the index and every array that is kept is checked against its sum.
 *
 * @throws AlexNetError `INVALID_MODEL`; `NOT_FOUND` for a file that is missing; `UNSUPPORTED` for a variable in pieces
 */
export async function readTfCheckpoint(source: WeightSource): Promise<WeightFile> {
  const prefix = PARTS.exec(source.name)?.[1] ?? source.name;
  const index = isSortedTable(source.bytes) ? source : await openSibling(source, `${prefix}.index`);
  const context = { crc: createCrc32c(), place: index.name };
  const slices = createSlicesCollector(context.place);
  const bundle = createBundleCollector(context.place);
  let collector: typeof slices | typeof bundle | undefined;
  readSortedTable(index.bytes, context, (key, value) => {
    collector ??= isSlicesMeta(value) ? slices : bundle;
    collector.visit(key, value);
  });
  const { tensors, notes } =
    collector === slices
      ? slices.finish()
      : await readBundle(bundle.finish(), { source, prefix, ...context });
  return { format: 'tf-checkpoint', tensors, convention: CONVENTION, notes };
}

interface Context {
  readonly source: WeightSource;
  /** What the names of all its files begin with. */
  readonly prefix: string;
  readonly crc: Crc32c;
  readonly place: string;
}

async function openSibling(
  { name: asking, sibling }: WeightSource,
  name: string,
): Promise<Pick<WeightSource, 'name' | 'bytes'>> {
  const bytes = await sibling(name);
  if (bytes) return { name, bytes };
  throw new AlexNetError('NOT_FOUND', {
    message: `${asking}: the checkpoint's file ${quoteName(name)} is not beside it.`,
    hint: 'A checkpoint is several files: .index and .data-00000-of-00001. Put them into one folder.',
    path: [asking, name],
  });
}

async function readBundle(index: BundleIndex, context: Context): Promise<ReadVariables> {
  const { entries } = index;
  const kept = [...entries].filter(
    ([name]) => !isTrainingVariable(name, (all) => entries.has(all)),
  );
  const shards = createShards(index, context);
  const names = await readNames(index, kept, shards);
  const tensors = new Map<string, FileTensor>();
  const unread: string[] = [];
  for (const [key, entry] of kept) {
    const tensor = await readVariable(key, entry, shards, context);
    const name = names.get(key) ?? plainName(key);
    if (tensors.has(name)) throw damagedFile(context.place, `${quoteName(name)} comes twice`);
    if (tensor) tensors.set(name, tensor);
    else unread.push(name);
  }
  return { tensors, notes: trainingNotes(entries.size - kept.length, unread) };
}

/** The files with the arrays, each read when it is first needed. */
interface Shards {
  /** Bytes of a variable. No byte belongs to two. */
  read(entry: BundleEntry, place: string): Promise<Uint8Array>;
}

function createShards({ header }: BundleIndex, { source, prefix }: Context): Shards {
  const opened = new Map<number, { readonly bytes: Uint8Array; used: number }>();
  const open = async (shard: number) => {
    const known = opened.get(shard);
    if (known) return known;
    const name = `${prefix}.data-${digits(shard)}-of-${digits(header.shardCount)}`;
    const { bytes } = source.name === name ? source : await openSibling(source, name);
    const made = { bytes, used: 0 };
    opened.set(shard, made);
    return made;
  };
  return {
    async read({ shard, offset, size }, place) {
      const file = await open(shard);
      const { length } = file.bytes;
      if (offset + size > length) {
        throw damagedFile(
          place,
          `it should reach to byte ${offset + size} of a .data file of ${length}`,
        );
      }
      file.used += size;
      if (file.used > length) {
        throw damagedFile(
          place,
          `the variables take more than the ${length} bytes of their .data file`,
        );
      }
      return file.bytes.subarray(offset, offset + size);
    },
  };
}

function digits(number: number): string {
  return String(number).padStart(5, '0');
}

/** The names that variables had in the program, where the checkpoint has one for each and no two are the same. */
async function readNames(
  { entries }: BundleIndex,
  kept: readonly (readonly [string, BundleEntry])[],
  shards: Shards,
): Promise<ReadonlyMap<string, string>> {
  const entry = entries.get(OBJECT_GRAPH_KEY);
  if (entry?.dtype !== DT_STRING) return new Map();
  const graph = readOnlyText(await shards.read(entry, OBJECT_GRAPH_KEY));
  if (!graph) throw damagedFile(OBJECT_GRAPH_KEY, 'it is no text');
  const keys = new Set(kept.map(([key]) => key));
  const names = readFullNames(graph, keys);
  const isComplete = names.size === keys.size && new Set(names.values()).size === keys.size;
  return isComplete ? names : new Map();
}

/** @returns undefined for what holds no numbers */
async function readVariable(
  name: string,
  entry: BundleEntry,
  shards: Shards,
  { place: file, crc }: Context,
): Promise<FileTensor | undefined> {
  const place = `${file}, variable ${quoteName(name)}`;
  const { dtype, shape, size } = entry;
  if (entry.isSliced) {
    throw unsupportedFile(
      place,
      'it is stored in pieces (a partitioned variable)',
      'Load the checkpoint in TensorFlow and save it without a partitioner.',
    );
  }
  const type = elementTypeOf(dtype);
  if (!type) return undefined;
  const expected = sizeOf(shape) * ELEMENT_BYTES[type];
  if (size !== expected) {
    throw damagedFile(place, `it should have ${expected} bytes, but is said to have ${size}`);
  }
  const bytes = await shards.read(entry, place);
  const sum = maskCrc(crc(bytes));
  if (sum === entry.crc) return createFileTensor({ type, shape, bytes }, place);
  throw damagedFile(place, `its check sum is ${sum}, not ${entry.crc}`);
}
