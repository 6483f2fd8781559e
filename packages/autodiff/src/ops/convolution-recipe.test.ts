import type { ConvGeometry } from '@alexnet/export';
import { expect, test } from 'vitest';
import {
  countRecipe,
  listPassRecipes,
  makeUniformRecipe,
  resolveRecipe,
} from './convolution-recipe.ts';

function layer({
  batch = 32,
  stride = 1,
  pad = 1,
}: {
  batch?: number;
  stride?: number;
  pad?: number;
} = {}): ConvGeometry {
  const rest = 13 + 2 * pad - 3;
  const side = Math.floor(rest / stride) + 1;
  return {
    x: { batch, channels: 384, height: 13, width: 13 },
    dy: { batch, channels: 256, height: side, width: side },
    kernel: [3, 3],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
    group: 1,
  };
}

const FOURIER = { forward: 'fourier', data: 'fourier', weight: 'fourier' } as const;
const DIRECT = { forward: 'direct', data: 'turned', weight: 'columns' } as const;

test('counting has the transform where pictures are many', () => {
  expect(countRecipe(layer())).toEqual(FOURIER);
  expect(countRecipe(layer({ batch: 1 }))).toEqual(DIRECT);
  expect(countRecipe(layer({ stride: 2 }))).toEqual({
    forward: 'direct',
    data: 'transposed',
    weight: 'convolution',
  });
});

test('a geometry allows what it can be computed by', () => {
  expect(listPassRecipes(layer({ stride: 2 })).forward).toEqual(['direct']);
  expect(listPassRecipes(layer()).data).toEqual(['turned', 'transposed', 'fourier']);
  // Turned round, the kernel would need −1 pixels of padding.
  expect(listPassRecipes(layer({ pad: 3 })).data).toEqual(['transposed', 'fourier']);
  expect(makeUniformRecipe(layer({ pad: 3 }), 'direct').data).toBe('transposed');
  expect(makeUniformRecipe(layer({ stride: 2 }), 'fourier')).toEqual(
    countRecipe(layer({ stride: 2 })),
  );
});

test('a layer goes by its own recipe, another one by counting', () => {
  const mixed = { ...FOURIER, data: 'transposed' } as const;
  const recipes = { conv2: mixed };
  expect(resolveRecipe(recipes, 'conv2', layer())).toEqual(mixed);
  expect(resolveRecipe(recipes, 'conv3', layer())).toEqual(FOURIER);
  expect(resolveRecipe(recipes, 'constructor', layer())).toEqual(FOURIER);
  expect(resolveRecipe('direct', 'conv2', layer())).toEqual(DIRECT);
});

test('a recipe that the geometry does not allow is refused, with those that it does', () => {
  expect(() => resolveRecipe({ conv1: FOURIER }, 'conv1', layer({ stride: 2 }))).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('conv1 has the recipe "fourier" for "forward"'),
      hint: 'Use one of direct.',
    }),
  );
});
