import { AlexNetError, type JsonReader, readJson } from '@alexnet/core';

/** The file that makes a folder one of prepared shards; written last. */
export const SHARDS_FILE = 'shards.json';
const SHARDS_FORMAT = 'alexnet-shards';
const SHARDS_VERSION = 1;

export const SHARD_PARTS = ['training', 'validation', 'test'] as const;
export type ShardPart = (typeof SHARD_PARTS)[number];

/** What every picture becomes before it is stored. */
export interface ShardShape {
  /**
   * `short-side`: pictures with a longer short side are shrunk to `size`, their aspect kept. `square`: short
   * side `size`, then the middle. `stretched`: both sides `size`, whatever the aspect. Bilinear, antialiased.
   */
  readonly kind: 'short-side' | 'square' | 'stretched';
  readonly size: number;
}

export const SHARD_SHAPE_KINDS: readonly ShardShape['kind'][] = [
  'short-side',
  'square',
  'stretched',
];

/** `shards.json` */
export interface ShardsIndex {
  readonly name: string;
  readonly labels: readonly string[];
  readonly shape: ShardShape;
  readonly parts: Readonly<Partial<Record<ShardPart, readonly ShardEntry[]>>>;
}

/** A shard: `FILE.pixels` and, saying what is in it, `FILE.json`. */
export interface ShardEntry {
  readonly file: string;
  readonly pictures: number;
  /** Of `FILE.pixels`. */
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Of `FILE.json`. */
  readonly tableSha256: string;
}

/** `FILE.json`: a column for each property, an item for each picture, in the order of the pixels. */
export interface ShardTable {
  /** Of what the shard was made from: keys, classes and shape. */
  readonly planSha256: string;
  readonly sizeBytes: number;
  /** Of `FILE.pixels`. */
  readonly sha256: string;
  readonly keys: readonly string[];
  readonly labels: readonly number[];
  readonly widths: readonly number[];
  readonly heights: readonly number[];
  readonly channels: readonly number[];
  /** Of each picture's bytes. */
  readonly crc32: readonly number[];
  /** Pictures that could not be read, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

export function formatShardFile<Content extends object>(content: Content): Uint8Array {
  const text = JSON.stringify({ format: SHARDS_FORMAT, version: SHARDS_VERSION, ...content });
  return new TextEncoder().encode(`${text}\n`);
}

/** @throws AlexNetError `INVALID_DATASET` naming the file and what is wrong with it */
export function parseShardsIndex(text: string, what: string): ShardsIndex {
  const json = openFile(text, what);
  const shape = json.field('shape');
  const parts = json.field('parts');
  return {
    name: json.field('name').string(),
    labels: json
      .field('labels')
      .items()
      .map((label) => label.string()),
    shape: {
      kind: shape.field('kind').oneOf(SHARD_SHAPE_KINDS),
      size: shape.field('size').integer(1),
    },
    parts: Object.fromEntries(
      SHARD_PARTS.filter((part) => parts.has(part)).map((part) => [
        part,
        parts.field(part).items().map(parseEntry),
      ]),
    ),
  };
}

function parseEntry(json: JsonReader): ShardEntry {
  const file = json.field('file').string();
  if (!/^[a-z]+-\d{5}$/.test(file)) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `A shard cannot be called "${file}".`,
      hint: 'Prepare the shards again: alexnet data prepare',
    });
  }
  return {
    file,
    pictures: json.field('pictures').integer(0),
    sizeBytes: json.field('sizeBytes').integer(0),
    sha256: json.field('sha256').string(),
    tableSha256: json.field('tableSha256').string(),
  };
}

/** @throws AlexNetError `INVALID_DATASET` naming the file and what is wrong with it */
export function parseShardTable(text: string, what: string): ShardTable {
  const json = openFile(text, what);
  const keys = json
    .field('keys')
    .items()
    .map((key) => key.string());
  const column = (name: string) => json.field(name).integers(keys.length, 0);
  const table = {
    planSha256: json.field('planSha256').string(),
    sizeBytes: json.field('sizeBytes').integer(0),
    sha256: json.field('sha256').string(),
    keys,
    labels: column('labels'),
    widths: column('widths'),
    heights: column('heights'),
    channels: column('channels'),
    crc32: column('crc32'),
    skipped: json
      .field('skipped')
      .items()
      .map((one) => ({
        name: one.field('name').string(),
        reason: one.field('reason').string(),
      })),
  };
  const total = keys.reduce((sum, _, i) => sum + pictureBytes(table, i), 0);
  if (total === table.sizeBytes) return table;
  throw new AlexNetError('INVALID_DATASET', {
    message: `${what} has pictures of ${total} bytes in a shard of ${table.sizeBytes}.`,
    hint: 'Prepare the shards again: alexnet data prepare',
  });
}

/** Bytes that a picture of a shard takes. */
export function pictureBytes(
  { widths, heights, channels }: Pick<ShardTable, 'widths' | 'heights' | 'channels'>,
  index: number,
): number {
  return (widths[index] ?? 0) * (heights[index] ?? 0) * (channels[index] ?? 0);
}

function openFile(text: string, what: string): JsonReader {
  const json = readJson(parseText(text, what), { code: 'INVALID_DATASET', what });
  const format = json.field('format').string();
  const version = json.field('version').integer();
  if (format === SHARDS_FORMAT && version === SHARDS_VERSION) return json;
  throw new AlexNetError('INVALID_DATASET', {
    message: `${what} is of the format "${format}", version ${version}; "${SHARDS_FORMAT}", version ${SHARDS_VERSION} is read.`,
    hint: 'Prepare the shards again, or use the release that wrote them.',
  });
}

function parseText(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${what} is no JSON.`,
      hint: 'Prepare the shards again: alexnet data prepare',
      cause,
    });
  }
}
