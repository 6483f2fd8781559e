import type { Preprocessing } from '@alexnet/core';
import {
  createPreprocessor,
  type Picture,
  preprocess,
  preprocessedShape,
  readPictureHeader,
  resizePicture,
  toGrey,
  writeTenCrops,
} from '@alexnet/data';
import { decodePicture } from '@alexnet/data/node';
import { expect, test } from 'vitest';
import { expectDecoded } from './golden/pictures/expect-decoded.ts';
import { openGoldenBytes, readEncoded, readGoldenCases } from './golden/pictures/read-pictures.ts';
import { SMALL, torchvisionPreprocessing } from './golden/pictures/torchvision.ts';

const cases = readGoldenCases();
const golden = openGoldenBytes();

function source(name: string): Picture {
  const place = cases.sources[name];
  if (place === undefined) throw new Error(`no source ${name}`);
  return golden.picture(place);
}

const antialiased = { filter: 'bilinear', antialias: true } as const;

/** Bytes as they are, so that inputs can be compared with pictures. */
const plain = {
  resize: { mode: 'none' },
  crop: null,
  channels: 'RGB',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
} as const satisfies Preprocessing;

test.each(
  cases.resizes.map((item) => ({ ...item, to: `${item.result.width}×${item.result.height}` })),
)('resizes $source to $to, $filter, as Pillow does', ({ source: name, filter, result }) => {
  const { width, height } = result;
  const resize = { mode: 'exact', width, height, filter, antialias: true } as const;
  expect(resizePicture(source(name), resize)).toEqual(golden.picture(result));
});

test.each(cases.shortSides)(
  'resizes $source to a short side of $size as torchvision does',
  ({ source: name, size, result }) => {
    const resize = { mode: 'short-side', size, ...antialiased } as const;
    expect(resizePicture(source(name), resize)).toEqual(golden.picture(result));
  },
);

test.each(cases.plainResizes)(
  'resizes $source without antialiasing within a level of PyTorch',
  ({ source: name, result }) => {
    const { width, height } = result;
    const expected = golden.picture(result);
    const resize = { mode: 'exact', width, height, filter: 'bilinear', antialias: false } as const;
    const resized = resizePicture(source(name), resize);
    expect(resized).toMatchObject({ width, height, channels: expected.channels });
    // Bytes between the two passes round once more: measured 1.
    const off = resized.pixels.map((value, i) => Math.abs(value - (expected.pixels[i] ?? 0)));
    expect(Math.max(...off)).toBeLessThanOrEqual(1);
  },
);

/** [C, H, W] of a picture, grey ones in all three channels. */
function toPlanes({ channels, pixels }: Picture): number[] {
  return [0, 1, 2].flatMap((c) =>
    Array.from(
      { length: pixels.length / channels },
      (_, i) => pixels[i * channels + (channels === 1 ? 0 : c)] ?? -1,
    ),
  );
}

test.each(
  cases.crops.map((item) => ({ ...item, to: `${item.result.width}×${item.result.height}` })),
)('crops $source to $to as torchvision does', ({ source: name, result }) => {
  const expected = golden.picture(result);
  const input = new Float32Array(3 * expected.width * expected.height);
  preprocess(source(name), { ...plain, crop: result }, input);
  expect(Array.from(input)).toEqual(toPlanes(expected));
});

test.each(cases.parts)(
  'resizes a part of $source and mirrors it, $filter, as torchvision does',
  ({ source: name, filter, box, result }) => {
    const expected = golden.picture(result);
    const { width, height } = expected;
    const input = new Float32Array(3 * width * height);
    createPreprocessor(plain).write(source(name), input, {
      framing: {
        box,
        size: { width, height },
        window: { left: 0, top: 0, width, height },
        interpolation: { filter, antialias: true },
        mirror: true,
      },
    });
    expect(Array.from(input)).toEqual(toPlanes(expected));
  },
);

test.each(cases.greys)('makes $source grey as Pillow does', ({ source: name, result }) => {
  expect(toGrey(source(name))).toEqual(golden.picture(result));
});

test.each(cases.inputs)(
  'makes the input of $source ($mode, $size, $crop) that torchvision makes',
  ({ source: name, size, crop, mean, std, mode, result }) => {
    const preprocessing: Preprocessing = {
      resize: { mode: 'short-side', size, ...antialiased },
      crop: { width: crop, height: crop },
      channels: mode === 'L' ? 'grey' : 'RGB',
      scale: 1 / 255,
      mean,
      std,
    };
    expect(preprocessedShape(preprocessing)).toEqual(result.shape);
    const expected = golden.tensor(result);
    const input = new Float32Array(expected.length);
    preprocess(source(name), preprocessing, input);
    expect(input).toEqual(expected);
  },
);

test.each(cases.tenCrops)(
  'makes the ten crops of $source ($mode, $size) that torchvision makes',
  ({ source: name, size, mean, std, mode, result }) => {
    const [, , height = 0, width = 0] = result.shape;
    const preprocessor = createPreprocessor({
      resize: { mode: 'short-side', size, ...antialiased },
      crop: { width, height },
      channels: mode === 'L' ? 'grey' : 'RGB',
      scale: 1 / 255,
      mean,
      std,
    });
    const expected = golden.tensor(result);
    const out = new Float32Array(expected.length + 1);
    writeTenCrops(source(name), preprocessor, { out, offset: 1 });
    expect(out.subarray(1)).toEqual(expected);
  },
);

test('ten crops that are larger than the picture are refused with both sizes', () => {
  const preprocessor = createPreprocessor({ ...plain, crop: { width: 32, height: 20 } });
  const out = new Float32Array(10 * 3 * 32 * 20);
  expect(() => writeTenCrops(source('rgb'), preprocessor, { out })).toThrow(
    expect.objectContaining({
      code: 'SHAPE_MISMATCH',
      message: expect.stringMatching(/32 × 20 do not fit into .* 31 × 23/),
    }),
  );
});

test('normalises each byte as torchvision does', () => {
  const { mean, std, result } = cases.levels;
  const ramp = Uint8Array.from({ length: 3 * 256 }, (_, i) => i / 3);
  const input = new Float32Array(3 * 256);
  const preprocessing = { ...plain, scale: 1 / 255, mean, std };
  preprocess({ width: 256, height: 1, channels: 3, pixels: ramp }, preprocessing, input);
  expect(input).toEqual(golden.tensor(result));
});

test.each(cases.decoded)('decodes $file bit for bit as Pillow does', async ({ file }) => {
  const picture = await decodePicture(readEncoded(file));
  const input = new Float32Array(3 * SMALL.crop ** 2);
  preprocess(picture, torchvisionPreprocessing(SMALL), input);
  expectDecoded('node', { file, picture, input });
});

test.each(cases.decoded)('reads the header of $file', ({ file, result }) => {
  const { width, height, channels } = result;
  // The header speaks of the picture as stored: orientations 5 to 8 change its sides.
  const isTurned = /(exif|xmp)-([5-8]|alpha|big)/.test(file);
  const isCmyk = /cmyk|ycck/.test(file);
  expect(readPictureHeader(readEncoded(file))).toEqual({
    format: file.split('.').at(-1)?.replace('jpg', 'jpeg'),
    width: isTurned ? height : width,
    height: isTurned ? width : height,
    colours: isCmyk ? 'cmyk' : channels === 1 ? 'grey' : 'rgb',
  });
});
