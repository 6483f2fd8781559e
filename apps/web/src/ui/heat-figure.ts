import type { Picture } from '@alexnet/data';
import { contextOf, find, putPixels } from '../dom.ts';
import { paintHeat } from '../heat/heat-colors.ts';
import type { Heat } from '../heat/measure-heat.ts';
import { namePlace } from '../heat/occlusion.ts';
import { formatPoints, formatShare } from './format.ts';

/** Below half a tenth of a point, nothing is left after rounding. */
const NO_EFFECT = 0.0005;

/** Draws a heat map over what the network sees of the picture, with its legend and its sentence. */
export function drawHeat(heat: Heat): void {
  const { view, map } = heat;
  const { picture, window } = view;
  const canvas = find('heat-picture', HTMLCanvasElement);
  canvas.width = window.width;
  canvas.height = window.height;
  contextOf(canvas).putImageData(toImageData(picture), -window.left, -window.top);
  const limit = map.drops.reduce((most, drop) => Math.max(most, Math.abs(drop)), 0);
  const overlay = find('heat-overlay', HTMLCanvasElement);
  putPixels(overlay, new ImageData(paintHeat(map.drops, limit), map.width, map.height));
  const sentence = describeHeat(heat);
  overlay.setAttribute('aria-label', sentence);
  find('heat-summary', HTMLElement).textContent = sentence;
  drawLegend(limit);
}

/** What the map shows, in a sentence. */
export function describeHeat({ view, map, label, uncovered }: Heat): string {
  const { patch, drop } = map.strongest;
  if (drop < NO_EFFECT) return `No single patch takes anything away from ${label}.`;
  const place = namePlace(view.window, patch);
  return `Covering the ${place} takes ${label} from ${formatShare(uncovered)} to ${formatShare(uncovered - drop)}: ${formatPoints(drop)}.`;
}

function drawLegend(limit: number): void {
  const scale = find('legend-scale', HTMLCanvasElement);
  const { width } = scale;
  const values = Array.from({ length: width }, (_, at) => (at / (width - 1)) * 2 - 1);
  contextOf(scale).putImageData(new ImageData(paintHeat(values, 1), width, 1), 0, 0);
  find('legend-low', HTMLElement).textContent = `rises ${formatPoints(limit)}`;
  find('legend-high', HTMLElement).textContent = `falls ${formatPoints(limit)}`;
}

function toImageData({ width, height, channels, pixels }: Picture): ImageData {
  const image = new ImageData(width, height);
  for (let at = 0; at < width * height; at++) {
    for (let color = 0; color < 3; color++) {
      image.data[at * 4 + color] = pixels[at * channels + (channels === 1 ? 0 : color)] ?? 0;
    }
    image.data[at * 4 + 3] = 255;
  }
  return image;
}
