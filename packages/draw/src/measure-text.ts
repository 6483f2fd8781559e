import type { TextMark } from './drawing.ts';

/**
 * What the pictures are set in. Arimo, Arial, Liberation Sans and Helvetica have the same advance widths, so
 * that one table measures for all of them; most machines have one.
 */
export const FONT_FAMILY = "Arimo, 'Liberation Sans', Arial, Helvetica, sans-serif";

/** Characters by their advance width in thousandths of the font size, from Arimo Regular's `hmtx` table. */
const CHARACTERS_BY_WIDTH: Readonly<Record<number, string>> = {
  191: "'",
  222: 'ijl‘’',
  260: '|¦',
  278: ' !,./:;I[\\]ftÌÍÎÏìíîï\u00a0',
  333: '()-`r¡¨²³´·¸¹“”',
  334: '{}',
  355: '"',
  365: 'º',
  370: 'ª',
  389: '*',
  400: '°',
  469: '^',
  500: 'Jcksvxyzçýÿ',
  537: '¶',
  549: '±÷√≤≥',
  552: '¯',
  556: '#$0123456789?L_abdeghnopqu¢£¤¥§«»àáâãäåèéêëðñòóôõöùúûüþ–',
  576: 'µ',
  584: '+<=>~¬×',
  611: 'FTZ¿ßø',
  667: '&ABEKPSVXYÀÁÂÃÄÅÈÉÊËÝÞ',
  722: 'CDHNRUwÇÐÑÙÚÛÜ',
  737: '©®',
  778: 'GOQÒÓÔÕÖØ',
  833: 'Mm',
  834: '¼½¾',
  889: '%æ',
  944: 'W',
  1000: 'Æ→←—…',
  1015: '@',
};

const WIDTHS: ReadonlyMap<string, number> = new Map(
  Object.entries(CHARACTERS_BY_WIDTH).flatMap(([width, characters]) =>
    [...characters].map((character) => [character, Number(width) / 1000] as const),
  ),
);

/** Of a character that the table does not have: the width of an ideograph, and more than most letters. */
const UNKNOWN_WIDTH = 1;

/** Height above the baseline, and depth below it, as shares of the font size: room for É and for g. */
const ASCENT = 0.905;
const DESCENT = 0.212;

/** Upright rectangle. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Width of one line of text in pixels; kerning can only make it a little narrower. */
export function measureText(text: string, size: number): number {
  let width = 0;
  for (const character of text) width += WIDTHS.get(character) ?? UNKNOWN_WIDTH;
  return width * size;
}

/** The rectangle that a text needs. */
export function textBox({ text, at: [x, y], anchor, size }: Omit<TextMark, 'kind' | 'tone'>): Box {
  const width = measureText(text, size);
  const left = anchor === 'start' ? x : anchor === 'middle' ? x - width / 2 : x - width;
  return { left, right: left + width, top: y - ASCENT * size, bottom: y + DESCENT * size };
}

/** A text cut to a width, with an ellipsis where something is missing. */
export function fitText(text: string, size: number, maxWidth: number): string {
  if (measureText(text, size) <= maxWidth) return text;
  const characters = [...text];
  while (characters.length > 0 && measureText(`${characters.join('')}…`, size) > maxWidth) {
    characters.pop();
  }
  return `${characters.join('').trimEnd()}…`;
}

/** Parts put into lines of at most this width; a part that is longer than a line is cut. */
export function fillLines(
  parts: readonly string[],
  { size, maxWidth, separator }: { size: number; maxWidth: number; separator: string },
): readonly string[] {
  const lines: string[] = [];
  const end = separator.trimEnd();
  for (const [index, part] of parts.entries()) {
    const line = lines.pop();
    const longer = line === undefined ? part : `${line}${separator}${part}`;
    // What ends a line before another one has to fit as well.
    const rest = index < parts.length - 1 ? end : '';
    if (line === undefined || measureText(longer + rest, size) <= maxWidth) lines.push(longer);
    else lines.push(line + end, part);
  }
  return lines.map((line) => fitText(line, size, maxWidth));
}

export function unionOfBoxes(boxes: readonly Box[]): Box {
  return {
    left: Math.min(...boxes.map(({ left }) => left)),
    top: Math.min(...boxes.map(({ top }) => top)),
    right: Math.max(...boxes.map(({ right }) => right)),
    bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  };
}
