import { AlexNetError } from '@alexnet/core';
import type { Dataset } from '../../dataset/dataset.ts';
import { parseSampleLabel, splitSampleName } from '../../dataset/webdataset-sample.ts';
import { toPrintable } from '../../printable.ts';
import { assignClasses } from '../labels/assign-classes.ts';
import { readNamesFile } from '../labels/names-file.ts';
import type { FileStore } from '../stores/file-store.ts';
import { type PathTable, PathTableBuilder } from '../stores/path-table.ts';
import { checkClassCount } from './folder-checks.ts';
import { PARTS, type Part, partOfName } from './parts.ts';
import type { OpenedSource, OpeningContext, Place, SourceKind } from './source-kind.ts';
import { createStoredDataset } from './stored-pictures.ts';
import { isPictureName } from './survey.ts';

/** What says a sample's class, the first that is there. */
const LABEL_ENDINGS = ['cls', 'json'] as const;
const MAX_LABEL_BYTES = 2 ** 20;
/** How many files are looked at to tell. */
const TRIALS = 64;

/**
 * Tar archives in which a sample is several files of one name: `000017.jpg` and `000017.cls` or `000017.json`.
 *
 * @see https://github.com/webdataset/webdataset, "The WebDataset Format"
 */
export const WEBDATASET: SourceKind = {
  name: 'webdataset',
  detect: async ({ store, listing: { paths } }) => {
    if (store.kind !== 'tar' && store.kind !== 'tars') return null;
    const endings = new Map<string, Set<string>>();
    for (let index = 0; index < Math.min(TRIALS, paths.length); index++) {
      const { key, ending } = splitSampleName(paths.at(index));
      endings.set(key, (endings.get(key) ?? new Set()).add(ending));
    }
    const hasPair = [...endings.values()].some(
      (found) =>
        LABEL_ENDINGS.some((ending) => found.has(ending)) &&
        [...found].some((ending) => isPictureName(`.${ending}`)),
    );
    return hasPair
      ? "It is a WebDataset: a picture's class is in the file of the same name."
      : null;
  },
  open: openWebDataset,
};

interface Samples {
  readonly pictures: PathTableBuilder;
  readonly labelFiles: PathTableBuilder;
  readonly ignored: string[];
}

async function openWebDataset(place: Place, { options }: OpeningContext): Promise<OpenedSource> {
  const { store } = place;
  const samples = pairUp(place);
  if (samples.pictures.length === 0) throw noSamples(store);
  const pictures = samples.pictures.build();
  const words = new Map<string, number>();
  const wordOf = new Uint32Array(pictures.length);
  let count = 0;
  for await (const word of readLabels(store, samples)) {
    if (!words.has(word)) words.set(word, words.size);
    wordOf[count++] = words.get(word) ?? 0;
  }
  const known = [...words.keys()];
  if (options.labels === undefined) checkClassCount(store.path, known);
  const { labels, indices, notes } = await assignClasses(new Set(known), {
    source: toPrintable(store.path),
    labels: options.labels,
    names: await readNamesFile(place),
    numbersArePlaces: true,
  });
  const labelOfWord = known.map((word) => indices.get(word) ?? -1);
  const create = (indexes: readonly number[]): Dataset | null =>
    indexes.length === 0
      ? null
      : createStoredDataset({
          name: place.name,
          store,
          labels,
          length: indexes.length,
          decoding: options,
          pathOf: (index) => pictures.at(indexes[index] ?? -1),
          labelOf: (index) => labelOfWord[wordOf[indexes[index] ?? -1] ?? -1] ?? -1,
        });
  const members = divide(pictures, store);
  const [training, validation, test] = PARTS.map((part) => create(members[part]));
  const first = training ?? validation ?? test;
  if (!first) throw noSamples(store);
  return {
    training: first,
    validation: training && validation ? validation : null,
    test: (training || validation) && test ? test : null,
    ignored: samples.ignored,
    notes,
  };
}

/** Which samples belong to which part, by the names of their shards. */
function divide(
  pictures: PathTable,
  { kind }: FileStore,
): Readonly<Record<Part, readonly number[]>> {
  const members: Record<Part, number[]> = { training: [], validation: [], test: [] };
  for (let index = 0; index < pictures.length; index++) {
    const shard = kind === 'tars' ? (pictures.at(index).split('/', 1)[0] ?? '') : '';
    members[partOfName(shard) ?? 'training'].push(index);
  }
  return members;
}

/** The pictures and, in the same order, the files that say their classes. */
function pairUp({ listing: { paths } }: Place): Samples {
  const samples: Samples = {
    pictures: new PathTableBuilder(),
    labelFiles: new PathTableBuilder(),
    ignored: [],
  };
  let group: string[] = [];
  let groupKey = '';
  const close = () => {
    const picture = group.find(isPictureName);
    const label = LABEL_ENDINGS.map((ending) =>
      group.find((path) => splitSampleName(path).ending === ending),
    ).find((path) => path !== undefined);
    if (picture !== undefined && label !== undefined) {
      samples.pictures.add(picture);
      samples.labelFiles.add(label);
    }
    const used = picture !== undefined && label !== undefined;
    samples.ignored.push(
      ...(used ? group.filter((path) => isPictureName(path) && path !== picture) : group),
    );
    group = [];
  };
  for (const path of paths) {
    const { key } = splitSampleName(path);
    if (key !== groupKey) close();
    groupKey = key;
    group.push(path);
  }
  close();
  return samples;
}

async function* readLabels(store: FileStore, { labelFiles }: Samples): AsyncGenerator<string> {
  const files = labelFiles.build();
  const contents = store.readEach?.(files) ?? readOneByOne(store, files);
  let index = 0;
  for await (const bytes of contents) {
    const file = files.at(index++);
    if (bytes.length > MAX_LABEL_BYTES) throw tooLong(store.nameOf(file), bytes.length);
    yield parseSampleLabel(bytes, splitSampleName(file).ending, store.nameOf(file));
  }
}

async function* readOneByOne(
  store: FileStore,
  files: Iterable<string>,
): AsyncGenerator<Uint8Array> {
  for (const file of files) yield await (await store.find(file)).read();
}

function tooLong(name: string, sizeBytes: number): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} has ${sizeBytes} bytes; the limit of what says a class is ${MAX_LABEL_BYTES}.`,
    hint: 'Write the class alone.',
    path: [name],
  });
}

function noSamples({ path }: FileStore): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${toPrintable(path)} has no sample of a picture and its class.`,
    hint: 'A sample is two files of one name: 000017.jpg and 000017.cls, or 000017.json with a field "label".',
    path: [path],
  });
}
