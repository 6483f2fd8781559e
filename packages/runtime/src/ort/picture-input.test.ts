import type { Preprocessing } from '@alexnet/core';
import { expect, test } from 'vitest';
import type { OrtTensors } from './ort.ts';
import { describePictureInput } from './picture-input.ts';

const ORT: OrtTensors = {
  Tensor: class {
    readonly type: string;
    readonly data: unknown;
    readonly dims: readonly number[];
    constructor(type: string, data: unknown, dims: readonly number[]) {
      this.type = type;
      this.data = data;
      this.dims = dims;
    }
  },
};
const filter = { filter: 'bilinear', antialias: true } as const;

function preprocessing(framing: Pick<Preprocessing, 'resize' | 'crop'>): Preprocessing {
  return { ...framing, channels: 'RGB', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };
}

/** Of a file that takes pictures of any size. */
function describe(embedded: Preprocessing | null) {
  const value = { name: 'image', isTensor: true, type: 'uint8', shape: ['N', 'H', 'W', 3] };
  return describePictureInput(value, { model: 'pets.onnx', embedded });
}

/** The first channel of what the file is given, row by row: levels 1, 2, 3, … of a picture. */
function laidOut(embedded: Preprocessing, sides: readonly [height: number, width: number]) {
  const { info, toTensor } = describe(embedded);
  expect(info).toEqual({ name: 'image', shape: ['N', 3, ...sides] });
  const plane = sides[0] * sides[1];
  const levels = Float32Array.from({ length: 2 * 3 * plane }, (_, i) => (i % plane) + 1);
  const { dims, data } = toTensor(ORT, levels, 2);
  const [count = 0, height = 0, width = 0] = dims;
  const bytes = Array.from(data as Uint8Array).filter((_, i) => i % 3 === 0);
  expect(count).toBe(2);
  // Both pictures are the same.
  expect(bytes.slice(height * width)).toEqual(bytes.slice(0, height * width));
  return Array.from({ length: height }, (_, y) => bytes.slice(y * width, (y + 1) * width));
}

test('where a file crops, the picture lies in the middle of what it resizes to itself', () => {
  const resize = { mode: 'short-side', size: 4, ...filter } as const;
  // (4 − 3) / 2 rounds half to even: 0; (4 − 2) / 2 is 1.
  expect(laidOut(preprocessing({ resize, crop: { height: 3, width: 2 } }), [3, 2])).toEqual([
    [0, 1, 2, 0],
    [0, 3, 4, 0],
    [0, 5, 6, 0],
    [0, 0, 0, 0],
  ]);
});

test('where it pads, what it pads is left out', () => {
  const resize = { mode: 'exact', height: 1, width: 2, ...filter } as const;
  // Two rows are missing: one above, one below; of one column, which is odd, none before.
  expect(laidOut(preprocessing({ resize, crop: { height: 3, width: 3 } }), [3, 3])).toEqual([
    [4, 5],
  ]);
});

test.each([
  ['only crops', { resize: { mode: 'none' }, crop: { height: 1, width: 2 } }],
  ['only resizes', { resize: { mode: 'exact', height: 1, width: 2, ...filter }, crop: null }],
] as const)('a file that %s is given the picture alone', (_, framing) => {
  expect(laidOut(preprocessing(framing), [1, 2])).toEqual([[1, 2]]);
});

test('halves are rounded to the nearest', () => {
  const value = { name: 'image', isTensor: true, type: 'float16', shape: [1, 1, 1, 3] };
  const { toTensor } = describePictureInput(value, { model: 'pets.onnx', embedded: null });
  const { type, data } = toTensor(ORT, Float32Array.of(1, -2, 1 + 2 ** -11), 1);
  // 1, −2, and halfway between 1 and the next: the even one.
  expect([type, data]).toEqual(['float16', Uint16Array.of(0x3c00, 0xc000, 0x3c00)]);
});

test('a file that neither says what it resizes to nor has a size is refused', () => {
  expect(() => describe(null)).toThrow('[N, H, W, 3], but bytes of pictures are');
});
