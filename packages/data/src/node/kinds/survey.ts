import type { SortedPaths } from '../stores/sorted-paths.ts';

/** What lies directly in a place, as far as the kinds of data sets ask. */
export interface Survey {
  /** Names of the folders that hold files, at any depth. */
  readonly folders: readonly string[];
  /** Pictures that lie in no folder. */
  readonly pictureCount: number;
  /** Other files that lie in no folder; the first {@link MAX_OTHERS} of them. */
  readonly others: readonly string[];
}

const MAX_OTHERS = 10_000;

const PICTURE_ENDINGS = /\.(?:jpe?g|jpe|jfif|png|webp|gif|avif|tiff?|bmp|dib)$/i;

/** By its ending, in any case. */
export function isPictureName(path: string): boolean {
  return PICTURE_ENDINGS.test(path);
}

export function surveyPaths(paths: SortedPaths): Survey {
  const folders: string[] = [];
  const others: string[] = [];
  let pictureCount = 0;
  for (let index = 0; index < paths.length; ) {
    const path = paths.at(index);
    const slash = path.indexOf('/');
    if (slash >= 0) {
      const folder = path.slice(0, slash);
      folders.push(folder);
      index += paths.within(folder).length;
    } else {
      if (isPictureName(path)) pictureCount += 1;
      else if (others.length < MAX_OTHERS) others.push(path);
      index += 1;
    }
  }
  return { folders, pictureCount, others };
}
