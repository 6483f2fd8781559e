import { type Mark, moveMark, type Point, type TextMark } from '../drawing.ts';
import { fillLines, fitText, measureText } from '../measure-text.ts';
import { createPart, type Kernel, type Part, type Place } from './part.ts';
import type { Scale } from './scale.ts';
import type { Stage } from './stages.ts';

/** A stage where it stands: one part, or one for each tower, and the text below. */
export interface Column {
  readonly stage: Stage;
  /** From top to bottom. */
  readonly parts: readonly PlacedPart[];
  /** Middle of the boxes, where the captions stand. */
  readonly middle: number;
  readonly captions: readonly CaptionLine[];
}

type CaptionLine = Pick<TextMark, 'text' | 'size' | 'tone'>;

export interface PlacedPart {
  readonly part: Part;
  /** Where its middle is. */
  readonly origin: Point;
}

const NAME_SIZE = 12;
const CAPTION_SIZE = 10.5;
const CAPTION_WIDTH = 104;
const CAPTION_GAP = 14;
/** Between two boxes with their numbers: room for kernels' pyramids and arrows. */
const LEAST_GAP = 54;
/** Between what stands in the gap, and the boxes. */
const GAP_MARGIN = 9;
/** Between the two towers. */
const TOWER_GAP = 22;
const NOTE_SIZE = 11;
/** Between two notes in one gap. */
const NOTE_GAP = 5;

/** Where kernels stand: away from the numbers at the lower left and right. */
const ONE_KERNEL: readonly Place[] = [[0.5, 0.24]];
const TWO_KERNELS: readonly Place[] = [
  [0.42, 0.24],
  [0.62, 0.74],
];

export function layOutColumns(stages: readonly Stage[], scale: Scale): readonly Column[] {
  const parts = stages.map((stage, index) =>
    createPart(stage, scale, findKernels(stage, stages[index + 1])),
  );
  const towers = placeTowers(stages, parts);
  const columns: Column[] = [];
  let edge = 0;
  let captionEdge = Number.NEGATIVE_INFINITY;
  for (const [index, stage] of stages.entries()) {
    const part = parts[index];
    if (part === undefined) continue;
    const captions = captionLines(stage);
    const half = Math.max(...captions.map(({ text, size }) => measureText(text, size))) / 2;
    const bodyMiddle = (part.body.left + part.body.right) / 2;
    const x = Math.max(edge - part.extent.left, captionEdge + CAPTION_GAP + half - bodyMiddle);
    columns.push({
      stage,
      parts: (stage.isSplit ? towers : [0]).map((y) => ({ part, origin: [x, y] })),
      middle: x + bodyMiddle,
      captions,
    });
    edge = x + part.extent.right + gapBefore(stages[index + 1]);
    captionEdge = x + bodyMiddle + half;
  }
  return columns;
}

/** What the next stage reads this one with; for each of its towers in a place of its own. */
function findKernels(stage: Stage, next: Stage | undefined): readonly Kernel[] {
  if (next?.arrival?.kind !== 'convolution') return [];
  const { kernel: size } = next.arrival;
  const places = next.isSplit && !stage.isSplit ? TWO_KERNELS : ONE_KERNEL;
  return places.map((place) => ({ size, place }));
}

function placeTowers(stages: readonly Stage[], parts: readonly Part[]): readonly [number, number] {
  const split = parts.filter((_, index) => stages[index]?.isSplit);
  const above = Math.max(0, ...split.map(({ extent }) => -extent.top));
  const below = Math.max(0, ...split.map(({ extent }) => extent.bottom));
  const distance = above + below + TOWER_GAP;
  return [-distance / 2, distance / 2];
}

function gapBefore(next: Stage | undefined): number {
  if (next === undefined) return 0;
  const widths = describeGap(next)
    .flat()
    .map((line) => measureText(line, NOTE_SIZE));
  return Math.max(LEAST_GAP, Math.max(0, ...widths) + 2 * GAP_MARGIN);
}

/** What the paper writes between two boxes, each note in lines: `Stride`, `of 4`. */
function describeGap({ arrival, poolings }: Stage): readonly (readonly string[])[] {
  const [strideH, strideW] = arrival?.kind === 'convolution' ? arrival.strides : [1, 1];
  const isStepping = strideH !== 1 || strideW !== 1;
  const stride = strideH === strideW ? strideH : `${strideH}×${strideW}`;
  return [
    ...poolings.map((pooling) => pooling.split(' ')),
    ...(isStepping ? [['Stride', `of ${stride}`]] : []),
    ...(arrival?.kind === 'dense' ? [['dense']] : []),
  ];
}

/** The notes in a gap, below what connects its boxes. */
export function noteGap(from: Column, to: Column, lowest: number): readonly TextMark[] {
  const left = Math.max(...from.parts.map(({ part, origin }) => origin[0] + part.extent.right));
  const right = Math.min(...to.parts.map(({ part, origin }) => origin[0] + part.extent.left));
  const texts: TextMark[] = [];
  let y = lowest + GAP_MARGIN;
  for (const lines of describeGap(to.stage)) {
    for (const text of lines) {
      y += NOTE_SIZE * 1.15;
      const at: Point = [(left + right) / 2, y];
      texts.push({
        kind: 'text',
        text,
        at,
        anchor: 'middle',
        size: NOTE_SIZE,
        tone: 'ink',
        hasHalo: true,
      });
    }
    y += NOTE_GAP;
  }
  return texts;
}

/** The layer's name, then what it does. */
function captionLines({ name, captions }: Stage): readonly CaptionLine[] {
  const limits = { size: CAPTION_SIZE, maxWidth: CAPTION_WIDTH, separator: ', ' };
  const lines = captions.flatMap((parts) => fillLines(parts, limits));
  return [
    { text: fitText(name, NAME_SIZE, CAPTION_WIDTH), size: NAME_SIZE, tone: 'ink' },
    ...lines.map((text): CaptionLine => ({ text, size: CAPTION_SIZE, tone: 'muted' })),
  ];
}

/** The captions of a column, from a height downwards. */
export function captionColumn({ captions, middle }: Column, top: number): readonly TextMark[] {
  return captions.map((line, index) => ({
    kind: 'text',
    ...line,
    at: [middle, top + NAME_SIZE + index * CAPTION_SIZE * 1.3],
    anchor: 'middle',
  }));
}

/** Marks of a part where it stands. */
export function place<Placed extends Mark>(
  marks: readonly Placed[],
  [x, y]: Point,
): readonly Placed[] {
  return marks.map((mark) => moveMark(mark, x, y));
}
