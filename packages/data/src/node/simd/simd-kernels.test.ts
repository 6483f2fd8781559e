import { readFileSync } from 'node:fs';
import { createRandom, type Preprocessing, type Random } from '@alexnet/core';
import { expect, test } from 'vitest';
import loadWabt from 'wabt';
import type { Picture } from '../../picture/picture.ts';
import type { Framing } from '../../preprocess/framing.ts';
import { createLevelTable } from '../../preprocess/level-table.ts';
import { createPreprocessor } from '../../preprocess/preprocess.ts';
import { resample } from '../../resize/resample.ts';
import { createKernelMemory, ROOM_BYTES } from './kernel-memory.ts';
import { KERNELS_BASE64 } from './kernels-module.ts';
import { planLevelArithmetic } from './level-arithmetic.ts';
import { createSimdKernels, createSimdResample } from './simd-kernels.ts';

function drawPicture(random: Random, channels: 1 | 3): Picture {
  // Mostly small, so that many are tried; now and then a side that takes many weights.
  const side = () => 1 + random.integer(random.integer(8) === 0 ? 300 : 40);
  const [width, height] = [side(), side()];
  // Extremes, which bicubic sums go beyond, as well as noise.
  const isExtreme = random.integer(2) === 0;
  const pixels = Uint8Array.from({ length: width * height * channels }, () =>
    isExtreme ? 255 * random.integer(2) : random.integer(256),
  );
  return { width, height, channels, pixels };
}

function drawFraming(random: Random, { width, height }: Picture): Framing {
  const span = (length: number) => {
    const from = random.integer(length);
    return [from, 1 + random.integer(length - from)] as const;
  };
  const [left, boxWidth] = span(width);
  const [top, boxHeight] = span(height);
  const keeps = random.integer(4);
  const size = {
    width: keeps === 1 || keeps === 3 ? boxWidth : 1 + random.integer(50),
    height: keeps === 2 || keeps === 3 ? boxHeight : 1 + random.integer(50),
  };
  const [windowLeft, windowWidth] = span(size.width);
  const [windowTop, windowHeight] = span(size.height);
  return {
    box: { left, top, width: boxWidth, height: boxHeight },
    size,
    window: { left: windowLeft, top: windowTop, width: windowWidth, height: windowHeight },
    interpolation: {
      filter: random.integer(2) === 0 ? 'bilinear' : 'bicubic',
      antialias: random.integer(3) > 0,
    },
    mirror: random.integer(2) === 0,
  };
}

test('resizes to the bytes of the portable kernels, whatever the part and its size', () => {
  const resampleWithSimd = createSimdResample(createKernelMemory());
  const random = createRandom(1);
  for (let round = 0; round < 3000; round++) {
    const picture = drawPicture(random, random.integer(4) === 0 ? 1 : 3);
    const framing = drawFraming(random, picture);
    const expected = resample(picture, framing);
    const { width, height, channels } = expected;
    // Weights that come again have kernels of their own.
    for (const time of ['first', 'second']) {
      const { pixels, ...sides } = resampleWithSimd(picture, framing);
      const isAlike = Buffer.compare(pixels, expected.pixels) === 0;
      if (!isAlike) expect.fail(`round ${round}, the ${time} time: other bytes`);
      expect(sides).toEqual({ width, height, channels });
    }
  }
});

/** One of the few of which arithmetic in float32 rounds a level otherwise: that of 79. */
const SCALE_TO_LOOK_UP = 1.1360758045073776;
const torchvision = {
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

test.each([
  { channels: 'RGB', ...torchvision },
  { channels: 'BGR', ...torchvision },
  { channels: 'grey', scale: 1 / 255, mean: [0.485], std: [0.229] },
  { channels: 'BGR', scale: 1, mean: [104, 117, 123], std: [1, 1, 1] },
  { channels: 'RGB', scale: 1, mean: 'picture', std: [2, 3, 4] },
  { channels: 'RGB', ...torchvision, scale: SCALE_TO_LOOK_UP },
] as const)('writes inputs to the same bits: %j', (levels) => {
  const depth = levels.channels === 'grey' ? 1 : 3;
  const settings: Preprocessing = { resize: { mode: 'none' }, crop: null, ...levels };
  const memory = createKernelMemory();
  const portable = createPreprocessor(settings);
  const simd = createPreprocessor(
    settings,
    createSimdKernels(settings, { memory, resample: createSimdResample(memory) }),
  );
  const random = createRandom(2);
  for (let round = 0; round < 400; round++) {
    const picture = drawPicture(random, random.integer(6) === 0 ? 1 : 3);
    const drawn = drawFraming(random, picture);
    // Some windows reach beyond the picture.
    const window =
      random.integer(5) === 0
        ? { ...drawn.window, left: drawn.window.left - 3, top: -2 }
        : drawn.window;
    const framing = { ...drawn, window };
    const length = depth * window.width * window.height;
    const offset = random.integer(3);
    const expected = new Float32Array(offset + length);
    portable.write(picture, expected, { framing, offset });
    const shared = random.integer(2) === 0 ? memory.allocate(offset + length) : null;
    const out = shared ?? new Float32Array(offset + length);
    out.fill(0);
    simd.write(picture, out, { framing, offset });
    expect(Buffer.from(out.slice().buffer).equals(Buffer.from(expected.buffer)), `${round}`).toBe(
      true,
    );
    if (shared) memory.free(shared);
  }
});

test.each([
  [1 / 255, 'computed'],
  [SCALE_TO_LOOK_UP, 'looked up'],
] as const)('the levels of scale %d are %s', (scale, way) => {
  const settings: Preprocessing = {
    resize: { mode: 'none' },
    crop: null,
    channels: 'RGB',
    scale,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  };
  const arithmetic = planLevelArithmetic(settings, createLevelTable(settings));
  expect(arithmetic === null).toBe(way === 'looked up');
});

test('what the memory has no room for is resized by the portable kernels', () => {
  const side = 2 ** 12;
  const pixels = new Uint8Array(side * side * 3).fill(7);
  expect(4 * side * side).toBeGreaterThanOrEqual(ROOM_BYTES);
  const picture = { width: side, height: side, channels: 3, pixels } as const;
  const box = { left: 9, top: 9, width: 8, height: 8 };
  const window = { left: 0, top: 0, width: 2, height: 2 };
  const interpolation = { filter: 'bilinear', antialias: true } as const;
  const small = createSimdResample(createKernelMemory())(picture, {
    box,
    size: { width: 2, height: 2 },
    window,
    interpolation,
  });
  expect(Array.from(small.pixels)).toEqual(new Array(12).fill(7));
});

test('arrays are given out again when they were freed, and none beyond the limit', () => {
  const memory = createKernelMemory();
  const first = memory.allocate(1000);
  const second = memory.allocate(1000);
  if (!first || !second) throw new Error('there was no room');
  expect(second.byteOffset).toBeGreaterThanOrEqual(first.byteOffset + 4000);
  memory.free(first);
  expect(memory.allocate(1000)?.byteOffset).toBe(first.byteOffset);
  expect(memory.allocate(2 ** 30)).toBeNull();
  expect(memory.find(second)).toBe(second.byteOffset);
  expect(memory.find(new Float32Array(3))).toBeNull();
});

test('the module is kernels.wat, assembled', async () => {
  const wabt = await loadWabt();
  const source = readFileSync(new URL('kernels.wat', import.meta.url), 'utf8');
  const { buffer } = wabt
    .parseWat('kernels.wat', source, { simd: true, threads: true })
    .toBinary({});
  expect(KERNELS_BASE64).toBe(Buffer.from(buffer).toString('base64'));
});
