import { AlexNetError } from '@alexnet/core';
import { type ClassName, parseClassNames } from '../../dataset/class-names.ts';
import type { Place } from '../kinds/source-kind.ts';
import { exists, type FileStore, type StoredFile } from '../stores/file-store.ts';

/** Files that name the classes of the data beside them, the first that is there. */
const NAMES_FILES = ['labels.txt', 'classes.txt', 'synset_words.txt', 'batches.meta.txt'] as const;
const MAX_NAMES_BYTES = 2 ** 26;

export interface NamesFile {
  readonly file: string;
  readonly classes: readonly ClassName[];
}

/** Those that are there. @throws AlexNetError `IO` */
export async function listNamesFiles(store: FileStore): Promise<readonly string[]> {
  const found = await Promise.all(NAMES_FILES.map((file) => exists(store, file)));
  return NAMES_FILES.filter((_, index) => found[index]);
}

/** Whether a file names classes, and so belongs to the data set. */
export function isNamesFile(name: string): boolean {
  return NAMES_FILES.some((file) => file === name);
}

/**
 * The names of the classes, where a file beside the data has them.
 *
 * @throws AlexNetError `INVALID_DATASET` for a file that is not one of names, `IO`
 */
export async function readNamesFile({ store, survey }: Place): Promise<NamesFile | null> {
  const file = NAMES_FILES.find((name) => survey.others.includes(name));
  if (file === undefined) return null;
  const stored = await store.find(file);
  return { file, classes: parseClassNames(await readText(stored, MAX_NAMES_BYTES), stored.name) };
}

/**
 * The text of a file.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` if it is larger than such a file can be, or no UTF-8
 */
export async function readText(file: StoredFile, maxBytes: number): Promise<string> {
  if (file.sizeBytes > maxBytes) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${file.name} has ${file.sizeBytes} bytes; the limit of such a file is ${maxBytes}.`,
      hint: 'Is this the right file?',
      path: [file.name],
    });
  }
  return new TextDecoder().decode(await file.read());
}
