import type { Mark, Point, TextMark } from '../drawing.ts';
import { fillLines, measureText } from '../measure-text.ts';
import type { Scale } from './scale.ts';

const SIZE = 10.5;
/** The bar is a round number of pixels, and about this long on the page. */
const LONGEST_BAR = 90;
const EXPLANATION =
  'Heights, widths and kernels are drawn to this one scale, widths running back at half their length. Depths (channels) and columns (features) are drawn to a second one, by their square root.';

/** A bar that tells how long a pixel is, and in words what is drawn to which scale. */
export function drawLegend({ perPixel }: Scale, at: Point, maxWidth: number): readonly Mark[] {
  const pixels = roundBelow(LONGEST_BAR / perPixel);
  const length = pixels * perPixel;
  const [x, y] = at;
  const text = (words: string, left: number, line: number): TextMark => ({
    kind: 'text',
    text: words,
    at: [left, y + SIZE * (1 + 1.3 * line)],
    anchor: 'start',
    size: SIZE,
    tone: 'muted',
  });
  const middle = y + SIZE * 0.65;
  const bar: readonly Point[] = [
    [x, middle],
    [x + length, middle],
  ];
  const tick = (left: number): readonly Point[] => [
    [left, middle - 3],
    [left, middle + 3],
  ];
  const words = pixels === 1 ? '1 pixel' : `${pixels} pixels`;
  const indent = x + length + 6 + measureText(words, SIZE) + 14;
  return [
    { kind: 'lines', paths: [bar, tick(x), tick(x + length)], stroke: 'muted' },
    text(words, x + length + 6, 0),
    ...fillLines(EXPLANATION.split(' '), {
      size: SIZE,
      maxWidth: maxWidth - (indent - x),
      separator: ' ',
    }).map((line, index) => text(line, indent, index)),
  ];
}

/** 1, 2, 5, 10, 20, …: the largest that is no more than a value, at least 1. */
function roundBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  const digit = [5, 2, 1].find((step) => step * power <= value) ?? 1;
  return digit * power;
}
