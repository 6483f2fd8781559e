import {
  AlexNetError,
  formatShape,
  type Preprocessing,
  type Provenance,
  parsePreprocessing,
} from '@alexnet/core';
import { preprocessedShape } from '@alexnet/data';
import type { ModelFacts } from '@alexnet/export';
import type { ValueInfo } from './session.ts';

/** What a classifier knows of its model, complete and checked. */
export interface ClassifierMetadata {
  /** Id of the preset that the model was built from; `null` if it does not say. */
  readonly preset: string | null;
  /** Names of the classes, by index of the output. */
  readonly labels: readonly string[];
  readonly preprocessing: Preprocessing;
  /** Where the weights come from; `null` if the model does not say. */
  readonly provenance: Provenance | null;
}

/**
 * What is left to do before a session gets its pictures. A file that resizes them itself is given pictures of the
 * network's own size as well: a session hands them on so that its resizing changes nothing.
 */
export function remainingPreprocessing({
  metadata: { preprocessing },
  embedded,
}: Pick<ModelFacts, 'metadata' | 'embedded'>): Preprocessing | undefined {
  if (!preprocessing || !embedded) return preprocessing;
  const { resize, crop } = embedded;
  return { ...preprocessing, resize, crop };
}

/** What the caller says of a model; stronger than what the file says. */
export interface MetadataOverrides {
  readonly labels?: readonly string[];
  readonly preprocessing?: Preprocessing;
}

export interface ResolveOptions {
  /** The file's name, for messages. */
  readonly name: string;
  /** The model's input, [N, C, H, W]. */
  readonly input: ValueInfo;
  /** The output with the classes, [N, classes]. */
  readonly output: ValueInfo;
  readonly overrides?: MetadataOverrides;
}

/**
 * Puts together what the file and the caller say, and checks it against the model.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` naming what is missing, or if the file contradicts itself ·
 *   `INVALID_ARGUMENT` for a wrong number of labels · `SHAPE_MISMATCH` for a preprocessing that makes
 *   another input than the model takes
 */
export function resolveMetadata(
  file: Pick<ModelFacts, 'metadata' | 'embedded'>,
  { name, input, output, overrides = {} }: ResolveOptions,
): ClassifierMetadata {
  const { preset, provenance } = file.metadata;
  const labels = overrides.labels ?? file.metadata.labels;
  const preprocessing = overrides.preprocessing
    ? parsePreprocessing(overrides.preprocessing, 'INVALID_ARGUMENT')
    : remainingPreprocessing(file);
  if (!labels || !preprocessing) throw describeMissing(name, { labels, preprocessing });
  checkLabelCount(labels, { name, output, given: overrides.labels !== undefined });
  checkPreprocessing(preprocessing, { name, input });
  return {
    preset: preset ?? null,
    labels: [...labels],
    preprocessing,
    provenance: provenance ?? null,
  };
}

/** What a caller may say in place of a file. */
const EXAMPLES = {
  labels: "labels: ['cat', 'dog']",
  preprocessing:
    "preprocessing: { resize: { mode: 'short-side', size: 256, filter: 'bilinear', antialias: true }, " +
    "crop: { height: 224, width: 224 }, channels: 'RGB', scale: 1 / 255, " +
    'mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }',
} as const;

function describeMissing(
  name: string,
  found: Readonly<Record<keyof typeof EXAMPLES, unknown>>,
): AlexNetError {
  const missing = (['labels', 'preprocessing'] as const).filter((field) => !found[field]);
  const example = missing.map((field) => EXAMPLES[field]).join(', ');
  return new AlexNetError('INVALID_MODEL', {
    message: `${name} does not say its ${missing.join(' and ')}: it was not exported by @alexnet.`,
    hint: `Pass what its authors say, such as: loadModel('${name}', { ${example} })`,
    path: missing.map((field) => `alexnet.${field}`),
  });
}

/**
 * The shape [C, H, W] of one picture in a model's input [N, C, H, W]; N may be open.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` with the shape found, if it is not one of pictures
 */
export function inferPictureShape(
  { name: input, shape }: ValueInfo,
  name: string,
): readonly [channels: number, height: number, width: number] {
  const [batch, channels, height, width] = shape;
  if (
    shape.length === 4 &&
    batch !== 0 &&
    (channels === 1 || channels === 3) &&
    isPositive(height) &&
    isPositive(width)
  ) {
    return [channels, height, width];
  }
  throw new AlexNetError('INVALID_MODEL', {
    message: `The input "${input}" of ${name} is ${formatShape(shape)}, but a classifier of pictures takes [N, 1 or 3, height, width].`,
    hint: 'Give a model whose input is a batch of pictures, channels first, height and width fixed.',
    path: [input],
  });
}

function isPositive(length: number | string | undefined): length is number {
  return typeof length === 'number' && length > 0;
}

/**
 * Width of an output [N, classes], if the model fixes it; trailing axes of length 1 do not count.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` if the output has another rank
 */
export function countOutputClasses(
  { name: output, shape }: ValueInfo,
  name: string,
): number | null {
  const [, classes, ...rest] = shape;
  if (shape.length === 0) return null;
  if (classes === undefined || rest.some((length) => length !== 1)) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `The output "${output}" of ${name} is ${formatShape(shape)}, but a classifier gives [N, classes].`,
      hint: 'Give a model that ends in one row of classes per picture.',
      path: [output],
    });
  }
  return typeof classes === 'number' ? classes : null;
}

function checkLabelCount(
  labels: readonly string[],
  { name, output, given }: { name: string; output: ValueInfo; given: boolean },
): void {
  const classes = countOutputClasses(output, name) ?? labels.length;
  if (labels.length === classes && classes > 0) return;
  throw new AlexNetError(given ? 'INVALID_ARGUMENT' : 'INVALID_MODEL', {
    message: `${name} has ${classes} classes, but ${labels.length} labels ${given ? 'were given' : 'in its metadata'}.`,
    hint: given
      ? 'Give one label for each class, in the order of the output.'
      : 'Export it again, or pass the labels: loadModel(…, { labels }).',
    path: [output.name, 'labels'],
  });
}

function checkPreprocessing(
  preprocessing: Preprocessing,
  { name, input }: { name: string; input: ValueInfo },
): void {
  const taken = inferPictureShape(input, name);
  const [, height, width] = taken;
  // Where the size follows the picture, each one is checked when it comes.
  const made = preprocessedShape(preprocessing, { height, width });
  if (made.every((length, axis) => length === taken[axis])) return;
  throw new AlexNetError('SHAPE_MISMATCH', {
    message: `${name} takes pictures of ${formatShape(taken)}, but its preprocessing makes ${formatShape(made)}.`,
    hint: `Give the preprocessing "crop": { height: ${height}, width: ${width} }, and "channels": RGB, BGR or grey.`,
    path: [input.name, 'preprocessing'],
  });
}
