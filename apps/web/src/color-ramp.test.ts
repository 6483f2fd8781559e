import { expect, test } from 'vitest';
import { rampColor, VIRIDIS } from './color-ramp.ts';

const greys = [
  [0, 0, 0],
  [100, 100, 100],
  [200, 200, 200],
] as const;

test.each([
  [0, 0],
  [0.25, 50],
  [0.5, 100],
  [1, 200],
  [-3, 0],
  [7, 200],
])('%d of a grey ramp is %d', (value, grey) => {
  expect(rampColor(greys, value)).toEqual([grey, grey, grey]);
});

// matplotlib 3.10: [round(255 * c) for c in matplotlib.colormaps['viridis'](x)[:3]]
test.each([
  [0, [68, 1, 84]],
  [0.5, [33, 145, 140]],
  [1, [253, 231, 37]],
] as const)('viridis at %d', (value, color) => {
  rampColor(VIRIDIS, value).forEach((channel, index) => {
    expect(Math.abs(channel - (color[index] ?? 0))).toBeLessThanOrEqual(1);
  });
});
