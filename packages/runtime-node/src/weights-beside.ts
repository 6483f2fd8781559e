import { createHash } from 'node:crypto';
import { AlexNetError, nameFile } from '@alexnet/core';
import { listExternalFiles, MAX_MODEL_BYTES, readModelFacts } from '@alexnet/export';
import { findExternalFolder } from '@alexnet/export/node';
import { fetchModel } from './fetch-model.ts';
import type { ModelFile } from './model-file.ts';

/** Where onnxruntime finds the weights that a model keeps in other files: in a folder, or in memory by their names. */
export type WeightsBeside =
  | { readonly folder: string }
  | { readonly files: ReadonlyMap<string, Uint8Array> };

/**
 * Finds the files beside a model that hold its weights: checked in place where the model is a file, fetched where it
 * has an address.
 *
 * @returns undefined where the model holds all its weights
 * @throws {@link AlexNetError} `NOT_FOUND`, `IO` · `UNSUPPORTED` for names that are paths, for links, and for a model
 *   given as bytes, beside which nothing lies · `INVALID_MODEL` for a file that is cut short or another
 */
export async function findWeightsBeside(
  { name, bytes, place }: ModelFile,
  signal?: AbortSignal,
): Promise<WeightsBeside | undefined> {
  try {
    if (typeof place === 'string') {
      const folder = await findExternalFolder(place, bytes);
      return folder === undefined ? undefined : { folder };
    }
    const names = listExternalFiles(bytes);
    if (names.length === 0) return undefined;
    if (place === undefined) throw nothingBeside(names);
    return { files: await fetchAll(place, bytes, { names, ...(signal ? { signal } : {}) }) };
  } catch (error) {
    throw nameFile(error, name);
  }
}

interface FetchAllOptions {
  readonly names: readonly string[];
  readonly signal?: AbortSignal;
}

async function fetchAll(
  address: URL,
  bytes: Uint8Array,
  { names, signal }: FetchAllOptions,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const listed = new Map(readModelFacts(bytes).files.map((file) => [file.name, file]));
  const fetched = names.map(async (name) => {
    const known = listed.get(name);
    const maxBytes = known?.bytes ?? MAX_MODEL_BYTES;
    const url = new URL(encodeURIComponent(name), address);
    const file = await fetchModel(url, { maxBytes, ...(signal ? { signal } : {}) });
    if (known) checkSum(name, file.bytes, known.sha256);
    return [name, file.bytes] as const;
  });
  return new Map(await Promise.all(fetched));
}

function checkSum(name: string, bytes: Uint8Array, expected: string): void {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === expected) return;
  throw new AlexNetError('INVALID_MODEL', {
    message: `${name} has the SHA-256 ${found}, but the model was written with ${expected}.`,
    hint: 'The server has the files of two models: upload all files of one export.',
    path: [name],
  });
}

function nothingBeside(names: readonly string[]): AlexNetError {
  const [first = '', ...more] = names;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  return new AlexNetError('UNSUPPORTED', {
    message: `The model keeps its weights in ${JSON.stringify(first)}${others}, and was given as bytes, beside which nothing lies.`,
    hint: 'Load it by its path or address, or export it in one file: leave --external-data out.',
    path: [first],
  });
}
