import { AlexNetError } from '@alexnet/core';
import type { FileListing, FileStore } from './file-store.ts';
import { PathTableBuilder } from './path-table.ts';
import { SortedPaths } from './sorted-paths.ts';

/** A store in another one's place: its files lie in a folder of this name. */
export interface JoinedPart {
  readonly folder: string;
  readonly store: FileStore;
}

/**
 * Several stores as one, each a folder of it: the shards of a WebDataset, a tar archive for each class.
 *
 * @param parts - sorted by the bytes of `folder/`
 */
export async function joinStores(path: string, parts: readonly JoinedPart[]): Promise<FileStore> {
  const listing = await joinListings(parts);
  const byFolder = new Map(parts.map(({ folder, store }) => [folder, store]));
  const locate = (file: string) => {
    const slash = file.indexOf('/');
    const store = byFolder.get(file.slice(0, slash));
    if (store) return { store, inside: file.slice(slash + 1) };
    throw new AlexNetError('NOT_FOUND', {
      message: `${path}/${file} does not exist.`,
      hint: 'Check the path.',
      path: [file],
    });
  };
  return {
    path,
    kind: 'tars',
    notes: [
      `It has ${parts.length} tar archives and nothing else; they are read without unpacking.`,
    ],
    nameOf: (file) => {
      const { store, inside } = locate(file);
      return store.nameOf(inside);
    },
    list: async () => listing,
    find: async (file) => {
      const { store, inside } = locate(file);
      return store.find(inside);
    },
    readEach: async function* (files) {
      for (const [store, inside] of groupRuns(files, locate)) {
        if (store.readEach) yield* store.readEach(inside);
        else for (const file of inside) yield await (await store.find(file)).read();
      }
    },
  };
}

/** Files that follow one another in one store. */
function* groupRuns(
  files: Iterable<string>,
  locate: (file: string) => { readonly store: FileStore; readonly inside: string },
): Generator<readonly [FileStore, readonly string[]], void, undefined> {
  let current: FileStore | null = null;
  let run: string[] = [];
  for (const file of files) {
    const { store, inside } = locate(file);
    if (current && current !== store) {
      yield [current, run];
      run = [];
    }
    current = store;
    run.push(inside);
  }
  if (current) yield [current, run];
}

async function joinListings(parts: readonly JoinedPart[]): Promise<FileListing> {
  const builder = new PathTableBuilder();
  const listings: { folder: string; listing: FileListing }[] = [];
  for (const { folder, store } of parts) {
    const listing = await store.list();
    for (const path of listing.paths) builder.add(`${folder}/${path}`);
    listings.push({ folder, listing });
  }
  return {
    paths: new SortedPaths(builder.build()),
    emptyFolders: listings.flatMap(({ folder, listing }) =>
      listing.paths.length === 0
        ? [folder]
        : listing.emptyFolders.map((path) => `${folder}/${path}`),
    ),
    skipped: listings.flatMap(({ folder, listing }) =>
      listing.skipped.map(({ path, reason }) => ({ path: `${folder}/${path}`, reason })),
    ),
  };
}
