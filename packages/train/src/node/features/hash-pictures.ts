import { type Hash, webcrypto } from 'node:crypto';
import { AlexNetError } from '@alexnet/core';
import { type Dataset, isBadPicture } from '@alexnet/data';

/** Pictures that are read at the same time. */
const PARALLEL = 16;

export interface HashOptions {
  readonly signal?: AbortSignal;
  /** Called now and then with the pictures read. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Adds to a hash what the pictures of a data set are, in their order: the bytes of their files, or their pixels where
 * they are not in files of their own.
 *
 * @throws {@link AlexNetError} `ABORTED`, and what reading throws but for a single bad picture, which counts as such
 */
export async function hashPictures(
  hash: Hash,
  dataset: Dataset,
  { signal, onProgress }: HashOptions = {},
): Promise<void> {
  const { length } = dataset;
  for (let start = 0; start < length; start += PARALLEL) {
    if (signal?.aborted) {
      throw new AlexNetError('ABORTED', {
        message: `The reading of pictures was stopped after ${start} of ${length}.`,
        cause: signal.reason,
      });
    }
    const count = Math.min(PARALLEL, length - start);
    const indices = Array.from({ length: count }, (_, offset) => start + offset);
    const digests = await Promise.all(indices.map((index) => digestPicture(dataset, index)));
    for (const [offset, digest] of digests.entries()) {
      hash.update(`${dataset.keyOf(start + offset)}\n${digest}\n`);
    }
    onProgress?.(start + count);
  }
}

async function digestPicture(dataset: Dataset, index: number): Promise<string> {
  try {
    if (dataset.readFile) return await digest(await dataset.readFile(index));
    const { width, height, channels, pixels } = await dataset.readPicture(index);
    return `${width} ${height} ${channels} ${await digest(pixels)}`;
  } catch (error) {
    if (isBadPicture(error)) return 'bad';
    throw error;
  }
}

/** In a thread of the system's, several at a time: of a copy where other threads could write to the bytes. */
async function digest(bytes: Uint8Array): Promise<string> {
  const own = bytes.buffer instanceof SharedArrayBuffer ? bytes.slice() : bytes;
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', own)).toString('hex');
}
