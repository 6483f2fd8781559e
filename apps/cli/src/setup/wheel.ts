import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { AlexNetError, messageOf } from '@alexnet/core';
import { toFileError } from '@alexnet/export/node';
import { type OpenZip, openZip } from './open-zip.ts';
import type { ZipEntry } from './yauzl.ts';

/** A wheel, the zip archive in which PyPI has a package, while it is open. */
export interface Wheel {
  readonly path: string;
  /** As in the name of its `.dist-info`: `tensorflow_cpu`. */
  readonly name: string;
  readonly version: string;
  /** The platforms that it is for: `cp311-cp311-manylinux_2_27_x86_64`. */
  readonly tags: readonly string[];
  /** Unpacked bytes of the chosen files. */
  measure(choose: ChooseFile): number;
  /**
   * Unpacks the chosen files, each held against the checksum that the wheel's RECORD has for it.
   *
   * @throws {@link AlexNetError} `IO` for a file that is damaged, `DISK_FULL`
   */
  unpack(choose: ChooseFile, options: UnpackOptions): Promise<void>;
  close(): void;
}

/** @returns where the file goes, beneath the target folder; `null` to leave it */
export type ChooseFile = (path: string) => string | null;

interface UnpackOptions {
  readonly target: string;
  readonly signal?: AbortSignal | undefined;
}

const DIST_INFO = /^(([\w.]+)-([^-/]+)\.dist-info)\//;

/**
 * Opens a wheel and reads what it says of itself.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`, `IO` if it is cut short or no wheel
 */
export async function openWheel(path: string): Promise<Wheel> {
  const zip = await openZip(path);
  try {
    const { info, name, version } = findInfo(zip, path);
    const read = async (file: string) => (await readEntry(zip, path, `${info}/${file}`)).toString();
    const tags = [...(await read('WHEEL')).matchAll(/^Tag:\s*(\S+)/gm)].map(([, tag = '']) => tag);
    const checksums = readRecord(await read('RECORD'));
    const chosenBy = (choose: ChooseFile) =>
      [...zip.entries.values()].flatMap((entry) => {
        const place = choose(entry.fileName);
        return place === null ? [] : [{ entry, place }];
      });
    return {
      path,
      name,
      version,
      tags,
      measure: (choose) =>
        chosenBy(choose).reduce((sum, { entry }) => sum + entry.uncompressedSize, 0),
      unpack: async (choose, { target, signal }) => {
        for (const { entry, place } of chosenBy(choose)) {
          const expected = checksums.get(entry.fileName);
          if (!expected) throw noWheel(path, `its RECORD has no checksum of ${entry.fileName}`);
          await unpackEntry(zip, { entry, expected, path, target: join(target, place), signal });
        }
      },
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** The folder in which a wheel says what it is: `tensorflow_cpu-2.21.0.dist-info`. */
function findInfo(zip: OpenZip, path: string) {
  for (const file of zip.entries.keys()) {
    const [, info, name, version] = DIST_INFO.exec(file) ?? [];
    if (info && name && version) return { info, name, version };
  }
  throw noWheel(path, 'it is a zip archive without a .dist-info folder');
}

async function readEntry(zip: OpenZip, path: string, file: string): Promise<Buffer> {
  const entry = zip.entries.get(file);
  if (!entry) throw noWheel(path, `it has no ${file}`);
  try {
    return await buffer(await zip.read(entry));
  } catch (cause) {
    throw damaged(path, file, messageOf(cause));
  }
}

const RECORD_LINE = /^(.+),sha256=([\w-]+)=*,\d*\s*$/gm;

/** @see https://packaging.python.org/en/latest/specifications/recording-installed-packages/ */
function readRecord(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(RECORD_LINE)].map(([, file = '', sha256 = '']) => [file, sha256]),
  );
}

interface Unpacking {
  readonly entry: ZipEntry;
  /** sha256, base64 of URLs without its padding */
  readonly expected: string;
  /** Of the wheel. */
  readonly path: string;
  readonly target: string;
  readonly signal: AbortSignal | undefined;
}

async function unpackEntry(
  zip: OpenZip,
  { entry, expected, path, target, signal }: Unpacking,
): Promise<void> {
  const hash = createHash('sha256');
  const tap = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await mkdir(dirname(target), { recursive: true });
    const source = await zip.read(entry);
    await pipeline(source, tap, createWriteStream(target), signal ? { signal } : {});
  } catch (cause) {
    signal?.throwIfAborted();
    const isOfDisk = cause instanceof Error && 'syscall' in cause;
    throw isOfDisk
      ? toFileError(cause, 'write', target)
      : damaged(path, entry.fileName, messageOf(cause));
  }
  const found = hash.digest('base64url');
  if (found !== expected) {
    throw damaged(
      path,
      entry.fileName,
      `its sha256 is ${found}, and the wheel's RECORD says ${expected}`,
    );
  }
}

function damaged(path: string, file: string, reason: string): AlexNetError {
  return new AlexNetError('IO', {
    message: `${path} is damaged at ${file}: ${reason}.`,
    hint: 'Fetch it again.',
    path: [path],
  });
}

function noWheel(path: string, reason: string): AlexNetError {
  return new AlexNetError('IO', {
    message: `${path} is no wheel: ${reason}.`,
    hint: 'A wheel is what PyPI has, tensorflow_cpu-2.21.0-….whl; an unpacked libtensorflow is given with --libtensorflow.',
    path: [path],
  });
}
