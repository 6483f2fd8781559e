import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { AlexNetError, messageOf } from '@alexnet/core';
import { toFileError } from '@alexnet/export/node';
import { loadYauzl, type ZipEntry, type ZipFile } from './yauzl.ts';

/** A zip archive whose directory was read; files come as streams, of any size. */
export interface OpenZip {
  /** By name. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  read(entry: ZipEntry): Promise<Readable>;
  close(): void;
}

/** @throws {@link AlexNetError} `NOT_FOUND`, `INVALID_ARGUMENT` for a folder, `IO` if it is cut short or no archive */
export async function openZip(path: string): Promise<OpenZip> {
  const isZip = await startsLikeZip(path);
  const { openPromise } = await loadYauzl();
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { autoClose: false, lazyEntries: true });
    const entries = new Map<string, ZipEntry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    const opened = zip;
    return {
      entries,
      read: (entry) => opened.openReadStreamPromise(entry),
      close: () => opened.close(),
    };
  } catch (cause) {
    zip?.close();
    throw new AlexNetError('IO', {
      message: isZip
        ? `${path} is cut short or damaged: ${messageOf(cause)}.`
        : `${path} is no wheel: a wheel is a zip archive, and this is none.`,
      hint: 'Fetch it again, and hold it against its checksum: sha256sum',
      path: [path],
      cause,
    });
  }
}

async function startsLikeZip(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return bytesRead === 4 && buffer.readUInt32LE() === 0x04034b50;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw toFileError(cause, 'read', path);
  }
}
