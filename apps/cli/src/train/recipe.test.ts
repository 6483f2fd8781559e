import { expect, test } from 'vitest';
import { adaptToPreset, chooseRecipe, scaleLearningRate } from './recipe.ts';

test('small pictures train the mnist network, at their size and with their channels', () => {
  const recipe = chooseRecipe({ channels: 1, pictureSize: { width: 28, height: 28 } });
  expect(recipe).toMatchObject({ preset: 'mnist', fit: { inputSize: 28, channels: 1 } });
});

test.each([{}, { pictureSize: { width: 33, height: 20 } }])(
  'photos train compact: %o',
  (pictures) => {
    expect(chooseRecipe(pictures)).toMatchObject({ preset: 'compact', fit: {} });
  },
);

test('the rate goes with the batch', () => {
  const recipe = chooseRecipe({});
  expect(scaleLearningRate(recipe, recipe.batchSize)).toBe(recipe.learningRate);
  expect(scaleLearningRate(recipe, recipe.batchSize * 4)).toBeCloseTo(recipe.learningRate * 4, 12);
});

test("a preset that is named takes the paper's rate: 0.01 for a batch of 128", () => {
  const recipe = adaptToPreset(chooseRecipe({}), 'caffe-alexnet');
  expect(scaleLearningRate(recipe, 128)).toBeCloseTo(0.01, 12);
  expect(adaptToPreset(chooseRecipe({}), 'compact')).toEqual(chooseRecipe({}));
});
