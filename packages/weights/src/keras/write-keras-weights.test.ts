import type { Tensor } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { readKeras } from './read-keras.ts';
import { writeKerasWeights } from './write-keras-weights.ts';

// What Keras makes of such files is in tests/weights-keras.parity.test.ts.

function make(...shape: readonly number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, index) => Math.sin(index + size)) };
}

const TENSORS = new Map([
  ['conv1/kernel', make(3, 3, 3, 4)],
  ['conv1/bias', make(4)],
  ['norm/moving_mean', make(4)],
  ['norm/moving_variance', make(4)],
  ['norm/gamma', make(4)],
  ['norm/beta', make(4)],
  ['conv2/kernel', make(1, 1, 4, 2)],
  ['fc6/kernel', make(8, 5)],
  ['fc6/bias', make(5)],
  ['schön/kernel', make(5, 2)],
]);

function readBack(bytes: Uint8Array) {
  return readKeras({ name: 'x.h5', bytes, sibling: async () => null });
}

describe('writeKerasWeights', () => {
  test.each([
    ['keras3', 'keras-weights'],
    ['legacy', 'keras-h5'],
  ] as const)('%s: what is written is read', async (form, format) => {
    const file = await readBack(writeKerasWeights(TENSORS, { form }));
    expect(file.format).toBe(format);
    expect([...file.tensors.keys()].sort()).toEqual([...TENSORS.keys()].sort());
    for (const [name, { shape, data }] of TENSORS) {
      expect(file.tensors.get(name)?.shape).toEqual(shape);
      expect(file.tensors.get(name)?.toFloat32()).toEqual(data);
    }
  });

  test('layers stay in their order, arrays come into Keras’s', async () => {
    const { tensors } = await readBack(writeKerasWeights(TENSORS, { form: 'legacy' }));
    expect([...tensors.keys()].slice(2, 7)).toEqual([
      ...['norm/gamma', 'norm/beta', 'norm/moving_mean', 'norm/moving_variance', 'conv2/kernel'],
    ]);
  });

  test('an array of no numbers, and a file of no arrays', async () => {
    const { tensors } = await readBack(writeKerasWeights(new Map([['a/kernel', make(0, 3)]])));
    expect(tensors.get('a/kernel')?.toFloat32().length).toBe(0);
    expect(writeKerasWeights(new Map()).length).toBeGreaterThan(48);
  });

  test.each([
    ['conv1.weight', /no array called "conv1.weight"/],
    ['/kernel', /no array called/],
    ['conv1/weights', /arrays are|no array called/],
  ])('refuses %s', (name, message) => {
    expect(() => writeKerasWeights(new Map([[name, make(2, 2)]]))).toThrowError(message);
  });

  test('refuses kernels that no layer of an AlexNet has, and too many names', () => {
    const kernel = new Map([['a/kernel', make(2, 2, 2)]]);
    expect(() => writeKerasWeights(kernel)).toThrowError(/The kernel of "a" is \[2, 2, 2\]/);
    const slash = new Map([['a/b/kernel', make(2, 2)]]);
    expect(() => writeKerasWeights(slash, { form: 'legacy' })).toThrowError(/"a\/b"/);
    const many = new Map(
      Array.from({ length: 70 }, (_, index) => [`${'x'.repeat(999)}${index}/kernel`, make(1, 1)]),
    );
    expect(() => writeKerasWeights(many, { form: 'legacy' })).toThrowError(/HDF5 holds 65535/);
  });
});
