import type { Tensor } from '@alexnet/core';
import type { TensorFlow, Value } from './tensorflow.ts';

/** Which rows of a batch are pictures, and where what a layer finds out about them goes. */
export interface BatchStatistics {
  /** [N]: 1 for a picture, 0 for none. */
  readonly presence: Value;
  /** [N]: what a picture counts of a mean; of a batch without pictures, 0. */
  readonly shares: Value;
  /** Takes mean or variance [C] of the batch, of a running statistic of this name. */
  update(parameter: string, value: Value, momentum: number): void;
}

/** What a batch says of a running statistic. */
interface BatchValue {
  readonly parameter: string;
  /** [C] */
  readonly value: Value;
  readonly momentum: number;
}

/** Of one pass. What it holds in TensorFlow's memory stays until it is followed. */
export interface StatisticsUpdates {
  readonly statistics: BatchStatistics;
  /**
   * new = momentum · old + (1 − momentum) · batch, once for each layer that has the statistic; a batch without
   * pictures leaves all as they are.
   *
   * @param replace - takes the new one of a name, given the old one
   */
  follow(replace: (parameter: string, next: (old: Value) => Value) => void): void;
}

/** @param targets - [N, classes]: a row of zeros is no picture */
export function createBatchStatistics(tf: TensorFlow, targets: Tensor): StatisticsUpdates {
  const pictures = findPictures(targets);
  const count = pictures.reduce((sum, value) => sum + value, 0);
  const presence = tf.keep(tf.tensor1d(pictures));
  const shares = tf.keep(tf.tensor1d(pictures.map((value) => value / Math.max(count, 1))));
  const found: BatchValue[] = [];
  return {
    statistics: {
      presence,
      shares,
      update: (parameter, value, momentum) => {
        found.push({ parameter, value: tf.keep(value), momentum });
      },
    },
    follow: (replace) => {
      for (const { parameter, value, momentum } of found) {
        if (count > 0) {
          replace(parameter, (old) => tf.add(tf.mul(old, momentum), tf.mul(value, 1 - momentum)));
        }
        value.dispose();
      }
      presence.dispose();
      shares.dispose();
    },
  };
}

function findPictures({ shape: [N = 0, classes = 0], data }: Tensor): Float32Array {
  return Float32Array.from({ length: N }, (_row, index) =>
    data.subarray(index * classes, (index + 1) * classes).some((value) => value !== 0) ? 1 : 0,
  );
}
