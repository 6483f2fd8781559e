import { softmax } from '@alexnet/core';

/** Scores [count, classes] of inputs [count, C, H, W]. */
type Forward = (images: Float32Array, count: number) => Promise<Float32Array>;

/**
 * A network that is given several crops of each picture, one after another: what it answers is the logarithm
 * of the mean of the crops' probabilities, whose softmax is this mean.
 *
 * @see Krizhevsky et al. 2012, §4.1: "averaging the predictions made by the network's softmax layer on the
 *   ten patches"
 */
export function averageCrops(forward: Forward, crops: number): Forward {
  return async (images, count) => {
    const logits = await forward(images, count * crops);
    const classes = logits.length / (count * crops);
    const averaged = new Float32Array(count * classes);
    for (let row = 0; row < count; row++) {
      const sums = new Float64Array(classes);
      for (let crop = 0; crop < crops; crop++) {
        const first = (row * crops + crop) * classes;
        const probabilities = softmax(logits.subarray(first, first + classes));
        for (let i = 0; i < classes; i++) sums[i] = (sums[i] ?? 0) + (probabilities[i] ?? 0);
      }
      averaged.set(
        sums.map((sum) => Math.log(sum / crops)),
        row * classes,
      );
    }
    return averaged;
  };
}
