import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createRandom, type Preprocessing } from '@alexnet/core';
import {
  AUGMENTATIONS,
  adjustColours,
  type Box,
  type ColourAdjustment,
  createPreprocessor,
  drawVariation,
  frameCentre,
  type Picture,
  rotatePicture,
  type Variation,
  writeVariation,
} from '@alexnet/data';
import { describe, expect, test } from 'vitest';

interface Moments {
  readonly mean: number;
  readonly std: number;
}

/** `augmentations.json.gz`, as `make_augmentations.py` writes it; arrays in base64. */
interface Cases {
  readonly sources: Readonly<Record<string, Omit<Picture, 'pixels'> & { pixels: string }>>;
  readonly adjustments: readonly { source: string; steps: ColourAdjustment[]; result: string }[];
  readonly rotations: readonly { source: string; degrees: number; result: string }[];
  readonly inputs: readonly {
    source: string;
    channels: 'RGB' | 'BGR';
    mean: readonly number[];
    std: readonly number[];
    shift: readonly number[];
    erased: Box | null;
    result: string;
  }[];
  readonly draws: Readonly<Record<string, Readonly<Record<string, Moments>>>>;
}

const cases: Cases = JSON.parse(
  gunzipSync(
    readFileSync(new URL('golden/augmentations/augmentations.json.gz', import.meta.url)),
  ).toString(),
);

const toBytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));

function source(name: string): Picture {
  const found = cases.sources[name];
  if (found === undefined) throw new Error(`no source ${name}`);
  return { ...found, pixels: toBytes(found.pixels) };
}

test.each(
  cases.adjustments.map((item) => ({
    ...item,
    what: item.steps.map(({ kind, value }) => `${kind} ${value}`).join(', '),
  })),
)('$what of $source, as torchvision', ({ source: name, steps, result }) => {
  expect(adjustColours(source(name), steps).pixels).toEqual(toBytes(result));
});

test.each(cases.rotations)(
  '$source turned by $degrees degrees, as torchvision',
  ({ source: name, degrees, result }) => {
    expect(rotatePicture(source(name), degrees).pixels).toEqual(toBytes(result));
  },
);

test.each(cases.inputs)(
  'colour noise and erasing ($erased) of an input in $channels',
  ({ source: name, result, shift, erased, channels, mean, std }) => {
    const picture = source(name);
    const preprocessing: Preprocessing = {
      resize: { mode: 'none' },
      crop: null,
      channels,
      scale: 1 / 255,
      mean,
      std,
    };
    const framing = frameCentre(preprocessing, picture);
    const variation: Variation = { framing, rotation: 0, colours: [], colourShift: shift, erased };
    const expected = new Float32Array(toBytes(result).buffer);
    const input = new Float32Array(expected.length);
    const preprocessor = createPreprocessor(preprocessing);
    writeVariation(picture, input, { preprocessor, variation });
    expect(input).toEqual(expected);
  },
);

describe('what is drawn is spread as by torchvision', () => {
  const COUNT = 20_000;
  const preprocessing: Preprocessing = {
    resize: { mode: 'none' },
    crop: { width: 100, height: 80 },
    channels: 'RGB',
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  };
  const erasing = { probability: 1, scale: [0.02, 0.33], ratio: [0.3, 3.3] } as const;
  const random = createRandom(3);
  const variations = Array.from({ length: COUNT }, (_, i) =>
    drawVariation(
      { width: 100, height: 80 },
      {
        preprocessing,
        augmentation: { ...AUGMENTATIONS.strong, erasing },
        random: random.split(i),
      },
    ),
  );
  const boxFigures = (boxes: readonly Box[], sign: number) => ({
    area: boxes.map(({ width, height }) => (width * height) / 8000),
    aspect: boxes.map(({ width, height }) => sign * Math.log(width / height)),
    top: boxes.map(({ top }) => top),
    left: boxes.map(({ left }) => left),
  });
  const valuesOf = (kind: string) =>
    variations.map(({ colours }) => colours.find((one) => one.kind === kind)?.value ?? Number.NaN);
  const placesOf = (kind: string) =>
    variations.map(({ colours }) => colours.findIndex((one) => one.kind === kind));
  const kinds = ['brightness', 'contrast', 'saturation', 'hue'] as const;
  const ours: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
    crop: boxFigures(
      variations.map(({ framing }) => framing.box),
      1,
    ),
    erasing: boxFigures(
      variations.flatMap(({ erased }) => (erased === null ? [] : [erased])),
      -1,
    ),
    jitter: Object.fromEntries(kinds.map((kind) => [kind, valuesOf(kind)])),
    order: Object.fromEntries(kinds.map((kind) => [kind, placesOf(kind)])),
  };
  const figures = Object.entries(cases.draws).flatMap(([what, byName]) =>
    Object.entries(byName).map(([name, moments]) => ({ what, name, moments })),
  );

  test.each(figures)('$what: $name', ({ what, name, moments }) => {
    const values = ours[what]?.[name] ?? [];
    expect(values.length).toBeGreaterThan(0.99 * COUNT);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // Five standard errors of the difference; torchvision's own means are of twice as many draws.
    expect(Math.abs(mean - moments.mean)).toBeLessThan(5 * moments.std * Math.sqrt(1.5 / COUNT));
    expect(Math.abs(Math.sqrt(variance) / moments.std - 1)).toBeLessThan(0.04);
  });

  test('rotation is uniform between its limits', () => {
    const angles = variations.map(({ rotation }) => rotation);
    expect(Math.min(...angles)).toBeGreaterThanOrEqual(-10);
    expect(Math.max(...angles)).toBeLessThanOrEqual(10);
    const variance = angles.reduce((sum, value) => sum + value ** 2, 0) / COUNT;
    expect(Math.abs(variance / (10 ** 2 / 3) - 1)).toBeLessThan(0.04);
  });
});
