import type { Shape, Tensor } from '@alexnet/core';
import { bytesOf } from '../join-parts.ts';

/** What the header's length is a multiple of, so that the array can be mapped. */
const ALIGNMENT = 64;
/** Magic, version 1.0, length of the rest. */
const PREFIX_BYTES = 10;

/** A `.npy` file of float32, as parts. */
export function writeNpy({ shape, data }: Tensor): readonly Uint8Array[] {
  return [writeNpyHeader('<f4', shape), bytesOf(data)];
}

/**
 * The header of a `.npy` file, in version 1.0.
 *
 * @param descr - NumPy's type: `<f4`, `|O`
 * @see NumPy, numpy.lib.format
 */
export function writeNpyHeader(descr: string, shape: Shape): Uint8Array {
  const lengths = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${lengths}), }`;
  const unpadded = PREFIX_BYTES + dict.length + 1;
  const length = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
  const text = `\x93NUMPY\x01\0\0\0${dict.padEnd(length - PREFIX_BYTES - 1)}\n`;
  const header = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  new DataView(header.buffer).setUint16(8, length - PREFIX_BYTES, true);
  return header;
}
