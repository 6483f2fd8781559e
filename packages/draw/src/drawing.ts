import type { Tone } from './palette.ts';

/** x to the right, y downwards, in pixels of the picture. */
export type Point = readonly [x: number, y: number];

/** A filled, outlined polygon. */
export interface PolygonMark {
  readonly kind: 'polygon';
  readonly points: readonly Point[];
  readonly fill: Tone | null;
  readonly stroke: Tone | null;
  readonly strokeWidth?: number;
  /** 0 to 1, of the fill; 1 unless given. */
  readonly fillOpacity?: number;
}

/** Strokes that look alike: straight ones through points, or cubic Béziers, a start and three points for each piece. */
export interface LinesMark {
  readonly kind: 'lines' | 'curves';
  readonly paths: readonly (readonly Point[])[];
  readonly stroke: Tone;
  readonly strokeWidth?: number;
  readonly isDashed?: boolean;
}

/** One line of text. */
export interface TextMark {
  readonly kind: 'text';
  readonly text: string;
  /** Start, middle or end of the baseline, as `anchor` says. */
  readonly at: Point;
  readonly anchor: 'start' | 'middle' | 'end';
  /** Font size in pixels. */
  readonly size: number;
  readonly tone: Tone;
  /** Whether it is set off against lines that run behind it. */
  readonly hasHalo?: boolean;
}

export type Mark = PolygonMark | LinesMark | TextMark;

/** A picture before it has colours: marks in the order in which they are painted. */
export interface Drawing {
  readonly title: string;
  /** What the picture shows, for those who cannot see it. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
}

/** The same mark elsewhere. */
export function moveMark<Moved extends Mark>(mark: Moved, dx: number, dy: number): Moved {
  const move = ([x, y]: Point): Point => [x + dx, y + dy];
  if (mark.kind === 'text') return { ...mark, at: move(mark.at) };
  if (mark.kind === 'polygon') return { ...mark, points: mark.points.map(move) };
  return { ...mark, paths: mark.paths.map((path) => path.map(move)) };
}

/** Every point that a mark is drawn through; of a text only where it starts. */
export function pointsOf(mark: Mark): readonly Point[] {
  if (mark.kind === 'text') return [mark.at];
  return mark.kind === 'polygon' ? mark.points : mark.paths.flat();
}
