import { type Box, textBox } from './measure-text.ts';

/** One `<text>` of an SVG document, and the rectangle that it covers. */
export interface SvgText {
  readonly text: string;
  readonly box: Box;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** Every text of an SVG document, with its place. */
export function readTexts(svg: string): readonly SvgText[] {
  return [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(
    ([, attributes = '', raw = '']) => {
      const read = (name: string) =>
        new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
      const text = raw.replace(/&(\w+);/g, (_, name: string) => ENTITIES[name] ?? '?');
      const anchor = read('text-anchor');
      if (anchor !== 'start' && anchor !== 'middle' && anchor !== 'end') {
        throw new Error(`text-anchor="${anchor}"`);
      }
      const at = [Number(read('x')), Number(read('y'))] as const;
      return { text, box: textBox({ text, at, anchor, size: Number(read('font-size')) }) };
    },
  );
}

/** Pairs of texts whose rectangles share a point, as `a × b`. */
export function findOverlaps(texts: readonly SvgText[]): readonly string[] {
  return texts.flatMap((first, index) =>
    texts
      .slice(index + 1)
      .filter((second) => isOverlapping(first.box, second.box))
      .map((second) => `${first.text} × ${second.text}`),
  );
}

/** Texts that leave the page. */
export function findOutside(svg: string, texts: readonly SvgText[]): readonly string[] {
  const [, width = '0', height = '0'] = /^<svg [^>]*width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  return texts
    .filter(
      ({ box }) =>
        box.left < 0 || box.top < 0 || box.right > Number(width) || box.bottom > Number(height),
    )
    .map(({ text }) => text);
}

function isOverlapping(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
