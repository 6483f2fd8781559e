import { expect, test } from 'vitest';
import { adaptToOwn, adaptToPreset, chooseRecipe, scaleLearningRate } from './recipe.ts';

test('small pictures train the mnist network, at their size and with their channels', () => {
  const recipe = chooseRecipe({ channels: 1, pictureSize: { width: 28, height: 28 } });
  expect(recipe).toMatchObject({ preset: 'mnist', fit: { inputSize: 28, channels: 1 } });
});

test.each([{}, { pictureSize: { width: 33, height: 20 } }])(
  'photos train compact-bn: %o',
  (pictures) => {
    expect(chooseRecipe(pictures)).toMatchObject({ preset: 'compact-bn', fit: {} });
  },
);

test('gradients are shortened on photos, whatever the preset, and left alone on small pictures', () => {
  const photos = chooseRecipe({});
  for (const preset of ['compact-bn', 'compact', 'caffe-alexnet'] as const) {
    expect(adaptToPreset(photos, preset).clipNorm).toBe(2);
  }
  const small = chooseRecipe({ pictureSize: { width: 28, height: 28 } });
  expect(small.clipNorm).toBeNull();
});

test('the rate goes with the batch', () => {
  const recipe = chooseRecipe({});
  expect(scaleLearningRate(recipe, recipe.batchSize)).toBe(recipe.learningRate);
  expect(scaleLearningRate(recipe, recipe.batchSize * 4)).toBeCloseTo(recipe.learningRate * 4, 12);
});

test("a preset that is named takes the paper's rate: 0.01 for a batch of 128", () => {
  const recipe = adaptToPreset(chooseRecipe({}), 'caffe-alexnet');
  expect(scaleLearningRate(recipe, 128)).toBeCloseTo(0.01, 12);
  expect(recipe).toMatchObject({ mixing: null, weightDecay: null });
  expect(adaptToPreset(chooseRecipe({}), 'compact-bn')).toEqual(chooseRecipe({}));
});

test('networks without batch normalisation take a gentler rate, and nothing mixed', () => {
  const recipe = chooseRecipe({});
  const compact = adaptToPreset(recipe, 'compact');
  expect(compact.learningRate).toBeLessThan(recipe.learningRate);
  expect(compact).toMatchObject({ preset: 'compact', mixing: null });
  expect(adaptToOwn(recipe)).toEqual(compact);
  const small = chooseRecipe({ pictureSize: { width: 28, height: 28 } });
  expect(adaptToOwn(small)).toEqual(small);
});
