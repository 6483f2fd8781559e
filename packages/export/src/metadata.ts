import {
  AlexNetError,
  type ModelMetadata,
  type Preprocessing,
  parsePreprocessing,
  parseProvenance,
  readJson,
} from '@alexnet/core';
import type { About } from './about.ts';
import type { Embedding } from './embed/add-preprocessing.ts';
import { type ExternalFile, parseFileList } from './external/file-list.ts';
import { DEFAULT_PRECISION, type Precision, parsePrecision } from './precision.ts';
import type { StringStringEntryProto } from './proto/messages.ts';
import type { ModelOutline } from './proto/outline-schema.ts';

/** Keys of a model's `metadata_props`; those for people as Netron 9 knows them. */
const KEYS = {
  preset: 'alexnet.preset',
  labels: 'alexnet.labels',
  preprocessing: 'alexnet.preprocessing',
  provenance: 'alexnet.provenance',
  embedded: 'alexnet.embedded',
  files: 'alexnet.files',
  precision: 'alexnet.precision',
  author: 'author',
  license: 'license',
} as const;

export interface FormatOptions {
  readonly precision: Precision;
  readonly about: About;
  /** What of the preprocessing the file does itself. */
  readonly embed: 'none' | Embedding;
}

/**
 * Metadata as texts by key. Fields stand in one order and unknown ones are left out, so that equal
 * metadata give equal bytes; a preset of null has no entry, nor has a file of float32 alone one on its precision.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` naming the field
 */
export function formatMetadata(
  metadata: ModelMetadata,
  { precision, about, embed }: FormatOptions,
): Record<string, string> {
  const { compute, weights } = precision;
  const { author, license } = about;
  const { preset, labels, preprocessing, provenance } = metadata;
  return {
    ...(preset === null ? {} : { [KEYS.preset]: preset }),
    [KEYS.labels]: JSON.stringify(labels),
    ...formatPreprocessing(parsePreprocessing(preprocessing, 'INVALID_ARGUMENT'), embed),
    [KEYS.provenance]: JSON.stringify(parseProvenance(provenance, 'INVALID_ARGUMENT')),
    ...(compute === 'float32' && weights === 'float32'
      ? {}
      : { [KEYS.precision]: JSON.stringify({ compute, weights }) }),
    ...(author === undefined ? {} : { [KEYS.author]: author }),
    ...(license === undefined ? {} : { [KEYS.license]: license }),
  };
}

/** What is left to do for a file that does a part of the preprocessing itself, and all of it. */
function formatPreprocessing(
  preprocessing: Preprocessing,
  embed: FormatOptions['embed'],
): Record<string, string> {
  if (embed === 'none') return { [KEYS.preprocessing]: JSON.stringify(preprocessing) };
  const { resize, crop } = preprocessing;
  const bytes = { channels: 'RGB', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const framing = embed === 'resize' ? { resize: { mode: 'none' }, crop: null } : { resize, crop };
  return {
    [KEYS.preprocessing]: JSON.stringify({ ...framing, ...bytes }),
    [KEYS.embedded]: JSON.stringify(preprocessing),
  };
}

/** All of the preprocessing, of a file that does a part of it itself; undefined for others. */
export function parseEmbedded(
  entries: readonly StringStringEntryProto[],
): Preprocessing | undefined {
  const embedded = parseJson(indexByKey(entries), KEYS.embedded);
  return embedded === undefined ? undefined : parsePreprocessing(embedded);
}

/**
 * What of our metadata a model carries: foreign models have none.
 *
 * @throws AlexNetError `INVALID_MODEL` for an entry of ours that is no JSON or not what it should be
 */
export function parseMetadataProps(
  entries: readonly StringStringEntryProto[],
): Partial<ModelMetadata> {
  const texts = indexByKey(entries);
  const preset = texts.get(KEYS.preset);
  const labels = parseJson(texts, KEYS.labels);
  const preprocessing = parseJson(texts, KEYS.preprocessing);
  const provenance = parseJson(texts, KEYS.provenance);
  return {
    ...(preset === undefined ? {} : { preset }),
    ...(labels === undefined ? {} : { labels: parseLabels(labels) }),
    ...(preprocessing === undefined ? {} : { preprocessing: parsePreprocessing(preprocessing) }),
    ...(provenance === undefined ? {} : { provenance: parseProvenance(provenance) }),
  };
}

/** The files that hold a model's weights, as an entry of its own: they are of one file, not of the model. */
export function formatFiles(files: readonly ExternalFile[]): StringStringEntryProto {
  const plain = files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }));
  return { key: KEYS.files, value: JSON.stringify(plain) };
}

/**
 * The files that a model of ours keeps its weights in; none where they are inside.
 *
 * @throws AlexNetError `INVALID_MODEL` for a list with paths, links or numbers that a careful reader would not follow
 */
export function parseFiles(entries: readonly StringStringEntryProto[]): readonly ExternalFile[] {
  const list = parseJson(indexByKey(entries), KEYS.files);
  if (list === undefined) return [];
  return parseFileList(readJson(list, { code: 'INVALID_MODEL', what: KEYS.files }));
}

/**
 * What a model says of its numbers; float32 where it says nothing.
 *
 * @throws AlexNetError `INVALID_MODEL`
 */
export function parsePrecisionProp(entries: readonly StringStringEntryProto[]): Precision {
  const precision = parseJson(indexByKey(entries), KEYS.precision);
  return precision === undefined ? DEFAULT_PRECISION : parsePrecision(precision);
}

/** What a file of any program says of itself for people. */
export function parseAbout({ graph, modelVersion, docString, metadataProps }: ModelOutline): About {
  const texts = indexByKey(metadataProps);
  const fields = {
    name: graph.name,
    version: modelVersion,
    description: docString,
    author: texts.get(KEYS.author),
    license: texts.get(KEYS.license),
  };
  const isSaid = ([, value]: readonly [string, unknown]) => value !== undefined && value !== '';
  return Object.fromEntries(Object.entries(fields).filter(isSaid));
}

function parseLabels(value: unknown): readonly string[] {
  const json = readJson(value, { code: 'INVALID_MODEL', what: KEYS.labels });
  return json.items().map((label) => label.string());
}

function parseJson(texts: ReadonlyMap<string, string>, key: string): unknown {
  const text = texts.get(key);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (isDeeper(value, MAX_JSON_DEPTH)) throw new RangeError('lists within lists');
    return value;
  } catch (cause) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `The model's metadata "${key}" is not JSON, or is nested too deep.`,
      hint: 'Export the model again.',
      path: [key],
      cause,
    });
  }
}

/** Ours has three levels; those who walk through it do so recursively. */
const MAX_JSON_DEPTH = 8;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** Keys are free texts: in a message they are quoted, and cut. */
const MAX_SHOWN = 100;

function indexByKey(entries: readonly StringStringEntryProto[]): ReadonlyMap<string, string> {
  const byKey = new Map<string, string>();
  for (const { key, value } of entries) {
    if (byKey.has(key)) {
      throw new AlexNetError('INVALID_MODEL', {
        message: `The model has the metadata ${JSON.stringify(key.slice(0, MAX_SHOWN))} twice.`,
        hint: 'The file is damaged, or made to be read in two ways.',
        path: [key],
      });
    }
    byKey.set(key, value);
  }
  return byKey;
}
