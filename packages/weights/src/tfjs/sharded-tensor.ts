import { createFileTensor } from '../elements/create-file-tensor.ts';
import type { FileTensor } from '../weight-file.ts';
import type { StoredWeight } from './weights-manifest.ts';

/** Cuts files that stand one behind the other into stretches: each next one as pieces of one file or of several. */
export function createCutter(
  shards: readonly Uint8Array[],
): (byteLength: number) => readonly Uint8Array[] {
  let index = 0;
  let offset = 0;
  return (byteLength) => {
    const pieces: Uint8Array[] = [];
    let missing = byteLength;
    for (let shard = shards[index]; shard && missing > 0; shard = shards[index]) {
      const piece = shard.subarray(offset, offset + missing);
      pieces.push(piece);
      missing -= piece.length;
      offset += piece.length;
      if (offset < shard.length) break;
      index += 1;
      offset = 0;
    }
    return pieces;
  };
}

/**
 * An array of a layers model: a view where it lies in one file and is not quantised, else put together when it is
 * asked for.
 *
 * @param pieces - of its bytes
 */
export function createShardedTensor(
  { dtype, shape, storedAs, affine }: StoredWeight,
  pieces: readonly Uint8Array[],
  place: string,
): FileTensor {
  const read = (): Float32Array =>
    createFileTensor({ type: storedAs, shape, bytes: join(pieces) }, place).toFloat32();
  const round = dtype === 'float32' ? (value: number) => value : Math.round;
  return {
    dtype,
    shape,
    toFloat32: affine
      ? () => read().map((value) => round(value * affine.scale + affine.min))
      : read,
  };
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only && pieces.length === 1) return only;
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}
