import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AlexNetError, type JsonReader, readJson } from '@alexnet/core';
import { toFileError, writeFileAtomic } from '@alexnet/export/node';
import type { FeatureSet } from '../../features/features.ts';
import { hasCode, ignoreMissing } from '../run/system-code.ts';
import type { StepWithRoom } from './make-room.ts';

/**
 * Features on disk: `training.f32` and `validation.f32`, little-endian float32 [variants, pictures, size], and
 * `features.json`, which says what is in them and their SHA-256. Written under another folder's name and renamed.
 */
const INDEX_FILE = 'features.json';
const VERSION = 1;

/** Which pictures a file is of. */
export interface SetOfPictures {
  readonly length: number;
  labelOf(index: number): number;
}

export interface FeatureFileInfo {
  readonly variants: number;
  readonly pictures: number;
  readonly size: number;
  /** Pictures that could not be read. */
  readonly missing: readonly number[];
  readonly sha256: string;
}

/** Where a folder has the features of a set of pictures. */
export function fileOfSet(folder: string, set: string): string {
  return join(folder, `${set}.f32`);
}

/** Takes features row by row, in the order of the file. */
export interface FeatureFileWriter {
  write(rows: Float32Array): Promise<void>;
  /** Writes zeros for a picture that could not be read. */
  skip(picture: number): Promise<void>;
  finish(): Promise<FeatureFileInfo>;
  close(): Promise<void>;
}

/**
 * @param withRoom - makes room on a full disk
 * @throws {@link AlexNetError} `DISK_FULL`, `IO`
 */
export async function createFeatureFile(
  path: string,
  shape: Pick<FeatureFileInfo, 'variants' | 'pictures' | 'size'>,
  withRoom: StepWithRoom,
): Promise<FeatureFileWriter> {
  const orExplain = async <Value>(step: () => Promise<Value>): Promise<Value> => {
    try {
      return await step();
    } catch (cause) {
      throw toFileError(cause, 'write', path);
    }
  };
  const hash = createHash('sha256');
  const missing = new Set<number>();
  const file = await withRoom(() => orExplain(() => open(path, 'wx')));
  const write = async (rows: Float32Array) => {
    const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
    hash.update(bytes);
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await withRoom(() => orExplain(() => file.write(bytes, at)));
      at += bytesWritten;
    }
  };
  return {
    write,
    skip: async (picture) => {
      missing.add(picture);
      await write(new Float32Array(shape.size));
    },
    // With no second try: what a failed flush leaves may be taken for written.
    finish: () =>
      orExplain(async () => {
        await file.sync();
        return { ...shape, missing: [...missing], sha256: hash.digest('hex') };
      }),
    close: () => file.close(),
  };
}

/** Gives a folder of feature files its index and its name. */
export async function finishFeatureFolder(
  staged: string,
  folder: string,
  sets: Readonly<Record<string, FeatureFileInfo>>,
): Promise<void> {
  const index = { version: VERSION, sets };
  await writeFileAtomic(join(staged, INDEX_FILE), `${JSON.stringify(index, null, 2)}\n`);
  try {
    await mkdir(dirname(folder), { recursive: true });
    await rm(folder, { recursive: true, force: true });
    await rename(staged, folder);
  } catch (cause) {
    throw toFileError(cause, 'write', folder);
  }
}

/**
 * What the index of a folder says of these sets; `null` where there is no index.
 *
 * @throws {@link AlexNetError} `INVALID_CHECKPOINT` naming the field
 */
export async function readFeatureIndex(
  folder: string,
  names: readonly string[],
): Promise<Readonly<Record<string, FeatureFileInfo>> | null> {
  const file = join(folder, INDEX_FILE);
  const text = await readFile(file, 'utf8')
    .catch(ignoreMissing(null))
    .catch((cause: unknown) => {
      throw toFileError(cause, 'read', file);
    });
  if (text === null) return null;
  const json = readJson(parse(text, file), { code: 'INVALID_CHECKPOINT', what: file });
  json.field('version').integer(VERSION);
  const sets = json.field('sets');
  return Object.fromEntries(names.map((name) => [name, readFileInfo(sets.field(name))]));
}

function readFileInfo(json: JsonReader): FeatureFileInfo {
  return {
    variants: json.field('variants').integer(1),
    pictures: json.field('pictures').integer(),
    size: json.field('size').integer(1),
    missing: json
      .field('missing')
      .items()
      .map((picture) => picture.integer()),
    sha256: json.field('sha256').string(),
  };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AlexNetError('INVALID_CHECKPOINT', {
      message: `${file} cannot be read as JSON.`,
      hint: 'Remove its folder: the features are made again.',
      cause,
    });
  }
}

/** Notes that a folder is in use now, by the time of its index. */
export async function markUsed(folder: string): Promise<void> {
  const now = new Date();
  try {
    await utimes(join(folder, INDEX_FILE), now, now);
  } catch (error) {
    // A cache of others that can be read and no more is as good; of one that is gone, who opens it tells.
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOENT'].some((code) => hasCode(error, code))) throw error;
  }
}

/** A file of features, open for reading. */
export interface OpenFeatureSet extends FeatureSet {
  close(): Promise<void>;
}

/**
 * Opens a file of features once its bytes are checked against its index.
 *
 * @throws {@link AlexNetError} `INVALID_CHECKPOINT` with both lengths or check sums
 */
export async function openFeatureFile(
  path: string,
  info: FeatureFileInfo,
  pictures: SetOfPictures,
): Promise<OpenFeatureSet> {
  await checkFile(path, info);
  const file = await open(path, 'r');
  const missing = new Set(info.missing);
  const rowBytes = info.size * Float32Array.BYTES_PER_ELEMENT;
  return {
    length: info.pictures,
    variants: info.variants,
    labelOf: (index) => pictures.labelOf(index),
    has: (index) => !missing.has(index),
    read: (index, variant, out) => readAll(file, out, (variant * info.pictures + index) * rowBytes),
    close: () => file.close(),
  };
}

async function checkFile(path: string, info: FeatureFileInfo): Promise<void> {
  const { variants, pictures, size, sha256 } = info;
  const expected = variants * pictures * size * Float32Array.BYTES_PER_ELEMENT;
  const damaged = (message: string) =>
    new AlexNetError('INVALID_CHECKPOINT', {
      message: `${path} ${message}.`,
      hint: 'Remove its folder: the features are made again.',
      path: [path],
    });
  const found = (await stat(path).catch(ignoreMissing(null)))?.size;
  if (found === undefined) throw damaged(`is gone, where ${expected} bytes were written`);
  if (found !== expected) throw damaged(`has ${found} bytes where ${expected} were written`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  const sum = hash.digest('hex');
  if (sum !== sha256) throw damaged(`has the SHA-256 ${sum} where ${sha256} was written`);
}

async function readAll(file: FileHandle, out: Float32Array, position: number): Promise<void> {
  const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) {
      throw new AlexNetError('INVALID_CHECKPOINT', {
        message: `A file of features ends at byte ${position + at}: it became shorter while it was read.`,
        hint: 'Remove its folder: the features are made again.',
      });
    }
    at += bytesRead;
  }
}
