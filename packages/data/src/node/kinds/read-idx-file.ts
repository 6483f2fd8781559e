import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { AlexNetError, isAlexNetError } from '@alexnet/core';
import { checkIdxLength, MAX_IDX_HEADER_BYTES, parseIdxHeader } from '../../dataset/idx.ts';
import type { StoredFile } from '../stores/file-store.ts';
import { hasCode } from '../system-error.ts';

/** Size of an idx file at most, unpacked: it is held in memory. MNIST has 47 MB, EMNIST 547 MB. */
const MAX_IDX_BYTES: number = 2 ** 31 - 1;

const unzip = promisify(gunzip);

/**
 * Reads an idx file, gzipped or not (by content, not by name). What its head promises is held against
 * the file and {@link MAX_IDX_BYTES} before the values are read or unpacked.
 *
 * @returns the unpacked file, of the length its head promises
 * @throws {@link AlexNetError} `INVALID_DATASET` with both numbers, `NOT_FOUND`, `IO`
 */
export async function readIdxFile(file: StoredFile): Promise<Uint8Array> {
  const { name } = file;
  const head = await file.readHead(MAX_IDX_HEADER_BYTES);
  if (isGzip(head)) return readGzippedIdx(file);
  const header = parseIdxHeader(head, name);
  checkLimit(header.fileBytes, name);
  checkIdxLength(header, file.sizeBytes, name);
  return file.read();
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function readGzippedIdx(file: StoredFile): Promise<Uint8Array> {
  const { name } = file;
  checkLimit(file.sizeBytes, name);
  const packed = await file.read();
  const header = parseIdxHeader(await unzipHead(packed, name), name);
  checkLimit(header.fileBytes, name);
  try {
    // One byte more than promised is enough to see that there is more; a bomb gets no further.
    const bytes = await unzip(packed, { maxOutputLength: header.fileBytes + 1 });
    checkIdxLength(header, bytes.length, name);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (cause) {
    if (isAlexNetError(cause)) throw cause;
    if (hasCode(cause, 'ERR_BUFFER_TOO_LARGE')) {
      checkIdxLength(header, Number.POSITIVE_INFINITY, name);
    }
    throw damaged(name, cause);
  }
}

/** As much of the unpacked file as its head can take. */
async function unzipHead(packed: Uint8Array, name: string): Promise<Uint8Array> {
  try {
    return await unzip(packed.subarray(0, 2 * MAX_IDX_HEADER_BYTES), {
      finishFlush: constants.Z_SYNC_FLUSH,
    });
  } catch (cause) {
    throw damaged(name, cause);
  }
}

function checkLimit(promisedBytes: number, name: string): void {
  if (promisedBytes <= MAX_IDX_BYTES) return;
  throw new AlexNetError('INVALID_DATASET', {
    message: `${name} promises ${promisedBytes} bytes in its head; the limit is ${MAX_IDX_BYTES}.`,
    hint: 'Is this an idx file? Split it into smaller ones if it is.',
    path: [name],
  });
}

function damaged(name: string, cause: unknown): AlexNetError {
  const isCutShort = hasCode(cause, 'Z_BUF_ERROR');
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} is a gzip file that is ${isCutShort ? 'cut short' : 'damaged'}${cause instanceof Error ? ` (${cause.message})` : ''}.`,
    hint: 'Fetch the file again.',
    path: [name],
    cause,
  });
}
