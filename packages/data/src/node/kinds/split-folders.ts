import { compareCodePoints } from '../../dataset/code-point-order.ts';
import type { Dataset } from '../../dataset/dataset.ts';
import { lacks } from './folder-checks.ts';
import { PARTS, type Part, partOfName } from './parts.ts';
import type { OpenedSource, OpeningContext, Place, SourceKind } from './source-kind.ts';

/** A folder with `train/`, `val/` and `test/`, each of them a data set of any kind; two are enough. */
export const SPLIT_FOLDERS: SourceKind = {
  name: 'splits',
  detect: async ({ survey }) => {
    const found = findParts(survey.folders);
    const names = Object.values(found);
    return found.training === undefined || names.length < 2
      ? null
      : `It has the folders ${names.join(', ')}: each is taken for a part of the data set.`;
  },
  open: openParts,
};

/** Folders that are called by a part alone: `train`, `training_set`, `test1` as Kaggle's. */
const WHOLE_NAME = /^[a-z]+\d?(?:_set)?$/i;

function findParts(folders: readonly string[]): Partial<Record<Part, string>> {
  const entries = PARTS.flatMap((part) => {
    const folder = folders.find((each) => WHOLE_NAME.test(each) && partOfName(each) === part);
    return folder === undefined ? [] : [[part, folder]];
  });
  return Object.fromEntries(entries);
}

async function openParts(place: Place, context: OpeningContext): Promise<OpenedSource> {
  const { options } = context;
  const parts = findParts(place.survey.folders);
  const folder = parts.training;
  if (folder === undefined) {
    throw lacks(
      place.store.path,
      'no folder of training pictures',
      'Call it train, and the others val and test; each is a data set: train/cat/*.jpg, train/dog/*.jpg.',
    );
  }
  const training = await context.openFolder(folder, options);
  const open = async (part: 'validation' | 'test'): Promise<OpenedSource | string | null> => {
    const name = parts[part];
    if (name === undefined) return null;
    // Contests publish their test pictures without classes: nothing can be measured on them.
    if (part === 'test' && !(await context.isDataset(name))) {
      return `${name}/ does not say the classes of its pictures and was passed over.`;
    }
    return context.openFolder(name, { ...options, labels: training.training.labels });
  };
  const [validation, test] = [await open('validation'), await open('test')];
  const used = new Set(Object.values(parts));
  const parted = [
    { name: folder, source: training },
    { name: parts.validation, source: validation },
    { name: parts.test, source: test },
  ];
  return {
    // Not "train", which any set may have.
    training: { ...training.training, name: place.name },
    validation: datasetOf(validation) ?? training.validation,
    test: datasetOf(test) ?? training.test,
    ignored: [
      ...place.survey.others,
      ...place.survey.folders.filter((each) => !used.has(each)),
      ...parted.flatMap(({ name, source }) => {
        if (typeof source === 'string') return [`${name}`];
        return source ? source.ignored.map((path) => `${name}/${path}`) : [];
      }),
    ].sort(compareCodePoints),
    notes: parted.flatMap(({ name, source }) => {
      if (typeof source === 'string') return [source];
      return source ? source.notes.map((note) => `${name}/: ${note}`) : [];
    }),
  };
}

function datasetOf(source: OpenedSource | string | null): Dataset | null {
  return source === null || typeof source === 'string' ? null : source.training;
}
