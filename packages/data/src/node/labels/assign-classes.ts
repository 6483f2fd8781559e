import { AlexNetError } from '@alexnet/core';
import { type ClassName, isWordNetId, parseClassNames } from '../../dataset/class-names.ts';
import { compareCodePoints } from '../../dataset/code-point-order.ts';
import { toPrintable } from '../../printable.ts';

/** The classes of a data set, and which of them each word of the source means. */
export interface ClassAssignment {
  readonly labels: readonly string[];
  /** Index of the class, by the word. */
  readonly indices: ReadonlyMap<string, number>;
  /** How the words were taken, in sentences. */
  readonly notes: readonly string[];
}

export interface AssignmentOptions {
  /** What messages call the source. */
  readonly source: string;
  /** The classes wanted, in their order; as the words say unless given. */
  readonly labels?: readonly string[] | undefined;
  /** What a file beside the pictures calls the classes. */
  readonly names?: { readonly file: string; readonly classes: readonly ClassName[] } | null;
  /** Whether whole numbers are the places of classes (in lists), not names (of folders). */
  readonly numbersArePlaces?: boolean;
}

/** Far more than any data set has; a number beyond is no class, and would be counted up to. */
const MAX_CLASSES = 1_000_000;
const WHOLE_NUMBER = /^\d{1,15}$/;

/**
 * Finds the class that each word of a source means: the name of one, its place, or its WordNet id.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET` naming the words that mean no class
 */
export async function assignClasses(
  words: ReadonlySet<string>,
  options: AssignmentOptions,
): Promise<ClassAssignment> {
  const { source, labels, names, numbersArePlaces = false } = options;
  checkWords(words, source);
  const areWordNet = words.size > 0 && [...words].every(isWordNetId);
  if (labels !== undefined) {
    const known = labels.map((label) => ({ name: label, key: label }));
    const keys = areWordNet ? await keysOfLabels(labels) : [];
    return assignKnown(words, [...indexKnown(known, numbersArePlaces), ...keys], {
      source,
      labels,
    });
  }
  const areNumbers = [...words].every((word) => WHOLE_NUMBER.test(word));
  if (names) {
    // Folders 0, 1, 2 are places as well, where a file names them.
    const known = new Map(indexKnown(names.classes, numbersArePlaces || areNumbers));
    const listed = { labels: names.classes.map(({ name }) => name), source };
    const unnamed = [...words].find((word) => !known.has(word));
    if (numbersArePlaces || unnamed === undefined) {
      return {
        ...assignKnown(words, known, listed),
        notes: [`The classes' names and order are those of ${names.file}.`],
      };
    }
    const assigned = await assignUnnamed(words, areWordNet);
    const passedOver = `${names.file} does not name "${toPrintable(unnamed)}" and was passed over.`;
    return { ...assigned, notes: [passedOver, ...assigned.notes] };
  }
  if (numbersArePlaces && areNumbers) return numberClasses(words, source);
  return assignUnnamed(words, areWordNet);
}

async function assignUnnamed(
  words: ReadonlySet<string>,
  areWordNet: boolean,
): Promise<ClassAssignment> {
  return areWordNet ? nameByWordNet(words) : nameByThemselves(words);
}

/** @throws {@link AlexNetError} `INVALID_DATASET` */
function checkWords(words: ReadonlySet<string>, source: string): void {
  if (words.size > MAX_CLASSES) throw tooMany(source, words.size);
  const odd = [...words].find((word) => word === '' || /\p{Cc}/u.test(word));
  if (odd === undefined) return;
  throw new AlexNetError('INVALID_DATASET', {
    message: `${source} has a class ${odd === '' ? 'without a name' : `whose name holds control characters: "${toPrintable(odd)}"`}.`,
    hint: 'Give each class a name of letters, digits and signs.',
    path: [odd],
  });
}

function tooMany(source: string, count: number): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${source} speaks of ${count} classes; the limit is ${MAX_CLASSES}.`,
    hint: 'Check which column or which part of the name is the class.',
    path: [source],
  });
}

function* indexKnown(
  known: readonly ClassName[],
  numbersArePlaces: boolean,
): Generator<[string, number], void, undefined> {
  // What stands later counts: a name goes before a place.
  if (numbersArePlaces) for (const place of known.keys()) yield [`${place}`, place];
  for (const [place, { name }] of known.entries()) yield [name, place];
  for (const [place, { key }] of known.entries()) yield [key, place];
}

/** WordNet ids of labels that are ImageNet's: `tench`, `tench, Tinca tinca` or with the id before it. */
async function keysOfLabels(labels: readonly string[]): Promise<readonly [string, number][]> {
  const synsets = await readImageNet();
  const byLabel = new Map(labels.map((label, place) => [label, place]));
  const isImageNet = labels.length === synsets.length;
  return synsets.flatMap(({ key, name }, place): [string, number][] => {
    const found = isImageNet
      ? place
      : [`${key} ${name}`, name, name.split(',')[0] ?? '']
          .map((label) => byLabel.get(label))
          .find((index) => index !== undefined);
    return found === undefined ? [] : [[key, found]];
  });
}

function assignKnown(
  words: ReadonlySet<string>,
  known: Iterable<[string, number]>,
  { source, labels }: { readonly source: string; readonly labels: readonly string[] },
): ClassAssignment {
  const byWord = new Map(known);
  const unknown = [...words].filter((word) => !byWord.has(word)).sort(compareCodePoints);
  if (unknown.length > 0) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `${source} has classes that are not among the ${labels.length} expected: ${unknown.slice(0, 5).map(toPrintable).join(', ')}${unknown.length > 5 ? ', …' : ''}.`,
      hint: `The classes are: ${labels.slice(0, 10).join(', ')}${labels.length > 10 ? ', …' : ''}.`,
      path: unknown,
    });
  }
  const indices = new Map([...words].map((word) => [word, byWord.get(word) ?? -1]));
  return { labels, indices, notes: [] };
}

function numberClasses(words: ReadonlySet<string>, source: string): ClassAssignment {
  const indices = new Map([...words].map((word) => [word, Number(word)]));
  const count = Math.max(...indices.values()) + 1;
  if (count > MAX_CLASSES) throw tooMany(source, count);
  return {
    labels: Array.from({ length: count }, (_, place) => `${place}`),
    indices,
    notes: [
      `The labels are numbers, so the classes are called 0 to ${count - 1}; a file labels.txt beside the pictures names them.`,
    ],
  };
}

async function nameByWordNet(words: ReadonlySet<string>): Promise<ClassAssignment> {
  const byKey = new Map((await readImageNet()).map(({ key, name }) => [key, name]));
  const sorted = nameByThemselves(words);
  if (!sorted.labels.every((key) => byKey.has(key))) return sorted;
  return {
    ...sorted,
    labels: sorted.labels.map((key) => byKey.get(key) ?? key),
    notes: [`The classes are WordNet ids of ImageNet's: they have its names and its order.`],
  };
}

function nameByThemselves(words: ReadonlySet<string>): ClassAssignment {
  const labels = [...words].sort(compareCodePoints);
  return { labels, indices: new Map(labels.map((label, place) => [label, place])), notes: [] };
}

async function readImageNet(): Promise<readonly ClassName[]> {
  const { IMAGENET_SYNSETS } = await import('./imagenet-synsets.ts');
  return parseClassNames(IMAGENET_SYNSETS, "ImageNet's classes");
}
