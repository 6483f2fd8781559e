import type { Point, TextMark } from '../drawing.ts';
import { type Box, measureText, textBox } from '../measure-text.ts';
import { type Cuboid, placeIn, rightFace } from './cuboid.ts';

const SIZE = 12;
/** Between a box and a number at it, in pixels. */
const GAP = 3;

interface Numbered {
  readonly cuboid: Cuboid;
  readonly channels: number;
  /** [height, width] of maps; null for a dense layer. */
  readonly size: readonly [number, number] | null;
}

/**
 * The numbers at a box, none upon another.
 *
 * @param kernelBoxes - where its kernels stand
 * @param kernelSizes - of each, [height, width]
 */
export function writeNumbers(
  numbered: Numbered,
  kernelBoxes: readonly Cuboid[],
  kernelSizes: readonly (readonly [number, number])[],
): readonly TextMark[] {
  const texts = [...numberSides(numbered)];
  for (const [index, box] of kernelBoxes.entries()) {
    const size = kernelSizes[index];
    if (size === undefined) continue;
    for (const text of numberKernel(numbered.cuboid, box, size)) texts.push(raise(text, texts));
  }
  return texts;
}

/** Channels below the front; of maps also the height at its lower left and the width along the edge that runs back. */
function numberSides({ cuboid, channels, size }: Numbered): readonly TextMark[] {
  const { depth, height, width } = cuboid;
  const [, below] = placeIn(cuboid, [0, height, 0]);
  const ink = (value: number, at: Point, anchor: TextMark['anchor']) =>
    write(value, { at, anchor, tone: 'ink' });
  const channelsNumber = ink(channels, [depth / 2, below + SIZE], 'middle');
  if (size === null) return [channelsNumber];
  const [edgeX, edgeY] = placeIn(cuboid, [depth, height, width / 2]);
  const left = Math.max(edgeX, textBox(channelsNumber).right) + GAP;
  return [
    channelsNumber,
    ink(size[0], [-GAP, below - GAP], 'end'),
    ink(size[1], [left, edgeY + SIZE * 0.8], 'start'),
  ];
}

/** Height at the left of the kernel and width above it where the map has room; else above the map, clear of the pyramid. */
function numberKernel(
  cuboid: Cuboid,
  box: Cuboid,
  [kernelHeight, kernelWidth]: readonly [number, number],
): readonly TextMark[] {
  const [frontTop, backTop, , frontBottom] = rightFace(box);
  const [, mapBackTop] = rightFace(cuboid);
  const [left] = box.at;
  const hasRoom = left - cuboid.at[0] >= measureText(`${kernelHeight}`, SIZE) + 2 * GAP;
  const middleX = (frontTop[0] + backTop[0]) / 2;
  const middleY = (frontTop[1] + frontBottom[1]) / 2;
  const kernel = (value: number, at: Point, anchor: TextMark['anchor']) =>
    write(value, { at, anchor, tone: 'kernel' });
  return hasRoom
    ? [
        kernel(kernelHeight, [left - GAP, middleY + SIZE * 0.36], 'end'),
        kernel(kernelWidth, [middleX, backTop[1] - GAP], 'middle'),
      ]
    : [
        kernel(kernelHeight, [mapBackTop[0] + GAP, mapBackTop[1] + SIZE * 0.4], 'start'),
        kernel(kernelWidth, [middleX, mapBackTop[1] - GAP], 'middle'),
      ];
}

function write(
  value: number,
  { at, anchor, tone }: Pick<TextMark, 'at' | 'anchor' | 'tone'>,
): TextMark {
  return { kind: 'text', text: `${value}`, at, anchor, size: SIZE, tone, hasHalo: true };
}

/** A text moved up, over all others that it would stand on. */
function raise(text: TextMark, others: readonly TextMark[]): TextMark {
  const box = textBox(text);
  const hit = others.map(textBox).find((other) => isOverlapping(box, other));
  if (hit === undefined) return text;
  const [x, y] = text.at;
  return raise({ ...text, at: [x, y - (box.bottom - hit.top) - 1] }, others);
}

function isOverlapping(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
