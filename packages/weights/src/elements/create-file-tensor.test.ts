import { describe, expect, test } from 'vitest';
import { createFileTensor } from './create-file-tensor.ts';
import { columnMajorStrides } from './gather.ts';

const bytes = new Uint8Array(Float32Array.from({ length: 24 }, (_, index) => index).buffer);

describe('createFileTensor', () => {
  test('rows as they lie, as a view', () => {
    const tensor = createFileTensor({ type: 'float32', shape: [4, 6], bytes }, 'a');
    expect(tensor).toMatchObject({ dtype: 'float32', shape: [4, 6] });
    expect(tensor.toFloat32().buffer).toBe(bytes.buffer);
  });

  test('columns, as Fortran has them', () => {
    const strides = columnMajorStrides([2, 3, 4]);
    expect(strides).toEqual([1, 2, 6]);
    const tensor = createFileTensor({ type: 'float32', shape: [2, 3, 4], bytes, strides }, 'a');
    // Element [i, j, k] lies at i + 2 j + 6 k.
    expect([...tensor.toFloat32().subarray(0, 8)]).toEqual([0, 6, 12, 18, 2, 8, 14, 20]);
    expect(tensor.toFloat32()[23]).toBe(23);
  });

  test.each([
    { what: 'as they lie', from: 0, byteOrder: 'little' },
    { what: 'at an odd place', from: 1, byteOrder: 'little' },
    { what: 'big-endian', from: 0, byteOrder: 'big' },
    { what: 'of two bytes', from: 3, byteOrder: 'little', type: 'int16' },
  ] as const)('some of the numbers, $what', ({ from, byteOrder, ...stored }) => {
    const { type = 'float32' } = { ...stored };
    const tensor = createFileTensor(
      { type, shape: [4, 5], bytes: bytes.subarray(from), byteOrder },
      'a',
    );
    const some = new Float32Array(7);
    tensor.readFloats?.(some, 6);
    expect(some).toEqual(tensor.toFloat32().slice(6, 13));
  });

  test('elements that lie apart are made all at once', () => {
    const stored = { type: 'float32', shape: [2, 2], bytes, strides: [6, 2] } as const;
    expect(createFileTensor(stored, 'a').readFloats).toBeUndefined();
  });

  test('a part with an offset and steps', () => {
    const stored = { type: 'float32', shape: [2, 2], bytes, strides: [6, 2], offset: 7 } as const;
    expect([...createFileTensor(stored, 'a').toFloat32()]).toEqual([7, 9, 13, 15]);
  });

  test('a scalar, no elements, axes of length one', () => {
    const shapes = [[], [0, 5], [1, 3]];
    const read = shapes.map((shape) => [
      ...createFileTensor(
        { type: 'float32', shape, bytes: bytes.subarray(0, 12) },
        'a',
      ).toFloat32(),
    ]);
    expect(read).toEqual([[0], [], [0, 1, 2]]);
  });

  test.each([
    { what: 'a shape beyond its bytes', stored: { shape: [5, 5] } },
    { what: 'an offset beyond its bytes', stored: { shape: [2], offset: 23 } },
    { what: 'a negative offset', stored: { shape: [2], offset: -1 } },
    { what: 'a negative step', stored: { shape: [2], strides: [-1], offset: 4 } },
    { what: 'a step that overflows', stored: { shape: [2, 2], strides: [2 ** 53, 1] } },
    { what: 'fewer strides than axes', stored: { shape: [2, 2], strides: [1] } },
    { what: 'a product that overflows', stored: { shape: [2 ** 40, 2 ** 40] } },
    { what: 'one that overflows beside a zero', stored: { shape: [2 ** 40, 0, 2 ** 40] } },
    { what: 'a negative length', stored: { shape: [-1, -4] } },
    { what: 'half an element', stored: { shape: [1.5] } },
    { what: 'too many axes', stored: { shape: new Array<number>(33).fill(1) } },
  ])('$what is refused', ({ stored }) => {
    expect(() => createFileTensor({ type: 'float32', bytes, ...stored }, 'x.npy')).toThrowError(
      expect.objectContaining({
        code: 'INVALID_MODEL',
        message: expect.stringMatching(/^x\.npy: /),
      }),
    );
  });
});
