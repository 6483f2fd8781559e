import type { ErrorCode } from '../errors.ts';
import { type JsonReader, readJson } from '../read-json.ts';
import { decodeMeanImage, isMeanImage } from './mean-image.ts';
import type { ModelMetadata, Provenance, TrainingColours } from './model.ts';
import type { Interpolation, Preprocessing, Resize, Sides } from './preprocessing.ts';

/** Reads preprocessing from untrusted JSON. @throws with `code`, naming the field */
export function parsePreprocessing(
  value: unknown,
  code: ErrorCode = 'INVALID_MODEL',
): Preprocessing {
  const json = readJson(value, { code, what: 'The preprocessing' });
  const channels = json.field('channels').oneOf(['RGB', 'BGR', 'grey']);
  const count = channels === 'grey' ? 1 : 3;
  const preprocessing: Preprocessing = {
    resize: parseResize(json.field('resize')),
    crop: json.field('crop').value() === null ? null : parseSize(json.field('crop')),
    channels,
    scale: json.field('scale').number(),
    mean: parseMean(json.field('mean'), count),
    std: json.field('std').numbers(count),
  };
  const { mean } = preprocessing;
  if (isMeanImage(mean)) decodeMeanImage(mean, preprocessing, { code });
  return preprocessing;
}

/** Reads a mean of so many channels, whose size is not checked yet. @throws as the reader */
export function parseMean(json: JsonReader, channels: number): Preprocessing['mean'] {
  if (json.value() === 'picture') return 'picture';
  if (!json.has('float32')) return json.numbers(channels);
  return { ...parseSize(json), float32: json.field('float32').string() };
}

/** Reads a model's metadata from untrusted JSON. @throws with `code`, naming the field */
export function parseMetadata(value: unknown, code: ErrorCode = 'INVALID_MODEL'): ModelMetadata {
  const json = readJson(value, { code, what: "The model's metadata" });
  return {
    preset: json.field('preset').stringOrNull(),
    labels: json
      .field('labels')
      .items()
      .map((label) => label.string()),
    preprocessing: parsePreprocessing(json.field('preprocessing').value(), code),
    provenance: parseProvenance(json.field('provenance').value(), code),
  };
}

/** Reads where weights come from. @throws with `code`, naming the field */
export function parseProvenance(value: unknown, code: ErrorCode = 'INVALID_MODEL'): Provenance {
  const json = readJson(value, { code, what: 'The provenance' });
  return {
    origin: json.field('origin').oneOf(['initialized', 'trained', 'imported']),
    ...readOptional(json, 'seed', (seed) => seed.integer()),
    ...readOptional(json, 'steps', (steps) => steps.integer()),
    ...readOptional(json, 'epochs', (epochs) => epochs.number()),
    ...readOptional(json, 'source', (source) => source.string()),
    ...readOptional(json, 'validation', (validation) => ({
      loss: validation.field('loss').number(),
      top1: validation.field('top1').number(),
      top5: validation.field('top5').number(),
    })),
    ...readOptional(json, 'colours', parseColours),
  };
}

function readOptional<Name extends string, Value>(
  json: JsonReader,
  name: Name,
  read: (field: JsonReader) => Value,
): { readonly [_ in Name]?: Value } {
  if (!json.has(name)) return {};
  return { [name]: read(json.field(name)) } as { readonly [_ in Name]: Value };
}

/** Reads the colours of a set of pictures. @throws as the reader */
export function parseColours(json: JsonReader): TrainingColours {
  return {
    mean: json.field('mean').numbers(3),
    std: json.field('std').numbers(3),
    eigenvalues: json.field('eigenvalues').numbers(3),
    eigenvectors: json
      .field('eigenvectors')
      .items()
      .map((vector) => vector.numbers(3)),
  };
}

function parseResize(json: JsonReader): Resize {
  const mode = json.field('mode').oneOf(['none', 'short-side', 'exact']);
  switch (mode) {
    case 'none':
      return { mode };
    case 'short-side':
      return { mode, size: json.field('size').integer(1), ...parseInterpolation(json) };
    default:
      return { mode, ...parseSize(json), ...parseInterpolation(json) };
  }
}

function parseInterpolation(json: JsonReader): Interpolation {
  return {
    filter: json.field('filter').oneOf(['bilinear', 'bicubic']),
    antialias: json.field('antialias').boolean(),
  };
}

function parseSize(json: JsonReader): Sides {
  return { height: json.field('height').integer(1), width: json.field('width').integer(1) };
}
