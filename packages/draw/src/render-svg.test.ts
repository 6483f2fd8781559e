import { expect, test } from 'vitest';
import type { Drawing } from './drawing.ts';
import { escapeXml, renderSvg } from './render-svg.ts';

const drawing: Drawing = {
  title: '<one> & "two"',
  description: 'A line.',
  width: 20.2,
  height: 10,
  marks: [
    {
      kind: 'lines',
      paths: [
        [
          [0, 0],
          [10, 5.123456],
        ],
        [
          [1, 1],
          [2, 1],
          [2, 2],
        ],
      ],
      stroke: 'ink',
      isDashed: true,
    },
    { kind: 'text', text: 'a<b', at: [1, 2], anchor: 'end', size: 9, tone: 'muted' },
  ],
};

test('a fixed theme is plain attributes', () => {
  expect(renderSvg(drawing, { theme: 'dark' }).split('\n').slice(1)).toEqual([
    '<title>&lt;one&gt; &amp; &quot;two&quot;</title>',
    '<desc>A line.</desc>',
    '<path d="M0,0L21,0L21,10L0,10Z" fill="#11151d"/>',
    '<path d="M0,0L10,5.12M1,1L2,1 2,2" fill="none" stroke="#e9edf5" stroke-dasharray="4 3"/>',
    '<text x="1" y="2" text-anchor="end" font-size="9" fill="#a3aec0">a&lt;b</text>',
    '</svg>',
    '',
  ]);
});

test('auto follows its reader, and is light where style sheets are not read', () => {
  const svg = renderSvg(drawing);
  expect(svg).toContain('fill="#ffffff" class="f-paper"');
  expect(svg).toContain('.alexnet-drawing .s-ink{stroke:var(--alexnet-ink)}');
  expect(svg).toMatch(/<style>\.alexnet-drawing\{[^}]*--alexnet-ink:#1b2230/);
  expect(svg).toMatch(/@media \(prefers-color-scheme:dark\)\{[^}]*--alexnet-ink:#e9edf5/);
  // Only what the drawing uses.
  expect(svg).not.toContain('caffe');
});

test('a transparent page has no rectangle', () => {
  const svg = renderSvg(drawing, { theme: 'light', background: 'transparent' });
  expect(svg).not.toContain('#ffffff');
});

test('what XML cannot hold is replaced', () => {
  expect(escapeXml("a\u0000b\ud800c\u{1f600}'")).toBe('a\ufffdb\ufffdc\u{1f600}&apos;');
});
