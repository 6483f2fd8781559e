import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';
import { createGraphBuilder, createNetwork } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { drawCaffeStyle } from '../caffe/draw-caffe-style.ts';
import { measureText } from '../measure-text.ts';
import { drawPaperStyle } from '../paper/draw-paper-style.ts';
import { renderPng } from './render-png.ts';
import { loadResvg } from './resvg.ts';

const { graph } = createNetwork('mnist');

/** Size and upper left pixel (red, green, blue, alpha) of a PNG of eight-bit RGBA. */
function readPng(bytes: Uint8Array): { size: readonly number[]; corner: readonly number[] } {
  const view = Buffer.from(bytes);
  expect(view.toString('latin1', 1, 4)).toBe('PNG');
  const parts: Buffer[] = [];
  for (let offset = 8; offset < view.length; ) {
    const length = view.readUInt32BE(offset);
    const type = view.toString('latin1', offset + 4, offset + 8);
    if (type === 'IDAT') parts.push(view.subarray(offset + 8, offset + 8 + length));
    offset += 12 + length;
  }
  // Behind the filter's byte; every filter leaves the first pixel as it is.
  const corner = [...inflateSync(Buffer.concat(parts)).subarray(1, 5)];
  return { size: [view.readUInt32BE(16), view.readUInt32BE(20)], corner };
}

describe('a PNG', () => {
  const svg = drawPaperStyle(graph, { theme: 'dark' });
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)?.map(Number) ?? [];

  test('has the size that it says, and the page’s colour', async () => {
    const png = await renderPng(svg, { scale: 0.5 });
    const { size, corner } = readPng(png.bytes);
    expect(size).toEqual([png.width, png.height]);
    expect(Math.abs((width ?? 0) / 2 - png.width)).toBeLessThan(1);
    expect(Math.abs((height ?? 0) / 2 - png.height)).toBeLessThan(1);
    expect(corner).toEqual([0x11, 0x15, 0x1d, 255]);
  });

  test('can have a transparent page', async () => {
    const bare = drawPaperStyle(graph, { theme: 'light', background: 'transparent' });
    expect(readPng((await renderPng(bare, { scale: 0.2 })).bytes).corner[3]).toBe(0);
  });

  test('of the theme auto is light', async () => {
    const [auto, light] = await Promise.all(
      (['auto', 'light'] as const).map((theme) =>
        renderPng(drawPaperStyle(graph, { theme }), { scale: 0.3 }),
      ),
    );
    expect(Buffer.from(auto?.bytes ?? []).equals(Buffer.from(light?.bytes ?? []))).toBe(true);
  });

  test('has text, with no font of the machine', async () => {
    const mute = svg.replace(/<text .*<\/text>/g, '');
    const [spoken, silent] = await Promise.all([svg, mute].map((each) => renderPng(each)));
    expect(spoken?.bytes.length).toBeGreaterThan((silent?.bytes.length ?? 0) * 1.2);
  });

  test.each([0, -1, Number.NaN, 100])('of scale %d is refused', async (scale) => {
    await expect(renderPng(svg, { scale })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('needs what it is made with', async () => {
    const broken = loadResvg(() => Promise.reject(new Error('not there')));
    await expect(broken).rejects.toMatchObject({ code: 'MISSING_DEPENDENCY' });
  });
});

describe('an SVG document is XML', () => {
  const init = {
    weight: { kind: 'constant', value: 0 },
    bias: { kind: 'constant', value: 0 },
  } as const;
  const wild = createGraphBuilder(`<script>"'&amp;]]>\u0001\ud800`, [1, 9, 9])
    .conv(`</text>&"'<!--`, { channels: 2, kernel: 3, init })
    .relu('\u0000\u{1f600}')
    .flatten('-- > &lt; \\')
    .gemm('名前 \u202e', { features: 2, init })
    .build();

  test('whatever the names are', async () => {
    const resvg = await loadResvg();
    for (const svg of [drawPaperStyle(wild), await drawCaffeStyle(wild)]) {
      const picture = resvg.open(svg, 1);
      expect(picture.width).toBeGreaterThan(100);
      picture.free();
    }
  });

  test('and a broken one is noticed', async () => {
    const resvg = await loadResvg();
    const svg = drawPaperStyle(wild);
    expect(() => resvg.open(svg.replace('&quot;', '&'), 1)).toThrow();
    expect(() => resvg.open(svg.replace('</text>', ''), 1)).toThrow();
  });
});

test('texts are measured with the widths of the font that they are set in', () => {
  const file = '@expo-google-fonts/arimo/400Regular/Arimo_400Regular.ttf';
  const widthOf = readAdvanceWidths(readFileSync(createRequire(import.meta.url).resolve(file)));
  const characters = [
    ...Array.from({ length: 0x7f - 0x20 }, (_, index) => 0x20 + index),
    ...Array.from({ length: 0x100 - 0xa0 }, (_, index) => 0xa0 + index).filter(
      (code) => code !== 0xad,
    ),
    ...'–—…‘’“”→←√≤≥'.split('').map((character) => character.codePointAt(0) ?? 0),
  ];
  const wrong = characters.filter(
    (code) => Math.abs(measureText(String.fromCodePoint(code), 1000) - widthOf(code)) > 0.51,
  );
  expect(wrong.map((code) => String.fromCodePoint(code))).toEqual([]);
});

/** Thousandths of the font size for a character: `hmtx` by `cmap` format 4 of an OpenType file. */
function readAdvanceWidths(font: Buffer): (code: number) => number {
  const tables = new Map(
    Array.from({ length: font.readUInt16BE(4) }, (_, index) => {
      const entry = 12 + 16 * index;
      return [font.toString('latin1', entry, entry + 4), font.readUInt32BE(entry + 8)];
    }),
  );
  const at = (table: string) => tables.get(table) ?? 0;
  const unitsPerEm = font.readUInt16BE(at('head') + 18);
  const metrics = font.readUInt16BE(at('hhea') + 34);
  const cmap = at('cmap');
  const subtables = Array.from(
    { length: font.readUInt16BE(cmap + 2) },
    (_, index) => 4 + 8 * index,
  );
  const unicode = subtables.find((entry) => font.readUInt32BE(cmap + entry) === 0x0003_0001);
  const base = cmap + font.readUInt32BE(cmap + (unicode ?? 4) + 4);
  const count = font.readUInt16BE(base + 6) / 2;
  const glyphOf = (code: number): number => {
    const segments = Array.from({ length: count }, (_, index) => index);
    const segment = segments.find((index) => code <= font.readUInt16BE(base + 14 + 2 * index)) ?? 0;
    const start = font.readUInt16BE(base + 16 + 2 * (count + segment));
    const delta = font.readUInt16BE(base + 16 + 2 * (2 * count + segment));
    const place = base + 16 + 2 * (3 * count + segment);
    const offset = font.readUInt16BE(place);
    if (code < start) return 0;
    if (offset === 0) return (code + delta) & 0xffff;
    return (font.readUInt16BE(place + offset + 2 * (code - start)) + delta) & 0xffff;
  };
  return (code) => {
    const glyph = Math.min(glyphOf(code), metrics - 1);
    return (font.readUInt16BE(at('hmtx') + 4 * glyph) * 1000) / unitsPerEm;
  };
}
