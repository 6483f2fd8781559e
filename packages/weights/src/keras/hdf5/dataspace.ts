import type { Shape } from '@alexnet/core';
import type { ByteReader } from '../../byte-reader.ts';
import { damagedFile } from '../../file-error.ts';
import { checkVersion, type Hdf5File, readLength } from './hdf5-file.ts';
import { MAX_RANK } from './limits.ts';

const NULL_SPACE = 2;

/**
 * The shape of an array; [0] for one that is said to hold nothing at all.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`, also where it has more elements than any file
 * @see HDF5 File Format Specification Version 3.0, IV.A.2.b
 */
export function readDataspace(file: Hdf5File, reader: ByteReader): Shape {
  const version = checkVersion(reader, [1, 2]);
  const rank = reader.uint8('the number of axes');
  reader.skip(1, 'flags');
  const kind = reader.uint8('the kind of space');
  if (version === 1) reader.skip(4, 'reserved bytes');
  else if (kind === NULL_SPACE) return [0];
  if (rank > MAX_RANK) {
    throw damagedFile(reader.place, `it has ${rank} axes: ${MAX_RANK} is the limit`);
  }
  const shape: number[] = [];
  let size = 1;
  for (let axis = 0; axis < rank; axis += 1) {
    const length = readLength(file, reader, `axis ${axis}`);
    shape.push(length);
    size *= length;
  }
  if (Number.isSafeInteger(size)) return shape;
  throw damagedFile(reader.place, `a shape of [${shape.join(', ')}] has ${size} elements`);
}
