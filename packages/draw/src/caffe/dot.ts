import type { Graph } from '@alexnet/core';
import { PALETTES, type Theme, type Tone } from '../palette.ts';
import type { Background } from '../render-svg.ts';
import { type CaffeNet, type NamedLayer, toCaffeNet } from './caffe-net.ts';

/** Which way the network runs: left to right, top to bottom, and back. */
export const RANK_DIRECTIONS = ['LR', 'TB', 'BT', 'RL'] as const;
export type RankDirection = (typeof RANK_DIRECTIONS)[number];

export interface DotOptions {
  /** LR unless given, as in draw_net. */
  readonly rankdir?: RankDirection;
  /** DOT cannot follow its reader: `auto`, and nothing, is `light`. */
  readonly theme?: Theme;
  /** `filled` unless given. */
  readonly background?: Background;
}

/** What Graphviz is asked to place. */
export interface DotGraph {
  readonly name: string;
  readonly rankdir: RankDirection;
  readonly nodes: readonly DotNode[];
  readonly edges: readonly DotEdge[];
}

export interface DotNode {
  readonly id: string;
  readonly lines: readonly string[];
  readonly shape: 'box' | 'octagon';
  readonly tone: Tone;
}

export interface DotEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string | null;
}

/** Font size of labels, in points. */
export const LABEL_SIZE = 14;

/**
 * A network in Graphviz's language, as Caffe's draw_net draws it: layers as boxes in Caffe's colours, blobs as
 * octagons between them, the number of outputs on the edge behind a layer that has one. A layer that works in place
 * stands beside its blob, with an edge each way.
 *
 * A node's `class` says what it is: `caffe-convolution`, `caffe-blob` and so on.
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH`, `INVALID_GRAPH`
 * @see BVLC/caffe python/caffe/draw.py · https://graphviz.org/doc/info/lang.html
 */
export function toDot(graph: Graph, options: DotOptions = {}): string {
  return writeDot(toDotGraph(graph, options), options);
}

export function toDotGraph(
  graph: Graph,
  { rankdir = 'LR' }: Pick<DotOptions, 'rankdir'> = {},
): DotGraph {
  const net = toCaffeNet(graph);
  return {
    name: net.name,
    rankdir,
    nodes: listNodes(net, rankdir),
    edges: net.layers.flatMap(listEdges),
  };
}

/** @see toDot */
export function writeDot(
  { name, rankdir, nodes, edges }: DotGraph,
  { theme = 'auto', background = 'filled' }: DotOptions = {},
): string {
  const palette = PALETTES[theme === 'auto' ? 'light' : theme];
  const page = background === 'filled' ? palette.paper : 'transparent';
  const font = `fontname="Helvetica", fontsize=${LABEL_SIZE}`;
  return [
    `digraph ${quote(name)} {`,
    `  graph [rankdir=${rankdir}, bgcolor="${page}"];`,
    `  node [${font}, style=filled, color="${palette.ink}", fontcolor="${palette['caffe-ink']}"];`,
    `  edge [${font}, color="${palette.ink}", fontcolor="${palette.ink}"];`,
    ...nodes.map(
      ({ id, lines, shape, tone }) =>
        `  ${quote(id)} [label=${quoteLabel(lines)}, shape=${shape}, fillcolor="${palette[tone]}", class="${tone}"];`,
    ),
    ...edges.map(({ from, to, label }) => {
      // The spaces keep the number off an edge that runs up or down.
      const attributes = label === null ? '' : ` [label=" ${label} "]`;
      return `  ${quote(from)} -> ${quote(to)}${attributes};`;
    }),
    '}\n',
  ].join('\n');
}

function listNodes({ blobs, layers }: CaffeNet, rankdir: RankDirection): readonly DotNode[] {
  // draw_net writes a label in one line where the network runs up or down, so that ranks stay low.
  const isOneLine = rankdir === 'TB' || rankdir === 'BT';
  return [
    ...layers.map((layer): DotNode => {
      const lines = [layer.name, `(${layer.type})`, ...layer.details];
      return {
        id: layerId(layer),
        lines: isOneLine ? [lines.join(' ')] : lines,
        shape: 'box',
        tone: layer.tone,
      };
    }),
    ...blobs.map(
      (blob): DotNode => ({
        id: blobId(blob),
        lines: [blob],
        shape: 'octagon',
        tone: 'caffe-blob',
      }),
    ),
  ];
}

function listEdges(layer: NamedLayer): readonly DotEdge[] {
  const { bottom, top, outputs } = layer;
  const id = layerId(layer);
  return [
    ...(bottom === null ? [] : [{ from: blobId(bottom), to: id, label: null }]),
    { from: id, to: blobId(top), label: outputs === null ? null : `${outputs}` },
  ];
}

/** Layers and blobs have names of their own: `conv1` is both. */
function layerId({ name, bottom }: NamedLayer): string {
  return bottom === null ? `${name} input` : `${name} layer`;
}

function blobId(name: string): string {
  return `${name} blob`;
}

/** An identifier. Backslashes are doubled, so that none stands before the closing quote. */
function quote(text: string): string {
  return `"${escapeText(text)}"`;
}

/** A label. Ampersands would start an entity there. */
function quoteLabel(lines: readonly string[]): string {
  return `"${lines.map((line) => escapeText(line).replaceAll('&', '&amp;')).join('\\n')}"`;
}

/** Control characters, which would break a line or a file, become spaces. */
function escapeText(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"');
}
