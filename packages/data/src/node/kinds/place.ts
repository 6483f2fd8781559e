import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { listNamesFiles } from '../labels/names-file.ts';
import type { FileListing } from '../stores/file-store.ts';
import { openFolderStore } from '../stores/folder-store.ts';
import { partOfListing, partOfStore } from '../stores/part-of-store.ts';
import { sortPaths } from '../stores/sorted-paths.ts';
import { toSystemError } from '../system-error.ts';
import type { Place } from './source-kind.ts';
import { surveyPaths } from './survey.ts';

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
  if (stats.isDirectory()) {
    const store = openFolderStore(path);
    const listing = await store.list();
    return { name, store, file: null, listing, survey: surveyPaths(listing.paths) };
  }
  return lookAtFile(path, name);
}

/** A file that is a data set, or says of one: its neighbours are looked at when they are needed. */
async function lookAtFile(path: string, file: string): Promise<Place> {
  const folder = dirname(path);
  return {
    name: basename(resolve(folder)),
    store: openFolderStore(folder),
    file,
    listing: NOTHING,
    survey: { folders: [], pictureCount: 0, others: await listNamesFiles(openFolderStore(folder)) },
  };
}

const NOTHING: FileListing = { paths: sortPaths([]), emptyFolders: [], skipped: [] };

/** A folder of a place. */
export function enterFolder(place: Place, folder: string): Place {
  const listing = partOfListing(place.listing, folder);
  return {
    name: folder,
    store: partOfStore(place.store, folder),
    file: null,
    listing,
    survey: surveyPaths(listing.paths),
  };
}

/** Files that say nothing of pictures. */
const DOCUMENTS =
  /^(?:readme|licen[cs]e|copying|notice|citation|sha256sums)|\.(?:md|html?|pdf|rst|bib)$/i;

/**
 * The folder that holds all of a place, where there is one, as archives often have: what lies in it is the
 * data set, if it is more than the pictures of one class.
 */
export function unwrap(place: Place): Place {
  const { survey, listing } = place;
  const [folder, ...others] = survey.folders;
  const isWrapped =
    folder !== undefined &&
    others.length === 0 &&
    place.file === null &&
    survey.pictureCount === 0 &&
    survey.others.every((name) => DOCUMENTS.test(name)) &&
    listing.emptyFolders.every((path) => path.startsWith(`${folder}/`));
  if (!isWrapped) return place;
  const inside = enterFolder(place, folder);
  const isClass = inside.survey.folders.length === 0 && inside.survey.others.length === 0;
  return isClass ? place : unwrap(inside);
}
