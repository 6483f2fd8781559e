import { quoteName } from '../quote-name.ts';
import { TensorCollector } from '../tensor-collector.ts';
import type { WeightFile, WeightSource } from '../weight-file.ts';
import { readZip } from '../zip/read-zip.ts';
import { isNpy, readNpyHeader } from './npy-header.ts';
import { ARRAY_CONVENTION, checkHasArrays, collectObjects, readNpyNumbers } from './read-numpy.ts';

const SUFFIX = '.npy';

/**
 * Reads a `.npz` file: arrays by the names that they were saved under. An entry that is a pickled dict or
 * list gives its arrays as `entry/key`.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED`
 */
export async function readNpz({ name, bytes }: WeightSource): Promise<WeightFile> {
  const archive = readZip(bytes, name);
  let unpackedBytes = 0;
  for (const { sizeBytes } of archive.values()) unpackedBytes += sizeBytes;
  const collector = new TensorCollector(name, unpackedBytes);
  for (const entry of archive.values()) {
    const place = `${name}, entry ${quoteName(entry.name)}`;
    const content = await entry.read();
    const array = entry.name.endsWith(SUFFIX) ? entry.name.slice(0, -SUFFIX.length) : entry.name;
    if (!isNpy(content)) {
      collector.skip(entry.name);
      continue;
    }
    const header = readNpyHeader(content, place);
    if (header.dtype.kind === 'objects') {
      collectObjects(content, header, { name: array, place, collector });
    } else if (header.dtype.kind === 'other') collector.skip(array);
    else collector.add(array, readNpyNumbers(content, header, place));
  }
  checkHasArrays(collector, name);
  return { format: 'npz', convention: ARRAY_CONVENTION, ...collector.finish() };
}
