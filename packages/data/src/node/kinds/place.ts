import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { compareCodePoints } from '../../dataset/code-point-order.ts';
import { listNamesFiles } from '../labels/names-file.ts';
import type { FileListing, FileStore } from '../stores/file-store.ts';
import { openFolderStore } from '../stores/folder-store.ts';
import { type JoinedPart, joinStores } from '../stores/joined-store.ts';
import { openArchive } from '../stores/open-archive.ts';
import { partOfListing, partOfStore } from '../stores/part-of-store.ts';
import { sortPaths } from '../stores/sorted-paths.ts';
import { openTarStore } from '../stores/tar-store.ts';
import { toSystemError } from '../system-error.ts';
import { namesSayClasses } from './flat-folder.ts';
import type { Place } from './source-kind.ts';
import { surveyPaths } from './survey.ts';

const ARCHIVE_ENDING = /\.(?:tar|tgz|tar\.gz|zip)$/i;
const TAR_ENDING = /\.tar$/i;
/** Files that say nothing of pictures. */
const DOCUMENTS =
  /^(?:readme|licen[cs]e|copying|notice|citation|sha256sums)|\.(?:md|html?|pdf|rst|bib)$/i;

/**
 * Looks at what a path leads to.
 *
 * @throws AlexNetError `NOT_FOUND`, `IO`, `INVALID_DATASET` for an archive that cannot be read
 */
export async function lookAt(path: string): Promise<Place> {
  const stats = await stat(path).catch((error: unknown) => {
    throw toSystemError(error, path);
  });
  const name = basename(resolve(path));
  if (stats.isDirectory()) return lookInto(openFolderStore(path), name);
  const archive = await openArchive(path);
  return archive ? lookInto(archive, name.replace(ARCHIVE_ENDING, '')) : lookAtFile(path, name);
}

async function lookInto(store: FileStore, name: string): Promise<Place> {
  const listing = await store.list();
  return joinTars({ name, store, file: null, listing, survey: surveyPaths(listing.paths) });
}

/** A file that is a data set, or says of one: its neighbours are looked at when they are needed. */
async function lookAtFile(path: string, file: string): Promise<Place> {
  const folder = dirname(path);
  const store = openFolderStore(folder);
  return {
    name: basename(resolve(folder)),
    store,
    file,
    listing: NOTHING,
    survey: { folders: [], pictureCount: 0, others: await listNamesFiles(store) },
  };
}

const NOTHING: FileListing = { paths: sortPaths([]), emptyFolders: [], skipped: [] };

/** A folder of a place. */
export async function enterFolder(place: Place, folder: string): Promise<Place> {
  const listing = partOfListing(place.listing, folder);
  return joinTars({
    name: folder,
    store: partOfStore(place.store, folder),
    file: null,
    listing,
    survey: surveyPaths(listing.paths),
  });
}

/** A folder of tar archives and nothing else, as what is in them; another place as it is. */
async function joinTars(place: Place): Promise<Place> {
  const { store, survey } = place;
  const tars = survey.others.filter((name) => TAR_ENDING.test(name));
  const isJoined =
    store.kind === 'folder' &&
    tars.length > 0 &&
    survey.folders.length === 0 &&
    survey.pictureCount === 0 &&
    survey.others.every(
      (name) => TAR_ENDING.test(name) || DOCUMENTS.test(name) || /\.json$/i.test(name),
    );
  if (!isJoined) return place;
  const parts: JoinedPart[] = [];
  for (const name of tars) {
    parts.push({
      folder: name.replace(TAR_ENDING, ''),
      store: await openTarStore(join(store.path, name)),
    });
  }
  parts.sort((a, b) => compareCodePoints(`${a.folder}/`, `${b.folder}/`));
  const joined = await joinStores(store.path, parts);
  const listing = await joined.list();
  return { ...place, store: joined, listing, survey: surveyPaths(listing.paths) };
}

/**
 * The folder that holds all of a place, where there is one, as archives often have: what lies in it is the
 * data set, if it is more than the pictures of one class, or their names say several.
 */
export async function unwrap(place: Place): Promise<Place> {
  const { survey, listing } = place;
  const [folder, ...others] = survey.folders;
  const isWrapped =
    folder !== undefined &&
    others.length === 0 &&
    place.file === null &&
    place.store.kind !== 'tars' &&
    survey.pictureCount === 0 &&
    survey.others.every((name) => DOCUMENTS.test(name)) &&
    listing.emptyFolders.every((path) => path.startsWith(`${folder}/`));
  if (!isWrapped) return place;
  const inside = await enterFolder(place, folder);
  const isClass =
    inside.survey.folders.length === 0 &&
    inside.survey.others.length === 0 &&
    !namesSayClasses(inside);
  return isClass ? place : unwrap(inside);
}
