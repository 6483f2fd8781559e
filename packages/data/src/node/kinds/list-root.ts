import { AlexNetError } from '@alexnet/core';
import type { OpenDatasetOptions } from '../open-dataset-options.ts';
import { exists, type FileStore } from '../stores/file-store.ts';
import { openFolderStore } from '../stores/folder-store.ts';
import { partOfStore } from '../stores/part-of-store.ts';
import type { PathTable } from '../stores/path-table.ts';

/** Where the pictures of a list lie, and how its paths become theirs. */
export interface ListRoot {
  readonly store: FileStore;
  /** In the store, of a path as the list has it. */
  toPath(listed: string): string;
  /** A sentence, where it is not as written. */
  readonly note: string | null;
}

const TRIALS = 10;
const FOLDERS = [
  'images',
  'image',
  'imgs',
  'img',
  'pictures',
  'photos',
  'jpg',
  'data',
  'train',
  'test',
  'val',
];
const ENDINGS = ['', '.jpg', '.jpeg', '.png', '.JPEG', '.webp', '.tif'];

/** How paths of a list are meant, what is likeliest first. */
const SPELLINGS: readonly {
  spell(listed: string): string;
  /** Of the pictures, where it is not as written. */
  readonly note: string | null;
}[] = [
  { spell: (listed) => listed, note: null },
  // Lists that were written on Windows part folders by "\\", which elsewhere may be a letter of a name.
  {
    spell: (listed) => listed.replaceAll('\\', '/'),
    note: 'are parted from their folders by "\\"',
  },
  // What Caffe puts a list's paths behind may end without a slash.
  {
    spell: (listed) => listed.replace(/^\/+/, ''),
    note: 'are relative to the root in spite of their "/"',
  },
];

/**
 * Finds what the paths of a list are relative to: the root that is given; else the list's folder, or one of the
 * usual folders in it, by the first pictures that are there.
 *
 * @param folders - of the list's place, to be tried first
 * @throws {@link AlexNetError} `INVALID_DATASET` if none of the first pictures is there
 */
export async function findListRoot(
  list: { readonly store: FileStore; readonly name: string; readonly paths: PathTable },
  { root, ...options }: Pick<OpenDatasetOptions, 'root'> & { readonly folders: readonly string[] },
): Promise<ListRoot> {
  const { store, paths } = list;
  const firsts = Array.from({ length: Math.min(TRIALS, paths.length) }, (_, index) =>
    paths.at(index),
  );
  const given =
    root === undefined
      ? null
      : store.kind === 'folder'
        ? openFolderStore(root)
        : partOfStore(store, root);
  const known = options.folders.length > 0 ? options.folders : FOLDERS;
  const stores = given
    ? [{ store: given, folder: '' }]
    : [
        { store, folder: '' },
        ...known.map((folder) => ({ store: partOfStore(store, folder), folder })),
      ];
  for (const { spell, note } of SPELLINGS) {
    if (firsts.every((path) => spell(path) === path) && note !== null) continue;
    for (const ending of ENDINGS) {
      const toPath = (listed: string) => `${spell(listed)}${ending}`;
      for (const candidate of stores) {
        if (!(await hasOne(candidate.store, firsts.map(toPath)))) continue;
        const where = [
          ...(note === null ? [] : [note]),
          ...(candidate.folder === '' ? [] : [`lie in ${candidate.folder}/`]),
          ...(ending === '' ? [] : [`end in ${ending}`]),
        ];
        return {
          store: candidate.store,
          toPath,
          note: where.length === 0 ? null : `The pictures of ${list.name} ${where.join(' and ')}.`,
        };
      }
    }
  }
  const [first = ''] = firsts;
  throw new AlexNetError('INVALID_DATASET', {
    message: `None of the first ${firsts.length} pictures of ${list.name} is where it says: ${(given ?? store).nameOf(first)}, …`,
    hint: 'Paths are relative to the list; give the folder that they are relative to as the root.',
    path: firsts,
  });
}

async function hasOne(store: FileStore, paths: readonly string[]): Promise<boolean> {
  for (const path of paths) if (await exists(store, path)) return true;
  return false;
}
