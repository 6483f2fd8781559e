import { AlexNetError } from '@alexnet/core';
import type { Dataset } from './dataset.ts';

/**
 * Some pictures of a data set, in the order given; a view, nothing is copied.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` naming the index that the data set does not have
 */
export function subset(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const chosen = Float64Array.from(indices);
  const missing = chosen.find(
    (index) => !(Number.isInteger(index) && index >= 0 && index < dataset.length),
  );
  if (missing !== undefined) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"${dataset.name}" has ${dataset.length} pictures, so there is no index ${missing}.`,
      hint: `Indices go from 0 to ${dataset.length - 1}.`,
    });
  }
  const at = (index: number) => chosen[index] ?? -1;
  const readFile = dataset.readFile?.bind(dataset);
  const deferPicture = dataset.deferPicture?.bind(dataset);
  return {
    name: dataset.name,
    labels: dataset.labels,
    length: chosen.length,
    ...(dataset.channels && { channels: dataset.channels }),
    ...(dataset.pictureSize && { pictureSize: dataset.pictureSize }),
    ...(dataset.shrinkOnLoad && { shrinkOnLoad: dataset.shrinkOnLoad }),
    labelOf: (index) => dataset.labelOf(at(index)),
    nameOf: (index) => dataset.nameOf(at(index)),
    keyOf: (index) => dataset.keyOf(at(index)),
    readPicture: (index) => dataset.readPicture(at(index)),
    ...(deferPicture && { deferPicture: (index) => deferPicture(at(index)) }),
    confirmPicture: (index, picture) => dataset.confirmPicture?.(at(index), picture),
    ...(readFile && { readFile: (index) => readFile(at(index)) }),
  };
}
