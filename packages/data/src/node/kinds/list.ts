import type { Dataset } from '../../dataset/dataset.ts';
import { assignClasses } from '../labels/assign-classes.ts';
import { readNamesFile } from '../labels/names-file.ts';
import type { OpenDatasetOptions } from '../open-dataset-options.ts';
import { checkClassCount, lacks } from './folder-checks.ts';
import type { ListFormat } from './list-format.ts';
import { findListRoot } from './list-root.ts';
import { PARTS, type Part, partOfName } from './parts.ts';
import { findListFormat, type ListContents, readList } from './read-list.ts';
import type { OpenedSource, OpeningContext, Place, SourceKind } from './source-kind.ts';
import { createStoredDataset } from './stored-pictures.ts';

/** `train.txt`, `val_list.csv`: lists of a part. */
const PART_LIST =
  /^[a-z]+(?:[_-]?(?:list|labels?|set|images?|files?))?\.(?:txt|lst|list|csv|tsv)$/i;
const TABLE = /\.(?:csv|tsv)$/i;

type ListOfPart = { readonly file: string; readonly format: ListFormat };
type Lists = Partial<Record<Part, ListOfPart>>;

/**
 * A list of pictures with their classes: one file, or `train.txt` with `val.txt` and `test.txt` in a folder or an
 * archive. What a list says goes before what folders and names say.
 */
export const LIST: SourceKind = {
  name: 'list',
  detect: async (place, options) => {
    const lists = await findPartLists(place, options);
    return lists && describe(lists);
  },
  open: async (place, context) =>
    openLists(place, (await findPartLists(place, context.options)) ?? {}, context),
};

/** A table beside the pictures, where nothing else says their classes. */
export const TABLE_OF_FOLDER: SourceKind = {
  name: 'table',
  detect: async (place, options) => {
    const lists = await findTable(place, options);
    return lists && describe(lists);
  },
  open: async (place, context) =>
    openLists(place, (await findTable(place, context.options)) ?? {}, context),
};

function describe(lists: Lists): string {
  const names = PARTS.flatMap((part) => lists[part]?.file ?? []);
  const { format } = lists.training ?? {};
  const how =
    format?.kind === 'table' && format.hasHeader
      ? `the columns "${format.names[format.columns.path]}" and "${format.names[format.columns.label]}"`
      : 'a picture and its class on each line';
  return `${names.join(', ')} ${names.length > 1 ? 'list' : 'lists'} the pictures: ${how}.`;
}

async function findPartLists(place: Place, options: OpenDatasetOptions): Promise<Lists | null> {
  const { store, file, survey } = place;
  const find = async (name: string): Promise<ListOfPart | null> => {
    const format = await findListFormat(await store.find(name), options);
    return format && { file: name, format };
  };
  if (file !== null) {
    const list = await find(file);
    return list && { training: list };
  }
  const lists: Lists = {};
  for (const part of PARTS) {
    const name = survey.others.find((each) => PART_LIST.test(each) && partOfName(each) === part);
    const list = name === undefined ? null : await find(name);
    if (list) lists[part] = list;
  }
  return lists.training ? lists : null;
}

async function findTable(
  { store, survey }: Place,
  options: OpenDatasetOptions,
): Promise<Lists | null> {
  const tables = survey.others.filter((name) => TABLE.test(name));
  const [file, ...others] = tables;
  if (file === undefined || others.length > 0) return null;
  const format = await findListFormat(await store.find(file), options);
  return format && { training: { file, format } };
}

async function openLists(
  place: Place,
  lists: Lists,
  { options }: OpeningContext,
): Promise<OpenedSource> {
  const { training: list } = lists;
  if (!list) {
    throw lacks(
      place.store.path,
      'no list of training pictures',
      'Name the list itself, or have train.txt, or one .csv or .tsv, beside the pictures: a path and a class on each line.',
    );
  }
  const training = await openList(place, list, options);
  const inner = { ...options, labels: training.labels };
  const open = async (part: 'validation' | 'test') => {
    const found = lists[part];
    return found ? openList(place, found, inner) : null;
  };
  const [validation, test] = [await open('validation'), await open('test')];
  return {
    training: training.parts.training,
    validation: validation?.parts.training ?? training.parts.validation,
    test: test?.parts.training ?? training.parts.test,
    ignored: [],
    notes: [training, validation, test].flatMap((each) => each?.notes ?? []),
  };
}

interface OpenedList {
  readonly labels: readonly string[];
  readonly parts: {
    readonly training: Dataset;
    readonly validation: Dataset | null;
    readonly test: Dataset | null;
  };
  readonly notes: readonly string[];
}

async function openList(
  place: Place,
  { file, format }: ListOfPart,
  options: OpenDatasetOptions,
): Promise<OpenedList> {
  const stored = await place.store.find(file);
  const contents = await readList(stored, format);
  const { paths, words } = contents;
  const { store, toPath, note } = await findListRoot(
    { store: place.store, name: file, paths },
    { ...(options.root !== undefined && { root: options.root }), folders: place.survey.folders },
  );
  if (options.labels === undefined) checkClassCount(stored.name, words);
  const { labels, indices, notes } = await assignClasses(new Set(words), {
    source: stored.name,
    labels: options.labels,
    names: await readNamesFile(place),
    numbersArePlaces: true,
  });
  const labelOfWord = words.map((word) => indices.get(word) ?? -1);
  const create = (members: Uint32Array | null): Dataset => {
    const at = (index: number) => (members ? (members[index] ?? -1) : index);
    return createStoredDataset({
      name: place.name,
      store,
      labels,
      length: members?.length ?? paths.length,
      decoding: options,
      pathOf: (index) => toPath(paths.at(at(index))),
      labelOf: (index) => labelOfWord[contents.wordOf[at(index)] ?? -1] ?? -1,
    });
  };
  return {
    labels,
    parts: divide(contents, create),
    notes: [...(note === null ? [] : [note]), ...notes],
  };
}

/** By the column that says the part, where there is one; a row that says none is for training. */
function divide(
  { partOf }: ListContents,
  create: (members: Uint32Array | null) => Dataset,
): OpenedList['parts'] {
  if (!partOf) return { training: create(null), validation: null, test: null };
  const membersOf = (part: Part) =>
    Uint32Array.from(
      partOf.flatMap((each, index) => ((each ?? 'training') === part ? [index] : [])),
    );
  const createPart = (part: Part) => {
    const members = membersOf(part);
    return members.length === 0 ? null : create(members);
  };
  const training = createPart('training');
  return training
    ? { training, validation: createPart('validation'), test: createPart('test') }
    : { training: create(null), validation: null, test: null };
}
