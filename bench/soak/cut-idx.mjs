import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The first pictures of a data set in idx files (`from`), with their labels, as a data set of its own (`to`). */
export function cutIdx(from, to, count) {
  mkdirSync(to, { recursive: true });
  for (const name of ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte']) {
    const bytes = gunzipSync(readFileSync(join(from, `${name}.gz`)));
    const headerBytes = 4 + 4 * bytes[3];
    const itemBytes = (bytes.length - headerBytes) / bytes.readUInt32BE(4);
    bytes.writeUInt32BE(count, 4);
    writeFileSync(join(to, name), bytes.subarray(0, headerBytes + count * itemBytes));
  }
}
