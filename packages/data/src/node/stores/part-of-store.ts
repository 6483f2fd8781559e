import type { FileListing, FileStore } from './file-store.ts';

/** A folder of a store, as a store. */
export function partOfStore(store: FileStore, folder: string): FileStore {
  const inside = (path: string) => `${folder}/${path}`;
  const readEach = store.readEach?.bind(store);
  return {
    path: store.nameOf(folder),
    kind: store.kind,
    notes: store.notes,
    nameOf: (path) => store.nameOf(inside(path)),
    find: (path) => store.find(inside(path)),
    ...(readEach && { readEach: (paths) => readEach(mapEach(paths, inside)) }),
    list: async () => partOfListing(await store.list(), folder),
  };
}

export function partOfListing(listing: FileListing, folder: string): FileListing {
  const prefix = `${folder}/`;
  return {
    paths: listing.paths.within(folder),
    emptyFolders: listing.emptyFolders
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length)),
    skipped: listing.skipped
      .filter(({ path }) => path.startsWith(prefix))
      .map(({ path, reason }) => ({ path: path.slice(prefix.length), reason })),
  };
}

function* mapEach(paths: Iterable<string>, inside: (path: string) => string): Generator<string> {
  for (const path of paths) yield inside(path);
}
