import { crc32 } from 'node:zlib';
import { isAlexNetError, nameFile } from '@alexnet/core';
import { readFileBytes, writeFileAtomic } from '@alexnet/export/node';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeSummedCheckpoint,
} from '../../checkpoint/checkpoint.ts';

/**
 * Writes a checkpoint whole or not at all. Its tensors are summed while they are written: before, it takes a third of
 * the time of writing.
 *
 * @throws {@link AlexNetError} `DISK_FULL`, `IO`
 */
export async function writeCheckpointFile(path: string, checkpoint: Checkpoint): Promise<void> {
  const { views, encodeHeader } = encodeSummedCheckpoint(checkpoint);
  const sums = views.map(() => 0);
  let current = 0;
  // The next one is asked for when all of this one is written, and summed.
  function* inTurn(): Generator<Uint8Array> {
    for (const [index, view] of views.entries()) {
      current = index;
      yield view;
    }
  }
  const add = (bytes: Uint8Array) => {
    sums[current] = crc32(bytes, sums[current]);
  };
  await writeFileAtomic(path, inTurn(), {
    header: { sizeBytes: encodeHeader(sums).length, encode: () => encodeHeader(sums) },
    hashes: [{ update: add }],
  });
}

/**
 * Reads a checkpoint.
 *
 * @throws {@link AlexNetError} `INVALID_CHECKPOINT`, `NOT_FOUND`, `IO`, naming the file
 */
export async function readCheckpointFile(path: string): Promise<Checkpoint> {
  const bytes = await readFileBytes(path);
  try {
    return decodeCheckpoint(bytes, { crc32 });
  } catch (error) {
    throw nameFile(error, path);
  }
}

/** Whether a checkpoint can be read, to its last byte. */
export async function isWholeCheckpoint(path: string): Promise<boolean> {
  try {
    await readCheckpointFile(path);
    return true;
  } catch (error) {
    if (isAlexNetError(error)) return false;
    throw error;
  }
}
