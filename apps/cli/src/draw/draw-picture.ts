import { AlexNetError, type Graph } from '@alexnet/core';
import {
  type Background,
  drawCaffeStyle,
  drawPaperStyle,
  type RankDirection,
  type Theme,
  toDot,
} from '@alexnet/draw';
import { renderPng } from '@alexnet/draw/node';

export const PICTURE_FORMATS = ['svg', 'png', 'dot'] as const;
export type PictureFormat = (typeof PICTURE_FORMATS)[number];

export const PICTURE_STYLES = ['paper', 'caffe'] as const;
export type PictureStyle = (typeof PICTURE_STYLES)[number];

/** What was asked for; what is left out follows from the rest. */
export interface PictureOptions {
  readonly format: PictureFormat;
  readonly style?: PictureStyle;
  readonly rankdir?: RankDirection;
  readonly theme?: Theme;
  readonly background?: Background;
  /** Pixels of a PNG for one of the picture. */
  readonly scale?: number;
}

/** A network, drawn. */
export interface Picture {
  readonly format: PictureFormat;
  readonly style: PictureStyle;
  /** A text, or the bytes of a PNG. */
  readonly content: string | Uint8Array;
  /** In pixels, of a PNG. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

const FORMATS_BY_EXTENSION: Readonly<Record<string, PictureFormat>> = {
  svg: 'svg',
  png: 'png',
  dot: 'dot',
  gv: 'dot',
};

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` for a file name that does not say what to write */
export function formatOfFile(file: string): PictureFormat {
  if (file === '-') return 'svg';
  const [, extension = ''] = /\.([^./\\]+)$/.exec(file) ?? [];
  const format = FORMATS_BY_EXTENSION[extension.toLowerCase()];
  if (format !== undefined) return format;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `The name "${file}" does not say what to write: ${extension === '' ? 'it has no extension' : `".${extension}" is none of the known ones`}.`,
    hint: 'End it in .svg, .png or .dot (.gv), or say --format svg, png or dot.',
  });
}

/**
 * Draws a network: in the paper's style unless told otherwise, or where that draws nothing (DOT, an input that is no
 * picture) in Caffe's.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for options that contradict each other, `UNSUPPORTED`,
 *   `MISSING_DEPENDENCY`
 */
export async function drawPicture(graph: Graph, options: PictureOptions): Promise<Picture> {
  const { format } = options;
  const isPicture = graph.input.shape.length === 3;
  const wantsGraph = format === 'dot' || options.rankdir !== undefined || !isPicture;
  const style = options.style ?? (wantsGraph ? 'caffe' : 'paper');
  checkOptions(options, style);
  const { rankdir, theme, background, scale } = options;
  const look = {
    ...(theme === undefined ? {} : { theme }),
    ...(background === undefined ? {} : { background }),
  };
  const direction = rankdir === undefined ? {} : { rankdir };
  if (format === 'dot') {
    return { format, style, content: toDot(graph, { ...look, ...direction }), size: null };
  }
  const svg =
    style === 'paper'
      ? drawPaperStyle(graph, look)
      : await drawCaffeStyle(graph, { ...look, ...direction });
  if (format === 'svg') return { format, style, content: svg, size: null };
  const { bytes, ...size } = await renderPng(svg, scale === undefined ? {} : { scale });
  return { format, style, content: bytes, size };
}

/** An option that would change nothing is a misunderstanding. */
function checkOptions({ format, rankdir, scale }: PictureOptions, style: PictureStyle): void {
  const refuse = (message: string, hint: string): never => {
    throw new AlexNetError('INVALID_ARGUMENT', { message, hint });
  };
  if (format === 'dot' && style === 'paper') {
    refuse(
      'DOT describes graphs; the boxes of the style "paper" are none.',
      'Write .svg or .png, or leave out --style paper.',
    );
  }
  if (rankdir !== undefined && style === 'paper') {
    refuse(
      `--rankdir ${rankdir} is for the style "caffe"; the style "paper" runs from left to right.`,
      'Leave it out, or say --style caffe.',
    );
  }
  if (scale !== undefined && format !== 'png') {
    refuse(
      `--scale is for PNG; ${format === 'svg' ? 'SVG is sharp at any size' : 'DOT has no pixels'}.`,
      'Leave it out, or write .png.',
    );
  }
}
