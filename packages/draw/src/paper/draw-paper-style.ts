import { type Graph, summarize } from '@alexnet/core';
import { type Drawing, type Mark, moveMark, pointsOf, type TextMark } from '../drawing.ts';
import { type Box, fillLines, fitText, textBox, unionOfBoxes } from '../measure-text.ts';
import { renderSvg, type SvgOptions } from '../render-svg.ts';
import { type Column, captionColumn, layOutColumns, noteGap, place } from './columns.ts';
import { connect } from './connections.ts';
import { drawLegend } from './legend.ts';
import { chooseScale, type Scale } from './scale.ts';
import { cutIntoStages } from './stages.ts';

export type PaperStyleOptions = SvgOptions;

const MARGIN = 24;
const TITLE_SIZE = 17;
const SUBTITLE_SIZE = 11.5;
const LEAST_WIDTH = 420;
/** Between the boxes, the captions below them and the legend. */
const SECTION_GAP = 26;

/**
 * A network as figure 2 of the 2012 paper: a box for the picture, for the maps of each convolution (two where it runs
 * in two towers) and for each dense layer, with kernels, strides, poolings and sizes, and captions below.
 *
 * Heights, widths and kernels are true to one scale, which the legend gives; depths and columns grow with the square
 * root of channels and features.
 *
 * @returns an SVG document
 * @throws {@link AlexNetError} `UNSUPPORTED` if the input is no picture, `SHAPE_MISMATCH`, `INVALID_GRAPH`
 * @see Krizhevsky et al. 2012, figure 2
 */
export function drawPaperStyle(graph: Graph, options: PaperStyleOptions = {}): string {
  const stages = cutIntoStages(graph);
  const scale = chooseScale(stages);
  const columns = layOutColumns(stages, scale);
  return renderSvg(compose(graph, columns, scale), options);
}

function compose(graph: Graph, columns: readonly Column[], scale: Scale): Drawing {
  const boxes = drawBoxes(columns);
  const above = boxOf(boxes);
  const captions = columns.flatMap((column) => captionColumn(column, above.bottom + SECTION_GAP));
  const content = unionOfBoxes([above, ...captions.map(textBox)]);
  const innerWidth = Math.max(content.right - content.left, LEAST_WIDTH);
  const { title, lines } = describe(graph, innerWidth);
  const heading = headingOf(title, lines);
  const top = MARGIN + TITLE_SIZE + lines.length * SUBTITLE_SIZE * 1.4 + SECTION_GAP;
  const [dx, dy] = [
    MARGIN + (innerWidth - (content.right - content.left)) / 2 - content.left,
    top - content.top,
  ];
  const legend = drawLegend(scale, [MARGIN, content.bottom + dy + SECTION_GAP], innerWidth);
  return {
    title: graph.name,
    description: `${lines.join(' ')} ${columns.map(describeColumn).join(' → ')}`,
    width: innerWidth + 2 * MARGIN,
    height: boxOf(legend).bottom + MARGIN,
    marks: [
      ...heading,
      ...[...boxes, ...captions].map((mark) => moveMark(mark, dx, dy)),
      ...legend,
    ],
  };
}

/** In the order of painting: boxes, what connects them, kernels, numbers. */
function drawBoxes(columns: readonly Column[]): readonly Mark[] {
  const parts = columns.flatMap((column) => column.parts);
  const gaps = columns.slice(1).map((to, index) => ({ from: columns[index] ?? to, to }));
  const connections = gaps.map(({ from, to }) => connect(from, to));
  return [
    ...parts.flatMap(({ part, origin }) => place(part.solid, origin)),
    ...connections.flat(),
    ...parts.flatMap(({ part, origin }) => place(part.wires, origin)),
    ...gaps.flatMap(({ from, to }, index) =>
      noteGap(from, to, boxOf(connections[index] ?? []).bottom),
    ),
    ...parts.flatMap(({ part, origin }) => place(part.labels, origin)),
  ];
}

function describe(
  graph: Graph,
  width: number,
): { readonly title: string; readonly lines: readonly string[] } {
  const { parameters, multiplyAdds } = summarize(graph);
  const count = (value: number) => value.toLocaleString('en-US');
  const text = `${count(parameters)} parameters, ${count(multiplyAdds)} multiply-adds for one picture`;
  return {
    title: fitText(graph.name, TITLE_SIZE, width),
    lines: fillLines(text.split(' '), { size: SUBTITLE_SIZE, maxWidth: width, separator: ' ' }),
  };
}

function headingOf(title: string, lines: readonly string[]): readonly TextMark[] {
  const line = (text: string, y: number, size: number, tone: TextMark['tone']): TextMark => ({
    kind: 'text',
    text,
    at: [MARGIN, y],
    anchor: 'start',
    size,
    tone,
  });
  const first = MARGIN + TITLE_SIZE;
  return [
    line(title, first, TITLE_SIZE, 'ink'),
    ...lines.map((text, index) =>
      line(text, first + (index + 1.1) * SUBTITLE_SIZE * 1.4, SUBTITLE_SIZE, 'muted'),
    ),
  ];
}

/** `conv1 96 × 55 × 55` */
function describeColumn({ stage: { name, channels, size, kind } }: Column): string {
  return `${name} ${[channels, ...(kind === 'dense' ? [] : size)].join(' × ')}`;
}

function boxOf(marks: readonly Mark[]): Box {
  return unionOfBoxes(
    marks.flatMap((mark) =>
      mark.kind === 'text'
        ? [textBox(mark)]
        : pointsOf(mark).map(([x, y]) => ({ left: x, right: x, top: y, bottom: y })),
    ),
  );
}
