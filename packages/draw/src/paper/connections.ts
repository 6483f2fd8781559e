import type { Mark, Point } from '../drawing.ts';
import type { Column, PlacedPart } from './columns.ts';

const HEAD_LENGTH = 7;
const HEAD_WIDTH = 5;
/** Between an arrow's ends and the boxes. */
const CLEARANCE = 3;

/** What leads from the boxes of one column to those of the next. */
export function connect(from: Column, to: Column): readonly Mark[] {
  const { arrival } = to.stage;
  if (arrival === null) return [];
  return from.parts.flatMap((source, index) =>
    to.parts.flatMap((target, tower) => {
      // A convolution of two groups leaves each tower alone.
      const isApart =
        arrival.kind === 'convolution' &&
        arrival.group % 2 === 0 &&
        from.stage.isSplit &&
        to.stage.isSplit;
      if (isApart && index !== tower) return [];
      return arrival.kind === 'convolution'
        ? drawPyramid(source, target, tower)
        : drawArrow(
            findExit(source, source.origin[1] === target.origin[1]),
            move(target.part.entry, target),
          );
    }),
  );
}

/** From a kernel's right end to the one place of the next map that it computes. */
function drawPyramid(source: PlacedPart, target: PlacedPart, tower: number): readonly Mark[] {
  const { kernels } = source.part;
  const kernel = kernels[tower] ?? kernels[0];
  if (kernel === undefined) return [];
  const apex = move(target.part.at(kernel.place), target);
  return [
    {
      kind: 'lines',
      paths: kernel.corners.map((corner) => [move(corner, source), apex]),
      stroke: 'kernel',
      strokeWidth: 0.8,
      isDashed: true,
    },
  ];
}

/** Where an arrow starts: one that leaves sideways starts behind the numbers at the right. */
function findExit(source: PlacedPart, isStraight: boolean): Point {
  const { exit, extent } = source.part;
  return move(isStraight ? exit : [extent.right, exit[1]], source);
}

function drawArrow([fromX, fromY]: Point, [toX, toY]: Point): readonly Mark[] {
  const length = Math.hypot(toX - fromX, toY - fromY);
  const [dx, dy] = [(toX - fromX) / length, (toY - fromY) / length];
  const along = (distance: number, aside = 0): Point => [
    fromX + dx * distance - dy * aside,
    fromY + dy * distance + dx * aside,
  ];
  const [neck, tip] = [length - CLEARANCE - HEAD_LENGTH, length - CLEARANCE];
  return [
    { kind: 'lines', paths: [[along(CLEARANCE), along(neck)]], stroke: 'muted' },
    {
      kind: 'polygon',
      points: [along(tip), along(neck, HEAD_WIDTH / 2), along(neck, -HEAD_WIDTH / 2)],
      fill: 'muted',
      stroke: null,
    },
  ];
}

function move([x, y]: Point, { origin }: PlacedPart): Point {
  return [x + origin[0], y + origin[1]];
}
