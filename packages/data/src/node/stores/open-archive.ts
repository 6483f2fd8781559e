import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { AlexNetError } from '@alexnet/core';
import { toPrintable } from '../../printable.ts';
import type { FileStore } from './file-store.ts';
import { findFile } from './folder-store.ts';
import { unpackGzip } from './gzip-cache.ts';
import { BLOCK_BYTES, isEmptyBlock, parseTarHeader } from './tar-header.ts';
import { openTarStore } from './tar-store.ts';
import { openZipStore } from './zip-store.ts';

const unzip = promisify(gunzip);
const HEAD_BYTES = 4096;

/** Archives that are not read, by their first bytes. */
const OTHERS: readonly (readonly [name: string, magic: readonly number[], command: string])[] = [
  ['a bzip2 file', [0x42, 0x5a, 0x68], 'tar -xjf'],
  ['an xz file', [0xfd, 0x37, 0x7a, 0x58, 0x5a], 'tar -xJf'],
  ['a Zstandard file', [0x28, 0xb5, 0x2f, 0xfd], 'tar --zstd -xf'],
  ['a 7-Zip archive', [0x37, 0x7a, 0xbc, 0xaf], '7z x'],
  ['a RAR archive', [0x52, 0x61, 0x72, 0x21], 'unrar x'],
];

/**
 * Opens a file as an archive; `null` if it is none. Which kind it is, its first bytes say.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` for an archive that is damaged or of a kind that is not read,
 *   `NOT_FOUND`, `IO`, `DISK_FULL`
 */
export async function openArchive(path: string): Promise<FileStore | null> {
  const file = await findFile(path);
  const head = await file.readHead(HEAD_BYTES);
  const isZip =
    head[0] === 0x50 &&
    head[1] === 0x4b &&
    ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
  if (isZip) return openZipStore(path);
  if (isTar(head)) return openTarStore(path);
  if (head[0] === 0x1f && head[1] === 0x8b && isTar(await unzipHead(head))) {
    const unpacked = await unpackGzip(path);
    const note = `${toPrintable(path)} is a gzipped tar archive; it was unpacked once, into ${toPrintable(unpacked)}.`;
    return openTarStore(unpacked, { name: path, notes: [note] });
  }
  for (const [name, magic, command] of OTHERS) {
    if (magic.every((byte, at) => head[at] === byte))
      throw unread(toPrintable(path), name, command);
  }
  if (/\.(?:tar|tgz|tar\.\w+|zip)$/i.test(path))
    throw unread(toPrintable(path), 'no archive, whatever its name says', 'file');
  return null;
}

function isTar(head: Uint8Array): boolean {
  const block = head.subarray(0, BLOCK_BYTES);
  // An archive of nothing is two blocks of zeros.
  return (
    block.length === BLOCK_BYTES &&
    (parseTarHeader(block) !== null || (head.length >= 2 * BLOCK_BYTES && isEmptyBlock(head)))
  );
}

/** As much as the first bytes unpack to. */
async function unzipHead(packed: Uint8Array): Promise<Uint8Array> {
  return unzip(packed, { finishFlush: constants.Z_SYNC_FLUSH }).catch(() => new Uint8Array(0));
}

function unread(path: string, name: string, command: string): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${path} is ${name}; tar, gzipped tar and zip archives are read as they are.`,
    hint:
      command === 'file'
        ? 'Fetch it again; "file" says what it is.'
        : `Unpack it and give the folder: ${command} ${path}`,
    path: [path],
  });
}
