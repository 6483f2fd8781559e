import type { NodePictureFormat } from '../formats/picture-info.ts';
import type { Examination, PictureFacts } from './examine-pictures.ts';
import type { DatasetProblem } from './problems.ts';

/** Pixels of a short side, below which little can be seen. Data sets that are small throughout are meant so. */
const TINY_SIDE = 32;
/** Pixels from which on decoding takes longer than a step. */
const HUGE_PIXELS = 25_000_000;

/** Endings that files of a format have. */
const ENDINGS: Readonly<Record<NodePictureFormat, RegExp>> = {
  jpeg: /\.(?:jpe?g|jpe|jfif)$/i,
  png: /\.png$/i,
  webp: /\.webp$/i,
  gif: /\.gif$/i,
  avif: /\.avif$/i,
  tiff: /\.tiff?$/i,
  bmp: /\.(?:bmp|dib)$/i,
};

/** Pictures that cannot be decoded, are odd in size or are not what their name says. */
export function findPictureProblems({ facts, faults }: Examination): readonly DatasetProblem[] {
  const isSmallSet = 2 * facts.filter(isTiny).length > facts.length;
  return [
    ...faults.map(
      ({ name, reason }): DatasetProblem => ({
        kind: 'undecodable',
        isSerious: true,
        message: reason,
        names: [name],
      }),
    ),
    ...(isSmallSet
      ? []
      : describe(facts.filter(isTiny), 'tiny', `have a side of fewer than ${TINY_SIDE} pixels`)),
    ...describe(
      facts.filter(({ width, height }) => width * height > HUGE_PIXELS),
      'huge',
      `have more than ${HUGE_PIXELS / 1e6} million pixels: "alexnet data prepare" makes them smaller once`,
    ),
    ...describe(
      facts.filter(hasWrongEnding),
      'wrong-ending',
      'are of another format than their names say; they are read all the same',
    ),
  ];
}

function isTiny({ width, height }: PictureFacts): boolean {
  return Math.min(width, height) < TINY_SIDE;
}

function hasWrongEnding({ name, format }: PictureFacts): boolean {
  return format !== null && /\.\w+$/.test(name) && !ENDINGS[format].test(name);
}

function describe(
  found: readonly PictureFacts[],
  kind: DatasetProblem['kind'],
  what: string,
): readonly DatasetProblem[] {
  if (found.length === 0) return [];
  return [
    {
      kind,
      isSerious: false,
      message: `${found.length} pictures ${what}.`,
      names: found.map(({ name }) => name),
    },
  ];
}
