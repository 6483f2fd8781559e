import type { Mixed } from '@alexnet/data';

/** What a step is to learn: its pictures' classes as rows of shares. */
export interface Targets {
  /** [batchSize, classes]; a row of zeros is no picture. */
  readonly rows: Float32Array;
  /** What the summed loss is divided by: the pictures' weights together. */
  readonly normalizer: number;
}

export interface TargetOptions {
  readonly batchSize: number;
  readonly classes: number;
  /**
   * Share of each picture that goes to all classes alike; none unless given.
   *
   * @see Szegedy et al. 2016, §7
   */
  readonly smoothing?: number;
  /** Weight of each class; 1 unless given. */
  readonly classWeights?: readonly number[] | null;
  /** Where each picture is mixed with another one. */
  readonly mixed?: Mixed;
}

/**
 * Targets whose cross-entropy is that of `torch.nn.CrossEntropyLoss(weight, label_smoothing=smoothing)`, or
 * the mean of two of them where pictures are mixed.
 *
 *   row[j] = weight[j] · ((1 − smoothing) · (j = label) + smoothing / classes),
 *   normalizer = Σ weight[label]
 *
 * @param labels - class of each picture; there may be fewer than the batch has rows
 */
export function createTargets(
  labels: ArrayLike<number>,
  { batchSize, classes, smoothing = 0, classWeights = null, mixed }: TargetOptions,
): Targets {
  const rows = new Float32Array(batchSize * classes);
  let normalizer = 0;
  const weightOf = (label: number) => classWeights?.[label] ?? 1;
  const addTo = (row: number, label: number, target: number) => {
    const at = row * classes + label;
    rows[at] = (rows[at] ?? 0) + target * weightOf(label);
  };
  const add = (row: number, label: number, share: number) => {
    normalizer += share * weightOf(label);
    addTo(row, label, share * (1 - smoothing));
    if (smoothing === 0) return;
    for (let j = 0; j < classes; j++) addTo(row, j, (share * smoothing) / classes);
  };
  for (let row = 0; row < labels.length; row++) {
    const share = mixed?.share ?? 1;
    add(row, labels[row] ?? 0, share);
    if (mixed) add(row, mixed.labels[row] ?? 0, 1 - share);
  }
  return { rows, normalizer: normalizer > 0 ? normalizer : 1 };
}
