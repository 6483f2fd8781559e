import { createPalette, type Palette, VIRIDIS } from './color-ramp.ts';

/** A small picture of numbers, with what to say of it. */
export interface Tile {
  readonly width: number;
  readonly height: number;
  /** RGBA, [H, W, 4] */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  /** `Channel 3` */
  readonly title: string;
  /** `from 0 to 4.2` */
  readonly note: string;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** How numbers become colours. */
interface Colors {
  readonly range: Range;
  readonly palette: Palette;
}

/** Cells in a row where a layer has no rows and columns of its own. */
const VECTOR_COLUMNS = 32;

/**
 * The answer of a layer to one picture, as one tile for each channel; all tiles share one scale, so that
 * their brightness can be compared. A fully connected layer is one tile, row by row.
 *
 * Shape: [C, H, W] or [features]
 */
export function drawFeatures(shape: readonly number[], values: Float32Array): readonly Tile[] {
  const [channels = 1, height, width] = shape;
  const range = rangeOf(values);
  const colors: Colors = { range, palette: createPalette(VIRIDIS) };
  if (height === undefined || width === undefined) {
    return [
      { ...drawVector(values, colors), title: `${values.length} features`, note: say(range) },
    ];
  }
  const size = height * width;
  return Array.from({ length: channels }, (_, channel) => {
    const part = values.subarray(channel * size, (channel + 1) * size);
    return {
      width,
      height,
      pixels: paintValues(part, colors),
      title: `Channel ${channel}`,
      note: say(rangeOf(part)),
    };
  });
}

/**
 * Filters of a first convolution as pictures: colours where it takes three channels, else greys. Each
 * filter has its own scale, as in figure 3 of Krizhevsky et al. 2012; 0 is not always grey.
 *
 * Shape: weights [filters, C, height, width]
 *
 * @param channels - their order in the network's input
 */
export function drawFilters(
  shape: readonly number[],
  weights: Float32Array,
  channels: 'RGB' | 'BGR' | 'grey',
): readonly Tile[] {
  const [filters = 0, depth = 1, height = 1, width = 1] = shape;
  const size = height * width;
  return Array.from({ length: filters }, (_, filter) => {
    const part = weights.subarray(filter * depth * size, (filter + 1) * depth * size);
    const range = rangeOf(part);
    const planes = planeOrder(depth, channels);
    const pixels = new Uint8ClampedArray(size * 4);
    for (let at = 0; at < size; at++) {
      planes.forEach((plane, color) => {
        pixels[at * 4 + color] = 255 * scale(part[plane * size + at] ?? 0, range);
      });
      pixels[at * 4 + 3] = 255;
    }
    return { width, height, pixels, title: `Filter ${filter}`, note: say(range) };
  });
}

/** Which of the weights' channels are red, green and blue. */
function planeOrder(depth: number, channels: 'RGB' | 'BGR' | 'grey'): readonly number[] {
  if (depth !== 3) return [0, 0, 0];
  return channels === 'BGR' ? [2, 1, 0] : [0, 1, 2];
}

function drawVector(
  values: Float32Array,
  colors: Colors,
): Pick<Tile, 'width' | 'height' | 'pixels'> {
  const width = Math.min(VECTOR_COLUMNS, values.length);
  const height = Math.ceil(values.length / width);
  const pixels = new Uint8ClampedArray(width * height * 4);
  pixels.set(paintValues(values, colors));
  return { width, height, pixels };
}

function paintValues(
  values: Float32Array,
  { range, palette }: Colors,
): Uint8ClampedArray<ArrayBuffer> {
  const words = new Uint32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    words[index] = palette.wordOf(scale(values[index] ?? 0, range));
  }
  return new Uint8ClampedArray(words.buffer);
}

function rangeOf(values: Float32Array): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

function scale(value: number, { low, high }: Range): number {
  return high > low ? (value - low) / (high - low) : 0;
}

function say({ low, high }: Range): string {
  return `from ${formatNumber(low)} to ${formatNumber(high)}`;
}

function formatNumber(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
