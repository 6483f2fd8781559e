import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { YauzlModule } from './yauzl.ts';

const BLOCK_BYTES = 2 ** 20;

/**
 * Reads a file in blocks of a megabyte: the directory of an archive is read entry by entry, and each would be
 * a call of the system.
 */
export function createBlockReader(
  Reader: YauzlModule['RandomAccessReader'],
  file: FileHandle,
): InstanceType<YauzlModule['RandomAccessReader']> {
  let buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  let block = buffer.subarray(0, 0);
  let blockStart = 0;
  async function fill(target: Buffer, position: number): Promise<void> {
    if (position < blockStart || position + target.length > blockStart + block.length) {
      if (target.length > buffer.length) buffer = Buffer.allocUnsafe(target.length);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      block = buffer.subarray(0, bytesRead);
      blockStart = position;
    }
    const copied = block.copy(target, 0, position - blockStart);
    if (copied < target.length) throw new Error('the file ends within its directory');
  }
  return new (class extends Reader {
    override read(
      ...[buffer, offset, length, position, callback]: Parameters<typeof Reader.prototype.read>
    ) {
      fill(buffer.subarray(offset, offset + length), position).then(
        () => callback(null),
        (error: Error) => callback(error),
      );
    }
    override _readStreamForRange() {
      return Readable.from([]);
    }
  })();
}
