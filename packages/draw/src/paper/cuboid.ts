import type { Mark, Point, PolygonMark } from '../drawing.ts';
import type { Tone } from '../palette.ts';

/**
 * A box in oblique projection: depth (channels) runs to the right, height down, width back, which is up and to the
 * right on the page.
 */
export interface Cuboid {
  /** Upper left corner of its front. */
  readonly at: Point;
  readonly depth: number;
  readonly height: number;
  readonly width: number;
}

/** What one pixel back is on the page: half its length, 40° up, the angle and share of a cabinet drawing. */
const BACK: Point = [0.5 * Math.cos((40 * Math.PI) / 180), -0.5 * Math.sin((40 * Math.PI) / 180)];

/** A place inside the box: along its depth from the left, down from the top, back from the front. */
export function placeIn(
  { at: [x, y] }: Pick<Cuboid, 'at'>,
  [right, down, back]: readonly [number, number, number],
): Point {
  return [x + right + back * BACK[0], y + down + back * BACK[1]];
}

/** The corners of its right end, which shows height and width: front top, back top, back bottom, front bottom. */
export function rightFace({
  at,
  depth,
  height,
  width,
}: Cuboid): readonly [Point, Point, Point, Point] {
  return [
    placeIn({ at }, [depth, 0, 0]),
    placeIn({ at }, [depth, 0, width]),
    placeIn({ at }, [depth, height, width]),
    placeIn({ at }, [depth, height, 0]),
  ];
}

/** Tones of the three faces that are seen. */
export interface FaceTones {
  readonly front: Tone;
  readonly top: Tone;
  readonly side: Tone;
}

/** The three faces that are seen. */
export function drawSolid(cuboid: Cuboid, tones: FaceTones): readonly Mark[] {
  const { at, depth, height, width } = cuboid;
  const face = (points: readonly Point[], fill: Tone): PolygonMark => ({
    kind: 'polygon',
    points,
    fill,
    stroke: 'outline',
  });
  const corner = (right: number, down: number, back: number) =>
    placeIn({ at }, [right, down, back]);
  return [
    face([at, corner(0, 0, width), corner(depth, 0, width), corner(depth, 0, 0)], tones.top),
    face(rightFace(cuboid), tones.side),
    face([at, corner(depth, 0, 0), corner(depth, height, 0), corner(0, height, 0)], tones.front),
  ];
}

/** All twelve edges, and a tint on the right end: a box inside another. */
export function drawWire(cuboid: Cuboid, tone: Tone): readonly Mark[] {
  const { at, height, width } = cuboid;
  const corner = (down: number, back: number) => placeIn({ at }, [0, down, back]);
  const left = [corner(0, 0), corner(0, width), corner(height, width), corner(height, 0)];
  const right = rightFace(cuboid);
  const along = right.map((end, index) => [left[index] ?? end, end]);
  return [
    { kind: 'lines', paths: [[...left, left[0] ?? at], ...along], stroke: tone, strokeWidth: 0.8 },
    { kind: 'polygon', points: right, fill: tone, fillOpacity: 0.25, stroke: tone },
  ];
}
