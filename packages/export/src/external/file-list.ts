import { AlexNetError, type JsonReader } from '@alexnet/core';
import { isPlainName } from './plain-name.ts';

/** A file beside a model that holds weights of it. */
export interface ExternalFile {
  /** Without folders. */
  readonly name: string;
  readonly bytes: number;
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string;
}

/** Files that a model may keep its weights in: 2 GiB in the smallest shards that a network of files takes. */
export const MAX_EXTERNAL_FILES = 1000;

/** @throws AlexNetError `INVALID_MODEL` for a list that a careful reader would not follow */
export function parseFileList(json: JsonReader): readonly ExternalFile[] {
  const items = json.items();
  if (items.length > MAX_EXTERNAL_FILES) {
    throw invalid(`has ${items.length} entries; ${MAX_EXTERNAL_FILES} is the limit`, json);
  }
  const names = new Set<string>();
  return items.map((item) => {
    const name = item.field('name').string();
    const sha256 = item.field('sha256').string();
    if (!isPlainName(name)) throw invalid(`names ${quote(name)}, no plain name of a file`, item);
    if (names.has(name)) throw invalid(`names ${quote(name)} twice`, item);
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalid(`has the sha256 ${quote(sha256)}`, item);
    names.add(name);
    return { name, bytes: item.field('bytes').integer(), sha256 };
  });
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function invalid(what: string, { path }: JsonReader): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `The model's list of files with weights ${what}.`,
    hint: 'The file is damaged, or made to do harm. Export the model again.',
    path: ['alexnet.files', ...path],
  });
}
