import { AlexNetError } from '@alexnet/core';
import { toPrintable } from '../../printable.ts';
import type { Place } from './source-kind.ts';

const ARRANGEMENT =
  'A data set has one sub-folder of pictures for each class: photos/cat/1.jpg, photos/dog/1.jpg. docs/data.md names the other kinds.';

const LIST_NAME = /\.(?:txt|lst|list|csv|tsv)$/i;

/** What to say of a place that is no data set. */
export function describeNoDataset({ store, file, listing, survey }: Place): AlexNetError {
  const path = file === null ? toPrintable(store.path) : store.nameOf(file);
  const [first] = survey.others;
  const because = (message: string, hint: string = ARRANGEMENT) =>
    new AlexNetError('INVALID_DATASET', { message, hint, path: [path] });
  if (file !== null) {
    return LIST_NAME.test(file)
      ? because(
          `${path} is no list of pictures: its first line has no path and class.`,
          'A list has "photos/cat.1.jpg 0" on each line, or a header with columns such as "path" and "label"; columns of other names are told by --columns path,label.',
        )
      : because(`${path} is not a data set.`);
  }
  if (listing.paths.length === 0)
    return because(`${path} is an empty ${store.kind === 'folder' ? 'folder' : 'archive'}.`);
  if (survey.pictureCount > 0) {
    return because(
      `${path} has ${survey.pictureCount} pictures, but nothing says their classes: no sub-folders, no list.`,
    );
  }
  return because(
    `${path} has no pictures: only ${survey.others.length} other files (${toPrintable(first ?? '')}${survey.others.length > 1 ? ', …' : ''}).`,
  );
}
