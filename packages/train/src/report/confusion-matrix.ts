import { AlexNetError } from '@alexnet/core';
import { escapeText, shortenText } from './escape.ts';
import { formatCount, formatShare } from './format-number.ts';

export interface Confusion {
  /** Names of the classes, by index. */
  readonly labels: readonly string[];
  /** counts[true class][predicted class]: number of pictures. */
  readonly counts: readonly (readonly number[])[];
}

/** Up to this many classes a matrix leaves room for something beside it. */
export const MAX_NARROW_CLASSES = 12;

/** Side of a cell in units, by the number of classes. */
const CELL_SIDES: readonly (readonly [classes: number, side: number])[] = [
  [4, 60],
  [12, 40],
  [25, 30],
  [50, 18],
];
const SMALLEST_CELL = 11;
/** Cells below this side hold no numbers: they would overlap. */
const SMALLEST_NUMBERED_CELL = 30;
const MAX_LABEL = 15;
/** Width of a letter in ems, of the wider sort. */
const LETTER = 0.62;
/** What the words at the corner take. */
const MIN_ROOM = 96;

/**
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if the counts are not one row and one column per label
 */
function checkConfusion({ labels, counts }: Confusion): void {
  const wrong = counts.findIndex((row) => row.length !== labels.length);
  if (counts.length === labels.length && wrong < 0) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message:
      wrong < 0
        ? `The confusion matrix has ${counts.length} rows for ${labels.length} labels.`
        : `Row ${wrong} of the confusion matrix has ${counts[wrong]?.length} columns for ${labels.length} labels.`,
    hint: 'Give counts[true class][predicted class], one row and one column per label.',
    path: ['confusion', 'counts'],
  });
}

/**
 * A confusion matrix as inline SVG: rows are true classes, columns predicted ones, a cell is as strong
 * as its share of the row; counts are written in while they fit.
 */
export function renderConfusionMatrix(confusion: Confusion): string {
  checkConfusion(confusion);
  const { labels } = confusion;
  const layout = chooseLayout(labels);
  const { room, side } = layout;
  const extent = room + side * labels.length + 2;
  // On a narrow screen it shrinks as far as it can be read, then scrolls.
  const narrowest = Math.min(extent, Math.max(330, side * 0.5 * labels.length + room * 0.5));
  return (
    `<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix"><svg class="confusion" viewBox="0 0 ${extent} ${extent}" style="max-width:${extent}px;min-width:${Math.round(narrowest)}px" role="img" aria-label="${escapeText(describe(confusion))}">` +
    `<title>Confusion matrix: rows are true classes, columns predicted ones</title>` +
    `${renderCells(confusion, layout)}${renderFrame(labels, layout)}</svg></div>${renderMixUps(confusion)}`
  );
}

interface Layout {
  /** Side of a cell. */
  readonly side: number;
  /** Left of the cells and above them, for the labels. */
  readonly room: number;
  /** Of the labels. */
  readonly fontSize: number;
}

function chooseLayout(labels: readonly string[]): Layout {
  const side = CELL_SIDES.find(([classes]) => labels.length <= classes)?.[1] ?? SMALLEST_CELL;
  const fontSize = Math.min(14, side - 1);
  const longest = Math.min(MAX_LABEL, Math.max(...labels.map((label) => label.length)));
  return { side, fontSize, room: Math.round(Math.max(MIN_ROOM, 14 + longest * fontSize * LETTER)) };
}

function renderCells({ labels, counts }: Confusion, { side, room }: Layout): string {
  const cells = counts.flatMap((row, t) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((count, p) => {
      if (count === 0) return '';
      const share = count / total;
      const x = room + p * side;
      const y = room + t * side;
      const tone = share > 0.7 ? ' high' : share > 0.55 ? ' middle' : '';
      const number =
        side >= SMALLEST_NUMBERED_CELL
          ? `<text class="count${tone}" x="${x + side / 2}" y="${y + side / 2 + 4.5}" style="font-size:${fontSizeFor(count, side)}px">${formatCount(count)}</text>`
          : '';
      const title = `${labels[t]} taken for ${labels[p]}: ${formatCount(count)} of ${formatCount(total)}`;
      return (
        `<g><title>${escapeText(title)}</title>` +
        `<rect class="cell" x="${x}" y="${y}" width="${side}" height="${side}" fill-opacity="${share.toFixed(2)}"/>${number}</g>`
      );
    });
  });
  return cells.join('');
}

function fontSizeFor(count: number, side: number): number {
  const widest = side * 0.86;
  return Math.min(14, Math.round((widest / (formatCount(count).length * 0.6)) * 10) / 10);
}

/** Labels, the grid's border, and the diagonal marked by its outline. */
function renderFrame(labels: readonly string[], { side, room, fontSize }: Layout): string {
  const extent = side * labels.length;
  const names = labels.map((label, index) => {
    const text = escapeText(shortenText(label, MAX_LABEL));
    const middle = room + (index + 0.5) * side;
    const from = room + index * side;
    return (
      `<text class="row" x="${room - 7}" y="${middle + fontSize * 0.35}" style="font-size:${fontSize}px">${text}</text>` +
      `<text class="column" transform="translate(${middle + fontSize * 0.35} ${room - 7}) rotate(-90)" style="font-size:${fontSize}px">${text}</text>` +
      `<rect class="diagonal" x="${from}" y="${from}" width="${side}" height="${side}"/>`
    );
  });
  return (
    `<rect class="border" x="${room}" y="${room}" width="${extent}" height="${extent}"/>${names.join('')}` +
    `<text class="corner" x="${room - 7}" y="14">predicted →</text>` +
    `<text class="corner" x="${room - 7}" y="${room - 8}">true ↓</text>`
  );
}

const MIX_UPS = 5;

interface MixUp {
  readonly truth: string;
  readonly taken: string;
  readonly count: number;
  readonly share: number;
}

/** The wrong cells with the most pictures, in words. */
function listMixUps({ labels, counts }: Confusion): readonly MixUp[] {
  return counts
    .flatMap((row, t) => {
      const total = row.reduce((a, b) => a + b, 0);
      return row.map((count, p) => ({
        truth: labels[t] ?? '',
        taken: labels[p] ?? '',
        count: t === p ? 0 : count,
        share: count / total,
      }));
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, MIX_UPS);
}

function renderMixUps(confusion: Confusion): string {
  const mixUps = listMixUps(confusion);
  if (mixUps.length === 0) return '<p>No picture was taken for another class.</p>';
  const entries = mixUps.map(
    ({ truth, taken, count, share }) =>
      `<li><b>${escapeText(truth)}</b> taken for <b>${escapeText(taken)}</b>: ${formatCount(count)} (${formatShare(share)} of them)</li>`,
  );
  return `<h3>Most frequent mix-ups</h3><ol class="mix-ups">${entries.join('')}</ol>`;
}

function describe(confusion: Confusion): string {
  const total = confusion.counts.flat().reduce((a, b) => a + b, 0);
  const right = confusion.counts.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  const [worst] = listMixUps(confusion);
  const mixUp = worst
    ? ` Most frequent mix-up: ${worst.truth} taken for ${worst.taken}, ${formatCount(worst.count)} times.`
    : '';
  return `Confusion matrix of ${confusion.labels.length} classes: ${formatCount(right)} of ${formatCount(total)} pictures right.${mixUp}`;
}
