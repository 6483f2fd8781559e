import type { OnnxBuilder, Value } from '@alexnet/export';

export interface LossValues {
  /** Scalar. */
  readonly loss: 'loss';
  /** [N, classes], under the name that it has outside. */
  readonly logits: 'logits';
  /** [N, classes] */
  readonly dLogits: Value;
}

export interface LossOperands {
  /** [N, classes] */
  readonly logits: Value;
  /** [N, classes]: the wanted shares; a row of zeros takes part in nothing. */
  readonly target: Value;
  /** [1]: number of real pictures. */
  readonly normalizer: Value;
  /** [1]: what the gradient (not the loss) is multiplied with; `null` for nothing. */
  readonly gradientScale: Value | null;
}

/**
 * Softmax cross-entropy with soft targets.
 *
 *   loss = −Σₙ Σⱼ target[n,j] · log softmax(logits[n])[j] / normalizer
 *   dlogits = (softmax(logits[n]) · Σⱼ target[n,j] − target[n]) · scale / normalizer
 */
export function addCrossEntropy(builder: OnnxBuilder, operands: LossOperands): LossValues {
  const { target, normalizer, gradientScale } = operands;
  const logits = builder.op('Identity', [operands.logits], {}, { output: 'logits' });
  return builder.scope('loss', () => {
    const logProbabilities = builder.op('LogSoftmax', [logits], { axis: { i: 1 } });
    const weighted = builder.op('Mul', [target, logProbabilities]);
    const total = builder.op('ReduceSum', [weighted], { keepdims: { i: 0 } });
    // 0 − total: a loss of 0 must not come out as −0.
    const mean = builder.op('Div', [builder.op('Sub', [builder.scalar(0), total]), normalizer]);
    builder.op('Reshape', [mean, builder.ints()], {}, { output: 'loss' });

    const rowSums = builder.op('ReduceSum', [target, builder.ints(1)], { keepdims: { i: 1 } });
    const expected = builder.op('Mul', [builder.op('Exp', [logProbabilities]), rowSums]);
    const difference = builder.op('Sub', [expected, target]);
    const factor = gradientScale
      ? builder.op('Div', [gradientScale, normalizer])
      : builder.op('Reciprocal', [normalizer]);
    const dLogits = builder.op('Mul', [difference, factor]);
    return { loss: 'loss', logits: 'logits', dLogits };
  });
}
