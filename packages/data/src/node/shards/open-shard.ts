import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { StoredPicture } from '../../dataset/deferred-picture.ts';
import type { Picture } from '../../picture/picture.ts';
import { toSystemError } from '../system-error.ts';
import { pictureBytes, type ShardTable } from './shard-format.ts';

export interface OpenShard {
  readonly table: ShardTable;
  /** @throws AlexNetError `INVALID_DATASET` naming the shard, if the bytes are not those written; `NOT_FOUND`, `IO` */
  readPicture(place: number): Promise<Picture>;
  deferPicture(place: number): StoredPicture;
  /** The bytes of the picture are those written. */
  confirmPicture(place: number): void;
}

/**
 * @param path - of the pixels
 * @param describeDamage - the error for a picture whose bytes are not those written
 */
export function openShard(
  path: string,
  table: ShardTable,
  describeDamage: () => Promise<Error>,
): OpenShard {
  const offsets = new Float64Array(table.keys.length);
  for (let i = 1; i < offsets.length; i++) {
    offsets[i] = (offsets[i - 1] ?? 0) + pictureBytes(table, i - 1);
  }
  const file = createSharedHandle(path);
  const isConfirmed = new Uint8Array(table.keys.length);
  const describe = (place: number) => ({
    width: table.widths[place] ?? 0,
    height: table.heights[place] ?? 0,
    channels: table.channels[place] === 1 ? (1 as const) : (3 as const),
  });
  return {
    table,
    deferPicture: (place) => ({
      kind: 'stored',
      ...describe(place),
      path,
      position: offsets[place] ?? 0,
      crc32: isConfirmed[place] ? null : (table.crc32[place] ?? 0),
    }),
    confirmPicture: (place) => {
      isConfirmed[place] = 1;
    },
    readPicture: async (place) => {
      const pixels = new Uint8Array(new SharedArrayBuffer(pictureBytes(table, place)));
      await file
        .use((handle) => readAll(handle, pixels, offsets[place] ?? 0))
        .catch((error) => {
          throw toSystemError(error, path);
        });
      if (crc32(pixels) !== table.crc32[place]) throw await describeDamage();
      return { ...describe(place), pixels };
    },
  };
}

/** What the file no longer has stays 0, and does not pass its check. */
async function readAll(handle: FileHandle, out: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < out.length; ) {
    const { bytesRead } = await handle.read(out, done, out.length - done, position + done);
    if (bytesRead === 0) return;
    done += bytesRead;
  }
}

/** A file that is open while somebody reads from it: nothing has to be closed in the end. */
function createSharedHandle(path: string) {
  let users = 0;
  let opening: Promise<FileHandle> | undefined;
  return {
    async use(read: (handle: FileHandle) => Promise<void>): Promise<void> {
      users += 1;
      opening ??= open(path, 'r');
      const current = opening;
      try {
        await read(await current);
      } finally {
        users -= 1;
        if (users === 0) {
          opening = undefined;
          await current.then(
            (handle) => handle.close(),
            // It was told to whoever wanted to read.
            () => {},
          );
        }
      }
    },
  };
}
