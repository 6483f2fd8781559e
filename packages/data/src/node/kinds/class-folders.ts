import { toPrintable } from '../../printable.ts';
import { assignClasses } from '../labels/assign-classes.ts';
import { isNamesFile, readNamesFile } from '../labels/names-file.ts';
import { checkClassCount, checkClassFolders } from './folder-checks.ts';
import type { OpenedSource, OpeningContext, Place, SourceKind } from './source-kind.ts';
import { createStoredDataset } from './stored-pictures.ts';
import { isPictureName } from './survey.ts';

/**
 * A folder with a sub-folder of pictures for each class, named as the class. Pictures further below count
 * to the class as well, as in torchvision's ImageFolder.
 *
 * Classes and pictures are sorted by code points: neither the file system nor the language changes
 * the order.
 */
export const CLASS_FOLDERS: SourceKind = {
  name: 'folder',
  detect: async ({ survey, listing }, { classPattern }) => {
    if (classPattern !== undefined) return null;
    const folders = new Set([...survey.folders, ...topFolders(listing.emptyFolders)]);
    return folders.size === 0
      ? null
      : `It has ${folders.size} sub-folders: each is taken for a class.`;
  },
  open: openClassFolders,
};

async function openClassFolders(place: Place, { options }: OpeningContext): Promise<OpenedSource> {
  const { store, listing } = place;
  const { folders, members, folderOf, ignored } = sortOut(place);
  checkClassFolders(store.path, folders);
  const names = folders.map(({ name }) => name);
  if (options.labels === undefined) checkClassCount(store.path, names);
  const namesFile = await readNamesFile(place);
  const { labels, indices, notes } = await assignClasses(new Set(names), {
    source: toPrintable(store.path),
    labels: options.labels,
    names: namesFile,
  });
  const labelOfFolder = names.map((name) => indices.get(name) ?? -1);
  const training = createStoredDataset({
    name: place.name,
    store,
    labels,
    length: members.length,
    decoding: options,
    pathOf: (index) => listing.paths.at(members[index] ?? -1),
    labelOf: (index) => labelOfFolder[folderOf[index] ?? -1] ?? -1,
  });
  return { training, validation: null, test: null, ignored, notes };
}

/** Which files are pictures of which folder. */
function sortOut({ listing: { paths, emptyFolders } }: Place) {
  const members = new Uint32Array(paths.length);
  const folderOf = new Uint32Array(paths.length);
  const ignored: string[] = [];
  const folders = new Map<string, { name: string; place: number; pictureCount: number }>();
  const enter = (name: string) => {
    const known = folders.get(name);
    if (known) return known;
    const folder = { name, place: folders.size, pictureCount: 0 };
    folders.set(name, folder);
    return folder;
  };
  let count = 0;
  for (let index = 0; index < paths.length; index++) {
    const path = paths.at(index);
    const slash = path.indexOf('/');
    const folder = slash < 0 ? null : enter(path.slice(0, slash));
    if (folder && isPictureName(path)) {
      folder.pictureCount += 1;
      folderOf[count] = folder.place;
      members[count] = index;
      count += 1;
    } else if (folder || !isNamesFile(path)) ignored.push(path);
  }
  for (const name of topFolders(emptyFolders)) enter(name);
  return {
    folders: [...folders.values()],
    members: members.slice(0, count),
    folderOf: folderOf.slice(0, count),
    ignored,
  };
}

/** Of each, the folder directly below the place. */
function topFolders(folders: readonly string[]): ReadonlySet<string> {
  return new Set(folders.map((folder) => folder.split('/', 1)[0] ?? folder));
}
