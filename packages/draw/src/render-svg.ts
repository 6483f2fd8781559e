import type { Drawing, Mark, Point, PolygonMark } from './drawing.ts';
import { FONT_FAMILY } from './measure-text.ts';
import { PALETTES, type Theme, type Tone } from './palette.ts';

/** Whether the page shows through. */
export const BACKGROUNDS = ['filled', 'transparent'] as const;
export type Background = (typeof BACKGROUNDS)[number];

export interface SvgOptions {
  /** `auto` unless given: light, and dark where the reader prefers it (`prefers-color-scheme`). */
  readonly theme?: Theme;
  /** `filled` unless given. */
  readonly background?: Background;
}

/** Of the stroke that sets a text off against what runs behind it, in pixels; half of it is outside. */
const HALO_WIDTH = 3;

interface Paint {
  readonly fill: Tone | null;
  readonly stroke: Tone | null;
}

/** Writes paint as attributes. */
type Painter = (paint: Paint) => string;

/**
 * A drawing as an SVG document that needs nothing else.
 *
 * Colours stand as attributes, for programs without style sheets. With the theme `auto`, a style sheet sets them
 * by custom properties (`--alexnet-ink` and so on), which change with the reader's preference and which a page
 * that holds the SVG may override.
 */
export function renderSvg(
  { title, description, width, height, marks }: Drawing,
  { theme = 'auto', background = 'filled' }: SvgOptions = {},
): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  const page: PolygonMark = {
    kind: 'polygon',
    points: [
      [0, 0],
      [w, 0],
      [w, h],
      [0, h],
    ],
    fill: 'paper',
    stroke: null,
  };
  const painted = background === 'filled' ? [page, ...marks] : marks;
  const paint = theme === 'auto' ? paintByClass : paintPlainly(theme);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" class="alexnet-drawing" font-family="${FONT_FAMILY}" stroke-linejoin="round">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(description)}</desc>`,
    ...(theme === 'auto' ? [`<style>${styleSheet(painted)}</style>`] : []),
    ...renderMarks(painted, paint),
    '</svg>\n',
  ].join('\n');
}

/** The text of an element or an attribute. What XML cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

/** Elements of marks; neighbouring texts with halos share the group that sets them off. */
function renderMarks(marks: readonly Mark[], paint: Painter): readonly string[] {
  const group = `<g${paint({ fill: null, stroke: 'paper' })}${width(HALO_WIDTH)} paint-order="stroke">`;
  const hasHalo = (mark: Mark | undefined) => mark?.kind === 'text' && mark.hasHalo === true;
  return marks.flatMap((mark, index) => [
    ...(hasHalo(mark) && !hasHalo(marks[index - 1]) ? [group] : []),
    renderMark(mark, paint),
    ...(hasHalo(mark) && !hasHalo(marks[index + 1]) ? ['</g>'] : []),
  ]);
}

function renderMark(mark: Mark, paint: Painter): string {
  switch (mark.kind) {
    case 'polygon': {
      const { points, fillOpacity, strokeWidth = 1, ...tones } = mark;
      const opacity = fillOpacity === undefined ? '' : ` fill-opacity="${fillOpacity}"`;
      return `<path d="M${points.map(pair).join('L')}Z"${paint(tones)}${opacity}${width(strokeWidth)}/>`;
    }
    case 'lines':
    case 'curves': {
      const { kind, paths, stroke, strokeWidth = 1, isDashed = false } = mark;
      const dash = isDashed ? ' stroke-dasharray="4 3"' : '';
      const command = kind === 'lines' ? 'L' : 'C';
      const path = paths.map(
        ([start = [0, 0], ...rest]) => `M${pair(start)}${command}${rest.map(pair).join(' ')}`,
      );
      return `<path d="${path.join('')}"${paint({ fill: null, stroke })}${width(strokeWidth)}${dash}/>`;
    }
    case 'text': {
      const { text, at, anchor, size, tone } = mark;
      const [x, y] = at.map(round);
      const fill = paint({ fill: tone, stroke: null });
      return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}"${fill}>${escapeXml(text)}</text>`;
    }
    default:
      return mark satisfies never;
  }
}

function paintPlainly(theme: Exclude<Theme, 'auto'>): Painter {
  const palette = PALETTES[theme];
  return ({ fill, stroke }) =>
    ` fill="${fill === null ? 'none' : palette[fill]}"${stroke === null ? '' : ` stroke="${palette[stroke]}"`}`;
}

const paintByClass: Painter = (tones) => {
  const classes = [
    ...(tones.fill === null ? [] : [`f-${tones.fill}`]),
    ...(tones.stroke === null ? [] : [`s-${tones.stroke}`]),
  ];
  return `${paintPlainly('light')(tones)} class="${classes.join(' ')}"`;
};

/** Custom properties of the tones that a drawing uses, light and dark, and a class for each use. */
function styleSheet(marks: readonly Mark[]): string {
  const paints = marks.map(paintOf);
  const fills = new Set(paints.flatMap(({ fill }) => fill ?? []));
  const strokes = new Set(paints.flatMap(({ stroke }) => stroke ?? []));
  const tones = [...new Set([...fills, ...strokes])];
  const declare = (theme: Exclude<Theme, 'auto'>) =>
    tones.map((tone) => `--alexnet-${tone}:${PALETTES[theme][tone]}`).join(';');
  const use = (property: 'fill' | 'stroke', uses: ReadonlySet<Tone>) =>
    [...uses].map(
      (tone) => `.alexnet-drawing .${property[0]}-${tone}{${property}:var(--alexnet-${tone})}`,
    );
  return [
    `.alexnet-drawing{${declare('light')}}`,
    `@media (prefers-color-scheme:dark){.alexnet-drawing{${declare('dark')}}}`,
    ...use('fill', fills),
    ...use('stroke', strokes),
  ].join('');
}

function paintOf(mark: Mark): Paint {
  if (mark.kind === 'polygon') return mark;
  if (mark.kind === 'text') {
    return { fill: mark.tone, stroke: mark.hasHalo === true ? 'paper' : null };
  }
  return { fill: null, stroke: mark.stroke };
}

/** One pixel is what SVG takes where nothing is said. */
function width(pixels: number): string {
  return pixels === 1 ? '' : ` stroke-width="${round(pixels)}"`;
}

function pair([x, y]: Point): string {
  return `${round(x)},${round(y)}`;
}

/** To hundredths: what no screen shows only makes the file larger. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
