import { describe, expect, test } from 'vitest';
import { createModel, createNetwork } from './create-model.ts';
import { initializeWeights } from './initialize-weights.ts';

const { graph } = createNetwork('caffe-alexnet', { widthMultiplier: 0.25, inputSize: 99 });

function moments(values: Float32Array) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { mean, std, largest: values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) };
}

function weightOf(weights: ReturnType<typeof initializeWeights>, name: string): Float32Array {
  return weights.get(name)?.data ?? new Float32Array();
}

describe('initializeWeights', () => {
  test('he: weights N(0, 2 / fan-in), biases 0', () => {
    const weights = initializeWeights(graph, { seed: 1 });
    const conv2 = weightOf(weights, 'conv2.weight'); // [64, 12, 5, 5]
    expect(conv2.length).toBe(64 * 12 * 25);
    const { mean, std } = moments(conv2);
    const expected = Math.sqrt(2 / (12 * 25));
    expect(Math.abs(mean)).toBeLessThan(expected / 25);
    expect(Math.abs(std / expected - 1)).toBeLessThan(0.02);
    expect(weightOf(weights, 'conv2.bias').every((value) => value === 0)).toBe(true);
  });

  test('glorot: uniform in ±√(6 / (fan-in + fan-out))', () => {
    const fc7 = weightOf(initializeWeights(graph, { seed: 1, init: 'glorot' }), 'fc7.weight');
    const bound = Math.sqrt(6 / 2048);
    const { std, largest } = moments(fc7);
    expect(largest).toBeLessThanOrEqual(Math.fround(bound));
    expect(Math.abs(std / (bound / Math.sqrt(3)) - 1)).toBeLessThan(0.01);
  });

  test("published: Caffe's deviations and biases", () => {
    const weights = initializeWeights(graph, { seed: 1, init: 'published' });
    expect(moments(weightOf(weights, 'conv1.weight')).std).toBeCloseTo(0.01, 3);
    expect(moments(weightOf(weights, 'fc6.weight')).std).toBeCloseTo(0.005, 4);
    expect(weightOf(weights, 'conv1.bias')[0]).toBe(0);
    expect(weightOf(weights, 'conv2.bias')[0]).toBe(Math.fround(0.1));
  });

  test("the paper's biases are 1 in conv2, conv4, conv5, fc6, fc7", () => {
    const { weights } = createModel('paper', { init: 'published', widthMultiplier: 1 / 16 });
    const layers = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7', 'fc8'];
    expect(layers.map((layer) => weightOf(weights, `${layer}.bias`)[0])).toEqual([
      0, 1, 0, 1, 1, 1, 1, 0,
    ]);
  });

  test('a seed gives the same weights again, another seed others, each parameter its own', () => {
    const small = createNetwork('mini').graph;
    const [first, again, other] = [3, 3, 4].map((seed) => {
      const weights = initializeWeights(small, { seed });
      return ['conv3', 'conv4', 'conv5'].map((layer) => [
        ...weightOf(weights, `${layer}.weight`).slice(0, 50),
      ]);
    });
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    expect(first?.[1]).not.toEqual(first?.[2]);
  });
});

describe('createModel', () => {
  test('pictures kept in 0–255 are brought to unit variance, unless all is as published', () => {
    const std = (preset: 'caffe-alexnet' | 'torchvision' | 'mnist', init: 'he' | 'published') =>
      createModel(preset, { init, widthMultiplier: 1 / 16 }).metadata.preprocessing.std;
    expect(std('caffe-alexnet', 'he')).toEqual([58, 58, 58]);
    expect(std('caffe-alexnet', 'published')).toEqual([1, 1, 1]);
    expect(std('torchvision', 'he')).toEqual([0.229, 0.224, 0.225]);
    expect(std('mnist', 'he')).toEqual([1]);
  });

  test('has labels, and as many as classes', () => {
    const model = createModel('mini', { labels: ['cat', 'dog'] });
    expect(model.metadata.labels).toEqual(['cat', 'dog']);
    expect(model.graph.parameters.at(-1)?.shape).toEqual([2]);
    expect(createModel('mini', { classes: 3 }).metadata.labels).toEqual([
      'class 0',
      'class 1',
      'class 2',
    ]);
  });

  test('labels and classes that disagree are refused with both numbers', () => {
    expect(() => createModel('mini', { classes: 3, labels: ['cat', 'dog'] })).toThrowError(
      /3 classes, but 2 labels/,
    );
  });
});
