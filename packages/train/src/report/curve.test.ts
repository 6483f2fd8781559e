import { expect, test } from 'vitest';
import { type Curve, renderCurve } from './curve.ts';

const CURVE: Curve = {
  title: 'Loss <per> step',
  description: 'It falls.',
  xLabel: 'step',
  yRange: [0, 1],
  series: [
    {
      name: 'a & b',
      role: 'training',
      points: [
        { x: 0, y: 0 },
        { x: 10, y: 1 },
      ],
    },
    {
      name: 'other',
      role: 'validation',
      points: [
        { x: 5, y: 0.5 },
        { x: 6, y: Number.NaN },
      ],
    },
  ],
};

test('draws from corner to corner of its axes', () => {
  const svg = renderCurve(CURVE);
  expect(svg).toContain('<path class="axis" d="M62 12V238H466"/>');
  expect(svg).toContain('<path class="line" d="M62 238L466 12"/>');
});

test('leaves out what is no number', () => {
  const svg = renderCurve(CURVE);
  expect(svg).toContain('<path class="line" d="M264 125"/>');
  expect(svg).not.toContain('NaN');
});

test('has a role, a title, a legend and axis labels, as text', () => {
  const svg = renderCurve(CURVE);
  expect(svg).toContain('role="img" aria-label="Loss &lt;per&gt; step. It falls."');
  expect(svg).toContain('<title>Loss &lt;per&gt; step</title>');
  expect(svg).toContain('</svg>a &amp; b</li>');
  expect(svg).toMatch(/text-anchor="middle">step<\/text>/);
});

test('writes shares in per cent', () => {
  const svg = renderCurve({ ...CURVE, yFormat: 'share' });
  expect(svg).toContain('>20 %</text>');
  expect(svg).toContain('>100 %</text>');
});

test('a hundred thousand steps stay a small picture', () => {
  const points = Array.from({ length: 100_000 }, (_, x) => ({ x, y: ((x * 7919) % 1009) / 1009 }));
  const svg = renderCurve({ ...CURVE, series: [{ name: 'x', role: 'raw', points }] });
  expect(svg.length).toBeLessThan(20_000);
});

test('nothing to draw, or one point, does no harm', () => {
  const { yRange: _, ...free } = CURVE;
  for (const points of [[], [{ x: 1, y: 0.3 }], [{ x: 1, y: 0 }]]) {
    const svg = renderCurve({ ...free, series: [{ name: 'x', role: 'training', points }] });
    expect(svg).not.toMatch(/NaN|Infinity/);
  }
});
