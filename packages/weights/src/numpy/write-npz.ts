import type { Weights } from '@alexnet/core';
import { writeZip } from '../zip/write-zip.ts';
import { writeNpy } from './write-npy.ts';

/**
 * Writes a `.npz` file, which `numpy.load` opens: arrays by name, each at a multiple of 64 bytes.
 *
 * @param tensors - in the layout that the reader expects; names become those of `numpy.load(file)[name]`
 * @throws {@link AlexNetError} `UNSUPPORTED` beyond 4 GiB
 */
export function writeNpz(tensors: Weights): Uint8Array {
  return writeZip(
    [...tensors].map(([name, tensor]) => ({ name: `${name}.npy`, parts: writeNpy(tensor) })),
  );
}
