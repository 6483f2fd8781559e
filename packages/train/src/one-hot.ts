/**
 * Targets of a batch: each picture wholly of its class.
 *
 * @param labels - class of each picture; there may be fewer than the batch has rows
 * @returns [batchSize, classes]; rows without a picture are zero
 */
export function toOneHot(
  labels: ArrayLike<number>,
  { batchSize, classes }: { readonly batchSize: number; readonly classes: number },
): Float32Array {
  const targets = new Float32Array(batchSize * classes);
  for (let row = 0; row < labels.length; row++) targets[row * classes + (labels[row] ?? 0)] = 1;
  return targets;
}
