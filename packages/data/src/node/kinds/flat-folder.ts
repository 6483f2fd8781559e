import { AlexNetError } from '@alexnet/core';
import { toPrintable } from '../../printable.ts';
import { assignClasses } from '../labels/assign-classes.ts';
import { isNamesFile, readNamesFile } from '../labels/names-file.ts';
import type { OpenDatasetOptions } from '../open-dataset-options.ts';
import { checkClassCount } from './folder-checks.ts';
import type { OpenedSource, OpeningContext, Place, SourceKind } from './source-kind.ts';
import { createStoredDataset } from './stored-pictures.ts';
import { isPictureName } from './survey.ts';

/** How people write a class into a file's name; the first that all pictures of a folder follow. */
const PATTERNS: readonly RegExp[] = [
  // n01440764_tench.JPEG, n01440764_10026.JPEG
  /^(?<label>n\d{8})[._-]/,
  // cat.123.jpg, american_bulldog_203.jpg, cat (1).jpg, cat123.jpg
  /^(?<label>\p{L}(?:.*[^\d._ ()-])?)[._ -]*\(?\d+\)?\.\w+$/u,
  // 123_cat.png
  /^\d+[._ -]+(?<label>\p{L}.*)\.\w+$/u,
];

/** A folder of pictures with the class in each file's name: `cat.123.jpg`. */
export const FLAT_FOLDER: SourceKind = {
  name: 'flat',
  detect: async (place, { classPattern }) => {
    if (classPattern !== undefined)
      return `The classes were taken out of the files' names by ${toPattern(classPattern)}.`;
    const pattern = findPattern(place);
    return (
      pattern &&
      `The pictures lie in no folders; their names say their classes, by the pattern ${pattern}.`
    );
  },
  open: openFlat,
};

async function openFlat(place: Place, { options }: OpeningContext): Promise<OpenedSource> {
  const { store, listing } = place;
  const pattern =
    options.classPattern === undefined ? findPattern(place) : toPattern(options.classPattern);
  if (pattern === null) throw noPattern(place);
  const found = sortOut(place, pattern, options);
  if (found.members.length === 0) throw noPattern(place);
  const words = [...found.words.keys()];
  if (options.labels === undefined) checkClassCount(store.path, words);
  const { labels, indices, notes } = await assignClasses(new Set(words), {
    source: toPrintable(store.path),
    labels: options.labels,
    names: await readNamesFile(place),
  });
  const labelOfWord = words.map((word) => indices.get(word) ?? -1);
  const training = createStoredDataset({
    name: place.name,
    store,
    labels,
    length: found.members.length,
    decoding: options,
    pathOf: (index) => listing.paths.at(found.members[index] ?? -1),
    labelOf: (index) => labelOfWord[found.wordOf[index] ?? -1] ?? -1,
  });
  return { training, validation: null, test: null, ignored: found.ignored, notes };
}

/** Whether the names of pictures that lie directly in a place say classes. */
export function namesSayClasses(place: Place): boolean {
  return findPattern(place) !== null;
}

/** The pattern that all pictures follow, if they have at least two classes by it, and fewer than half as many. */
function findPattern({ listing: { paths }, survey }: Place): RegExp | null {
  if (survey.pictureCount < 2) return null;
  const candidates = PATTERNS.map((pattern) => ({ pattern, words: new Set<string>() }));
  for (const path of paths) {
    if (path.includes('/') || !isPictureName(path)) continue;
    for (const [place, { pattern, words }] of [...candidates.entries()].reverse()) {
      const word = pattern.exec(path)?.groups?.label;
      if (word === undefined) candidates.splice(place, 1);
      else words.add(word);
    }
    if (candidates.length === 0) return null;
  }
  const isWordNet = (pattern: RegExp) => pattern === PATTERNS[0];
  const found = candidates.find(
    ({ pattern, words }) =>
      words.size > 1 && (isWordNet(pattern) || 2 * words.size <= survey.pictureCount + 1),
  );
  return found?.pattern ?? null;
}

/** Which files are pictures of which class. With a pattern of the user's own, also those in folders. */
function sortOut(
  { listing: { paths } }: Place,
  pattern: RegExp,
  { classPattern }: OpenDatasetOptions,
) {
  const members = new Uint32Array(paths.length);
  const wordOf = new Uint32Array(paths.length);
  const words = new Map<string, number>();
  const ignored: string[] = [];
  let count = 0;
  for (let index = 0; index < paths.length; index++) {
    const path = paths.at(index);
    const isMeant = isPictureName(path) && (classPattern !== undefined || !path.includes('/'));
    const match = isMeant ? pattern.exec(path) : null;
    const word = match?.groups?.label ?? match?.[1];
    if (word === undefined) {
      if (!isNamesFile(path)) ignored.push(path);
      continue;
    }
    if (!words.has(word)) words.set(word, words.size);
    members[count] = index;
    wordOf[count] = words.get(word) ?? 0;
    count += 1;
  }
  return { members: members.slice(0, count), wordOf, words, ignored };
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` if it is no regular expression with a group */
function toPattern(given: string | RegExp): RegExp {
  let pattern: RegExp;
  try {
    // Without "g" and "y": the same answer whatever was asked before.
    pattern =
      typeof given === 'string'
        ? new RegExp(given, 'u')
        : new RegExp(given.source, given.flags.replace(/[gy]/g, ''));
  } catch (cause) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"${given}" is no regular expression${cause instanceof Error ? `: ${cause.message}` : ''}.`,
      hint: 'Write one whose first group is the class: ^([a-z]+)_',
      cause,
    });
  }
  if (!/\((?!\?[:=!]|\?<[=!])/.test(pattern.source.replace(/\\./g, ''))) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The pattern ${pattern} has no group that is the class.`,
      hint: 'Put the part that is the class into round brackets: ^([a-z]+)_',
    });
  }
  return pattern;
}

function noPattern({ store, survey }: Place): AlexNetError {
  const path = toPrintable(store.path);
  return new AlexNetError('INVALID_DATASET', {
    message:
      survey.pictureCount === 0
        ? `There are no pictures directly in ${path}.`
        : `The names of the ${survey.pictureCount} pictures in ${path} do not say their classes.`,
    hint: 'Names such as cat.123.jpg do; for others give a regular expression whose first group is the class.',
    path: [path],
  });
}
