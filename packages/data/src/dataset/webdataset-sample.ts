import { AlexNetError } from '@alexnet/core';

/** Names under which the JSON of a sample says its class. */
const JSON_KEYS = [
  'label',
  'cls',
  'class',
  'class_id',
  'target',
  'label_name',
  'class_name',
] as const;

/** `shard/000017` and `cls` of `shard/000017.cls`: the name ends at its first dot. */
export function splitSampleName(path: string): { readonly key: string; readonly ending: string } {
  const dot = path.indexOf('.', path.lastIndexOf('/') + 1);
  return dot < 0
    ? { key: path, ending: '' }
    : { key: path.slice(0, dot), ending: path.slice(dot + 1).toLowerCase() };
}

/**
 * The class that a sample's file says, a number or a name.
 *
 * @param ending - `cls`: the text is the class; `json`: an object with it
 * @throws {@link AlexNetError} `INVALID_DATASET` naming the file
 */
export function parseSampleLabel(bytes: Uint8Array, ending: string, name: string): string {
  const text = new TextDecoder().decode(bytes).trim();
  const label = ending === 'json' ? labelOfJson(text, name) : text;
  if (label !== '' && !label.includes('\n')) return label;
  throw invalid(name, 'holds no class: it is empty, or of several lines');
}

function labelOfJson(text: string, name: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalid(name, `is no JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
  if (typeof parsed === 'number' || typeof parsed === 'string') return `${parsed}`;
  const entries = new Map(
    Object.entries(typeof parsed === 'object' && parsed !== null ? parsed : {}),
  );
  for (const key of JSON_KEYS) {
    const value = entries.get(key);
    if (typeof value === 'string' || Number.isSafeInteger(value)) return `${value}`;
  }
  throw invalid(name, `says no class: it has none of ${JSON_KEYS.join(', ')}`);
}

function invalid(name: string, problem: string): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} ${problem}.`,
    hint: 'A sample is a picture and its class: 000017.jpg and 000017.cls, or 000017.json with a field "label".',
    path: [name],
  });
}
