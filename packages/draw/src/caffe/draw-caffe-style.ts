import { type Graph, invariant, type JsonReader } from '@alexnet/core';
import type { Drawing, Mark, Point, TextMark } from '../drawing.ts';
import { placeGraph } from '../graphviz.ts';
import { fitText } from '../measure-text.ts';
import { renderSvg, type SvgOptions } from '../render-svg.ts';
import {
  type DotGraph,
  type DotNode,
  LABEL_SIZE,
  type RankDirection,
  toDotGraph,
  writeDot,
} from './dot.ts';

export interface CaffeStyleOptions extends SvgOptions {
  /** LR unless given, as in draw_net. */
  readonly rankdir?: RankDirection;
}

/** Around the graph, in pixels; a point of Graphviz is drawn as one pixel. */
const MARGIN = 12;
/** Longest line of a label, in pixels: all that a layer says about itself fits beside a name of 25 letters. */
const MAX_LINE = 600;
/** Graphviz's, as shares of the font size. */
const LINE_HEIGHT = 1.2;
const BASELINE = 0.3;

/**
 * A network as Caffe's draw_net draws it, laid out by Graphviz: see {@link toDot}.
 *
 * @returns an SVG document
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY`, `SHAPE_MISMATCH`, `INVALID_GRAPH`
 */
export async function drawCaffeStyle(
  graph: Graph,
  { rankdir = 'LR', ...options }: CaffeStyleOptions = {},
): Promise<string> {
  const dotGraph = shortenLines(toDotGraph(graph, { rankdir }));
  const placed = await placeGraph(writeDot(toMeasurable(dotGraph)));
  return renderSvg(toDrawing(placed, dotGraph), options);
}

/** Names of any length are fine in DOT; in a picture one would push all others out of sight. */
function shortenLines({ nodes, ...rest }: DotGraph): DotGraph {
  const shorten = (line: string) => fitText(line, LABEL_SIZE, MAX_LINE);
  return { ...rest, nodes: nodes.map((node) => ({ ...node, lines: node.lines.map(shorten) })) };
}

/**
 * The same graph with labels of the same size without backslashes, which Graphviz counts wrongly in its JSON. A slash
 * is as wide.
 */
function toMeasurable({ nodes, ...rest }: DotGraph): DotGraph {
  const measurable = (line: string) => line.replaceAll('\\', '/');
  return { ...rest, nodes: nodes.map((node) => ({ ...node, lines: node.lines.map(measurable) })) };
}

/** Graphviz's places as marks; words and colours are ours. */
function toDrawing(placed: JsonReader, { name, nodes }: DotGraph): Drawing {
  const [left = 0, top = 0, right = 0, bottom = 0] = readNumbers(placed.field('bb'));
  const [x0, y0] = [Math.min(left, right) - MARGIN, Math.min(top, bottom) - MARGIN];
  const toPoint: ToPoint = ([x = 0, y = 0]) => [x - x0, y - y0];
  const objects = placed.field('objects').items();
  invariant(objects.length === nodes.length, 'Graphviz gave back another number of nodes.');
  return {
    title: name,
    description: `The layers of ${name} and the values between them, as a graph.`,
    width: Math.abs(right - left) + 2 * MARGIN,
    height: Math.abs(bottom - top) + 2 * MARGIN,
    marks: [
      ...placed
        .field('edges')
        .items()
        .flatMap((edge) => drawEdge(edge, toPoint)),
      ...objects.flatMap((object) => {
        const node = nodes[object.field('_gvid').integer()];
        return node === undefined ? [] : drawNode(object, node, toPoint);
      }),
    ],
  };
}

/** From Graphviz's page to the picture's. */
type ToPoint = (place: readonly number[]) => Point;

function drawNode(object: JsonReader, { lines, tone }: DotNode, toPoint: ToPoint): readonly Mark[] {
  const outlines = readShapes(object, '_draw_', toPoint).map(
    (points): Mark => ({ kind: 'polygon', points, fill: tone, stroke: 'ink' }),
  );
  const [x, y] = toPoint(readNumbers(object.field('pos')));
  const texts = lines.map((text, index): TextMark => {
    const line = index - (lines.length - 1) / 2;
    return { ...LABEL, text, at: [x, y + LABEL_SIZE * (BASELINE + LINE_HEIGHT * line)] };
  });
  return [...outlines, ...texts];
}

function drawEdge(edge: JsonReader, toPoint: ToPoint): readonly Mark[] {
  const paths = readShapes(edge, '_draw_', toPoint);
  const curves: Mark = { kind: 'curves', paths, stroke: 'ink' };
  const heads = readShapes(edge, '_hdraw_', toPoint).map(
    (points): Mark => ({ kind: 'polygon', points, fill: 'ink', stroke: 'ink' }),
  );
  if (!edge.has('lp')) return [curves, ...heads];
  const [x, y] = toPoint(readNumbers(edge.field('lp')));
  const text = edge.field('label').string().trim();
  const at: Point = [x, y + LABEL_SIZE * BASELINE];
  return [curves, ...heads, { ...LABEL, text, at, tone: 'ink', hasHalo: true }];
}

const LABEL = { kind: 'text', anchor: 'middle', size: LABEL_SIZE, tone: 'caffe-ink' } as const;

/** Polygons and curves of a list of drawing operations; the others set fonts and colours. */
function readShapes(
  owner: JsonReader,
  list: string,
  toPoint: ToPoint,
): readonly (readonly Point[])[] {
  if (!owner.has(list)) return [];
  return owner
    .field(list)
    .items()
    .filter((operation) => operation.has('points'))
    .map((operation) =>
      operation
        .field('points')
        .items()
        .map((point) => toPoint(point.numbers(2))),
    );
}

/** `27,18` */
function readNumbers(text: JsonReader): readonly number[] {
  return text.string().split(',').map(Number);
}
