import { endsInSoftmax } from '@alexnet/export';
import type { OutputKind } from './classifier.ts';

/**
 * What an output holds: `probabilities` if it is named so, or if a softmax makes it, as in most models of others.
 *
 * @param bytes - the model file
 */
export function inferOutputKind(bytes: Uint8Array, output: string): OutputKind {
  return output === 'probabilities' || endsInSoftmax(bytes, output) ? 'probabilities' : 'logits';
}
