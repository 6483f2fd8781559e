import { AlexNetError } from '@alexnet/core';
import { appendOutputs } from '@alexnet/export';

/** Layers whose values are wanted, by their names in the file; `all` is every one that depends on the picture. */
export type FeatureChoice = readonly string[] | 'all';

/**
 * The file with these layers among its outputs. Declaring costs memory and some speed: what is an output is kept
 * during a run, and not computed together with what follows it.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a name that the file has not, with all there are
 */
export function declareFeatures(
  bytes: Uint8Array,
  features: FeatureChoice | undefined,
): Uint8Array {
  if (features === undefined) return bytes;
  if (features !== 'all' && !Array.isArray(features)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `features should be a list of layers or 'all', but is ${JSON.stringify(features)}.`,
      hint: "Write features: ['conv5'].",
      path: ['features'],
    });
  }
  return appendOutputs(bytes, features);
}
