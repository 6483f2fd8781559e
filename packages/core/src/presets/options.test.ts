import { describe, expect, test } from 'vitest';
import { summarize } from '../analysis/count.ts';
import { createNetwork } from '../model/create-model.ts';
import { parsePreprocessing } from '../model/parse-metadata.ts';
import { findPreset, PRESET_IDS, type PresetId } from './index.ts';
import type { PresetOptions } from './preset.ts';
import { same } from './same.ts';

const TOWERS = [
  'paper',
  'paper-code',
  'caffe-alexnet',
  'caffenet',
  'guerzhoy',
  'onnx-zoo',
] as const;

/** [out, in, kernel, kernel] of conv2's weights */
function conv2Of(preset: PresetId, options: PresetOptions) {
  const { parameters } = createNetwork(preset, options).graph;
  return parameters.find(({ name }) => name === 'conv2.weight')?.shape;
}

function sidesOf(preset: PresetId, inputSize: number) {
  return summarize(createNetwork(preset, { inputSize }).graph)
    .layers.filter(({ op }) => /Conv|Pool/.test(op))
    .map(({ outputShape }) => outputShape[2]);
}

function failureOf(preset: PresetId, options: PresetOptions): unknown {
  try {
    createNetwork(preset, options);
    return undefined;
  } catch (error) {
    return error;
  }
}

test.each(PRESET_IDS)('%s says what it is and where it comes from', (id) => {
  const { title, source } = findPreset(id);
  expect(title.length).toBeGreaterThan(10);
  expect(source.length).toBeGreaterThan(5);
});

test('an unknown preset is refused with the list of those that exist', () => {
  expect(() => findPreset('alexnet')).toThrowError(
    expect.objectContaining({
      code: 'UNKNOWN_PRESET',
      hint: expect.stringContaining('caffe-alexnet'),
    }),
  );
});

describe('every preset', () => {
  test.each(PRESET_IDS)('%s takes classes, channels and a width', (id) => {
    const widthMultiplier = findPreset(id).defaults.widthMultiplier / 4;
    const { graph } = createNetwork(id, { classes: 7, channels: 1, widthMultiplier });
    const full = createNetwork(id).graph;
    const head = graph.nodes.findLast(({ op }) => op === 'Gemm');
    expect(head).toBe(graph.nodes.at(-1));
    expect(graph.parameters.at(-1)).toMatchObject({ name: head?.inputs[2], shape: [7] });
    expect(graph.parameters[0]?.shape[1]).toBe(1);
    expect(graph.parameters[0]?.shape[0]).toBe(Math.round((full.parameters[0]?.shape[0] ?? 0) / 4));
    expect(graph.nodes.map(({ name }) => name)).toEqual(full.nodes.map(({ name }) => name));
  });

  test.each(PRESET_IDS)('%s takes a larger input', (id) => {
    const { inputSize } = findPreset(id).defaults;
    const side = inputSize + 13;
    expect(createNetwork(id, { inputSize: side }).graph.input.shape).toEqual([
      createNetwork(id).graph.input.shape[0],
      side,
      side,
    ]);
  });

  test.each(PRESET_IDS)('%s preprocesses pictures to the size of its input', (id) => {
    for (const channels of [1, 3]) {
      const { graph, preprocessing } = createNetwork(id, { channels });
      const { resize, crop, channels: order } = parsePreprocessing({ ...preprocessing });
      const size = crop ?? (resize.mode === 'exact' ? resize : undefined);
      expect([order === 'grey' ? 1 : 3, size?.height, size?.width]).toEqual(graph.input.shape);
    }
  });
});

describe('groups', () => {
  test.each(TOWERS)('%s has 2, and takes 1', (id) => {
    expect(conv2Of(id, {})).toEqual([256, 48, 5, 5]);
    expect(conv2Of(id, { groups: 1 })).toEqual([256, 96, 5, 5]);
  });

  test('each tower of the 2012 source is normalised alone; with one group there is one tower', () => {
    const groupsOf = (groups: 1 | 2) =>
      createNetwork('paper-code', { groups }).graph.nodes.flatMap((node) =>
        node.op === 'LRN' ? node.attributes.groups : [],
      );
    expect(groupsOf(2)).toEqual([2, 2]);
    expect(groupsOf(1)).toEqual([1, 1]);
  });

  test.each([
    'torchvision',
    'one-weird-trick',
    'slim-v2',
    'tflearn',
    'keras-bn',
    'compact',
    'compact-bn',
  ] as const)('%s has 1, and takes 2', (id) => {
    const [out = 0, inChannels = 0, ...kernel] = conv2Of(id, {}) ?? [];
    expect(conv2Of(id, { groups: 2 })).toEqual([out, inChannels / 2, ...kernel]);
  });

  test.each(['ungrouped', 'mnist', 'cifar-relu', 'cifar-tanh'] as const)(
    '%s has nothing to divide',
    (id) => {
      expect(failureOf(id, { groups: 2 })).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/^groups is 2; it should be 1: /),
      });
    },
  );

  test('a width that does not divide is rounded to one that does', () => {
    expect(conv2Of('paper', { widthMultiplier: 0.003 })).toEqual([2, 1, 5, 5]);
  });
});

describe('dropout', () => {
  test.each(['paper', 'torchvision', 'tflearn', 'keras-bn', 'mnist'] as const)('in %s', (id) => {
    const ratios = createNetwork(id, { dropout: 0.3 }).graph.nodes.flatMap((node) =>
      node.op === 'Dropout' ? node.attributes.ratio : [],
    );
    expect(ratios.length).toBeGreaterThanOrEqual(2);
    expect(new Set(ratios)).toEqual(new Set([0.3]));
  });

  test.each(['guerzhoy', 'cifar-relu', 'cifar-tanh'] as const)('%s has none', (id) => {
    expect(createNetwork(id).graph.nodes.some(({ op }) => op === 'Dropout')).toBe(false);
    expect(failureOf(id, { dropout: 0.5 })).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^dropout is 0.5; it should be 0: .*no dropout layers/),
    });
  });
});

test.each<{ options: Record<string, number>; says: RegExp }>([
  { options: { classes: 1 }, says: /classes is 1;/ },
  { options: { classes: 2.5 }, says: /classes is 2.5;/ },
  { options: { inputSize: 0 }, says: /inputSize is 0;/ },
  { options: { channels: 2 }, says: /channels is 2;/ },
  { options: { groups: 3 }, says: /groups is 3; it should be 1 or 2/ },
  { options: { dropout: 1 }, says: /dropout is 1;/ },
  { options: { widthMultiplier: 0 }, says: /widthMultiplier is 0;/ },
  { options: { widthMultiplier: Number.POSITIVE_INFINITY }, says: /widthMultiplier is Infinity;/ },
])('refuses $options', ({ options, says }) => {
  expect(() => createNetwork('caffe-alexnet', options as PresetOptions)).toThrowError(says);
});

describe('other sizes', () => {
  // conv1, pool1, conv2, pool2, conv3, conv4, conv5, pool5
  test.each<[PresetId, number, number[]]>([
    // Caffe's convolutions round down, (224 − 11) / 4 = 53.25; its pools up, (54 − 3) / 2 = 25.5
    ['caffe-alexnet', 224, [54, 27, 27, 13, 13, 13, 13, 6]],
    ['caffenet', 224, [54, 27, 27, 13, 13, 13, 13, 6]],
    // PyTorch and TensorFlow round both down
    ['ungrouped', 224, [54, 26, 26, 12, 12, 12, 12, 5]],
    // cuda-convnet rounds both up: (256 − 11) / 4 = 61.25, (63 − 3) / 2 = 30, (31 − 3) / 2 = 14, (15 − 3) / 2 = 6
    ['paper', 256, [63, 31, 31, 15, 15, 15, 15, 7]],
    // (200 − 11) / 4 = 47.25: 49; 24; (24 − 3) / 2 = 10.5: 12; (12 − 3) / 2 = 4.5: 6
    ['one-weird-trick', 200, [49, 24, 24, 12, 12, 12, 12, 6]],
    // SAME: 128 / 4, and halves
    ['tflearn', 128, [32, 16, 16, 8, 8, 8, 8, 4]],
    ['guerzhoy', 128, [32, 15, 15, 7, 7, 7, 7, 3]],
  ])('%s at %i pixels', (id, inputSize, sides) => {
    expect(sidesOf(id, inputSize)).toEqual(sides);
  });

  test('mnist at 32 pixels and at 5', () => {
    expect(sidesOf('mnist', 32)).toEqual([32, 16, 16, 8, 8, 4]);
    expect(sidesOf('mnist', 5)).toEqual([5, 3, 3, 2, 2, 1]);
  });

  test('torchvision averages to 6×6 where pool5 is another size, and has no layer for it where it is not', () => {
    const layersOf = (inputSize: number) => createNetwork('torchvision', { inputSize }).graph.nodes;
    const averages = [63, 222, 223, 224, 254, 255].map((size) =>
      layersOf(size).some(({ op }) => op === 'AdaptiveAveragePool'),
    );
    expect(averages).toEqual([true, true, false, false, false, true]);
    const { graph } = createNetwork('torchvision', { inputSize: 299 });
    const average = summarize(graph).layers.find(({ name }) => name === 'avgpool');
    expect(average).toMatchObject({ op: 'AdaptiveAveragePool', outputShape: [1, 256, 6, 6] });
    expect(graph.parameters).toEqual(createNetwork('torchvision').graph.parameters);
  });

  test('a pool rounds up only where there is something to round', () => {
    const roundingOf = (inputSize: number) =>
      createNetwork('caffe-alexnet', { inputSize }).graph.nodes.flatMap((node) =>
        node.op === 'MaxPool' ? node.attributes.ceilMode : [],
      );
    expect(roundingOf(227)).toEqual([false, false, false]);
    expect(roundingOf(224)).toEqual([true, false, false]);
  });
});

// The smallest sizes by hand, from the last pool back to the picture.
describe('too few pixels', () => {
  test.each<[PresetId, number, string]>([
    // Floor: pool5 needs 3, pool2 (3 − 1) · 2 + 3 = 7, pool1 (7 − 1) · 2 + 3 = 15, conv1 (15 − 1) · 4 + 11 = 67
    ['ungrouped', 67, 'pool5'],
    ['slim-v2', 67, 'pool5'],
    // The same, but conv1 pads 2 on each side: 67 − 4 = 63
    ['torchvision', 63, 'pool5'],
    // pool5 pads 1: it needs 2, pool2 (2 − 1) · 2 + 3 = 5, pool1 (5 − 1) · 2 + 3 = 11, conv1 10 · 4 + 11 = 51
    ['onnx-zoo', 51, 'pool5'],
    // Rounded up, a window of 3 is content with 2 pixels. pool5 needs 2, pool2 (2 − 2) · 2 + 4 = 4,
    // pool1 (4 − 2) · 2 + 4 = 8, conv1 (8 − 1) · 4 + 11 = 39
    ['caffe-alexnet', 39, 'pool5'],
    ['mini', 39, 'pool5'],
    // The same, and conv1 rounds up: 7 windows fit into (7 − 1) · 4 + 11 = 35 pixels, an eighth starts with the 36th
    ['paper', 36, 'pool5'],
    ['extra-conv', 36, 'pool5'],
    // SAME: conv1 gives ceil(size / 4) = 15, from 57 on
    ['guerzhoy', 57, 'pool5'],
    // pool5 2, conv5 4, conv4 6, conv3 8, pool2 16, conv2 26, pool1 52, conv1 51 · 4 + 11 = 215
    ['keras-bn', 215, 'pool5'],
    // pool3 2, pool2 4, pool1 8
    ['cifar-relu', 8, 'pool3'],
  ])('%s needs %i, and says that %s runs out', (id, smallest, layer) => {
    expect(failureOf(id, { inputSize: smallest })).toBeUndefined();
    expect(failureOf(id, { inputSize: smallest - 1 })).toMatchObject({
      code: 'SHAPE_MISMATCH',
      message: expect.stringMatching(
        new RegExp(
          `^At an input size of ${smallest - 1}, ${layer} runs out of pixels: .* The smallest that works is ${smallest}\\.$`,
        ),
      ),
      path: [layer],
    });
  });

  test('names the layer that is the first to run out, and both numbers', () => {
    expect(failureOf('ungrouped', { inputSize: 20 })).toMatchObject({
      message:
        'At an input size of 20, pool2 runs out of pixels: its window is 3 in height, but its input has only 1. The smallest that works is 67.',
      hint: "Use an input size of at least 67; the preset's own is 227.",
    });
    expect(failureOf('keras-bn', { inputSize: 10 })).toMatchObject({ path: ['conv1'] });
  });

  test.each(['mnist', 'tflearn'] as const)('%s pads, and takes a single pixel', (id) => {
    expect(failureOf(id, { inputSize: 1 })).toBeUndefined();
  });
});

// TensorFlow's own examples: a width of 13, a window of 6, a stride of 5 want 3 more pixels, 1 before and 2 behind.
test('SAME', () => {
  expect(same(13, 6, 5)).toEqual({ kernel: 6, stride: 5, pads: [1, 1, 2, 2] });
  expect(same(13, 3, 1)).toEqual({ kernel: 3, stride: 1, pads: [1, 1, 1, 1] });
  expect(same(12, 2, 2)).toEqual({ kernel: 2, stride: 2, pads: [0, 0, 0, 0] });
  expect(same(9, 1, 3)).toEqual({ kernel: 1, stride: 3, pads: [0, 0, 0, 0] });
});

describe('preprocessing, as published', () => {
  const of = (id: PresetId) => createNetwork(id).preprocessing;
  const exact = (side: number) => ({ mode: 'exact', height: side, width: side });

  test.each(['paper', 'paper-code', 'one-weird-trick', 'extra-conv'] as const)('%s', (id) => {
    expect(of(id)).toEqual({
      resize: { mode: 'short-side', size: 256, filter: 'bilinear', antialias: true },
      crop: { height: 224, width: 224 },
      channels: 'RGB',
      scale: 1,
      mean: [122.679, 116.669, 104.007],
      std: [1, 1, 1],
    });
  });

  test.each(['caffe-alexnet', 'caffenet', 'mini'] as const)('%s', (id) => {
    expect(of(id)).toEqual({
      resize: { ...exact(256), filter: 'bilinear', antialias: false },
      crop: { height: 227, width: 227 },
      channels: 'BGR',
      scale: 1,
      mean: [104, 117, 123],
      std: [1, 1, 1],
    });
  });

  test("guerzhoy: the picture's own mean", () => {
    expect(of('guerzhoy')).toMatchObject({
      channels: 'BGR',
      scale: 1,
      mean: 'picture',
      crop: null,
    });
    expect(of('guerzhoy').resize).toMatchObject(exact(227));
  });

  test('onnx-zoo', () => {
    expect(of('onnx-zoo')).toMatchObject({
      resize: { ...exact(224), filter: 'bicubic' },
      channels: 'BGR',
      mean: [103.939, 116.779, 123.68],
    });
  });

  test.each([
    ['tflearn', 227, 'RGB', [0, 0, 0]],
    ['keras-bn', 224, 'RGB', [0, 0, 0]],
    ['mnist', 28, 'grey', [0]],
  ] as const)('%s: 0 to 1', (id, side, channels, mean) => {
    expect(of(id)).toMatchObject({ resize: exact(side), channels, scale: 1 / 255, mean });
  });

  test('torchvision', () => {
    expect(of('torchvision')).toEqual({
      resize: { mode: 'short-side', size: 256, filter: 'bilinear', antialias: true },
      crop: { height: 224, width: 224 },
      channels: 'RGB',
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    });
  });
});
