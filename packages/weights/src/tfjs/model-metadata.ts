import {
  checkLabels,
  isAlexNetError,
  type JsonReader,
  type ModelMetadata,
  parseMetadata,
} from '@alexnet/core';

/** What a layers model says of itself, and what of that could not be read. */
export interface FoundMetadata {
  readonly metadata: Partial<ModelMetadata>;
  readonly notes: readonly string[];
}

/**
 * Labels, preprocessing and provenance of a model.json that `writeTfjsLayers` wrote. Its preset is left to the layers,
 * which may have been changed since.
 *
 * @param classes - of the network
 */
export function readModelMetadata(json: JsonReader, classes: number): FoundMetadata {
  const own = json.has('userDefinedMetadata') ? json.field('userDefinedMetadata') : null;
  if (
    own === null ||
    typeof own.value() !== 'object' ||
    own.value() === null ||
    !own.has('alexnet')
  ) {
    return { metadata: {}, notes: [] };
  }
  try {
    const { labels, preprocessing, provenance } = parseMetadata(own.field('alexnet').value());
    checkLabels(labels, classes);
    return { metadata: { labels, preprocessing, provenance }, notes: [] };
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    return { metadata: {}, notes: [`Its userDefinedMetadata was left out: ${error.message}`] };
  }
}
