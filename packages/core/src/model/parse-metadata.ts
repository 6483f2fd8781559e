import type { ErrorCode } from '../errors.ts';
import { type JsonReader, readJson } from '../read-json.ts';
import type { ModelMetadata, Provenance, TrainingColours } from './model.ts';
import type { Interpolation, Preprocessing, Resize } from './preprocessing.ts';

/** Reads preprocessing from untrusted JSON. @throws with `code`, naming the field */
export function parsePreprocessing(
  value: unknown,
  code: ErrorCode = 'INVALID_MODEL',
): Preprocessing {
  const json = readJson(value, { code, what: 'The preprocessing' });
  const channels = json.field('channels').oneOf(['RGB', 'BGR', 'grey']);
  const count = channels === 'grey' ? 1 : 3;
  return {
    resize: parseResize(json.field('resize')),
    crop: json.field('crop').value() === null ? null : parseSize(json.field('crop')),
    channels,
    scale: json.field('scale').number(),
    mean: json.field('mean').value() === 'picture' ? 'picture' : json.field('mean').numbers(count),
    std: json.field('std').numbers(count),
  };
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
  const validation = json.field('validation');
  return {
    origin: json.field('origin').oneOf(['initialized', 'trained', 'imported']),
    ...(json.has('seed') ? { seed: json.field('seed').integer() } : {}),
    ...(json.has('steps') ? { steps: json.field('steps').integer() } : {}),
    ...(json.has('epochs') ? { epochs: json.field('epochs').number() } : {}),
    ...(json.has('source') ? { source: json.field('source').string() } : {}),
    ...(json.has('validation')
      ? {
          validation: {
            loss: validation.field('loss').number(),
            top1: validation.field('top1').number(),
            top5: validation.field('top5').number(),
          },
        }
      : {}),
    ...(json.has('colours') ? { colours: parseColours(json.field('colours')) } : {}),
  };
}

function parseColours(json: JsonReader): TrainingColours {
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

function parseSize(json: JsonReader): { readonly height: number; readonly width: number } {
  return { height: json.field('height').integer(1), width: json.field('width').integer(1) };
}
