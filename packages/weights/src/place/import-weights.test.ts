import {
  createModel,
  createNetwork,
  isAlexNetError,
  type Model,
  PRESET_IDS,
  type PresetId,
  type PresetOptions,
  presets,
  sizeOf,
  type Tensor,
} from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { FileTensor, LayoutConvention, WeightFile, WeightFormat } from '../weight-file.ts';
import { importWeights } from './import-weights.ts';

const TORCH: LayoutConvention = { conv: 'OIHW', linear: 'out-in', flatten: 'CHW', channels: null };
const TENSORFLOW: LayoutConvention = {
  conv: 'HWIO',
  linear: 'in-out',
  flatten: 'HWC',
  channels: null,
};

interface Manner {
  readonly format: WeightFormat;
  readonly convention: LayoutConvention;
  /** What the file calls a parameter of the network. */
  name(parameter: string): string;
}

/** A random model's weights as a file has them; written by hand, element by element. */
function fileOf(model: Model, { format, convention, name }: Manner): WeightFile {
  const tensors = [...model.weights].map(([parameter, tensor]): [string, FileTensor] => {
    return [name(parameter), toFile(tensor, convention, flattenedOf(model, parameter))];
  });
  return { format, convention, tensors: new Map(tensors), notes: [] };
}

/** [C, H, W] of what a dense layer flattens. */
function flattenedOf({ graph }: Model, parameter: string): readonly number[] | undefined {
  const dense = graph.nodes.filter(({ op }) => op === 'Gemm');
  if (dense[0]?.inputs[1] !== parameter) return undefined;
  const conv = graph.nodes.findLast(({ op }) => op === 'Conv');
  const [C = 1] = graph.parameters.find(({ name }) => name === conv?.inputs[1])?.shape ?? [];
  const [, features = 0] = graph.parameters.find(({ name }) => name === parameter)?.shape ?? [];
  const side = Math.sqrt(features / C);
  return [C, side, side];
}

function toFile(
  { shape, data }: Tensor,
  { conv, linear, flatten }: LayoutConvention,
  maps: readonly number[] | undefined,
): FileTensor {
  const make = (moved: readonly number[], values: Float32Array): FileTensor => {
    return { dtype: 'float32', shape: moved, toFloat32: () => values };
  };
  const [O = 0, I = 0, H = 1, W = 1] = shape;
  if (shape.length === 4 && conv === 'HWIO') {
    const values = new Float32Array(data.length);
    for (let o = 0; o < O; o += 1)
      for (let i = 0; i < I; i += 1)
        for (let h = 0; h < H; h += 1)
          for (let w = 0; w < W; w += 1)
            values[((h * W + w) * I + i) * O + o] = data[((o * I + i) * H + h) * W + w] ?? 0;
    return make([H, W, I, O], values);
  }
  if (shape.length !== 2) return make(shape, data);
  const ordered = maps && flatten === 'HWC' ? new Float32Array(data) : data;
  const [C = 0, Y = 0, X = 0] = maps ?? [];
  if (maps && flatten === 'HWC') {
    for (let o = 0; o < O; o += 1)
      for (let c = 0; c < C; c += 1)
        for (let y = 0; y < Y; y += 1)
          for (let x = 0; x < X; x += 1)
            ordered[o * I + (y * X + x) * C + c] = data[o * I + (c * Y + y) * X + x] ?? 0;
  }
  if (linear === 'out-in') return make(shape, ordered);
  const turned = new Float32Array(data.length);
  for (let o = 0; o < O; o += 1)
    for (let i = 0; i < I; i += 1) turned[i * O + o] = ordered[o * I + i] ?? 0;
  return make([I, O], turned);
}

const core: Manner['name'] = (parameter) => parameter;
const TORCHVISION_LAYERS: Readonly<Record<string, string>> = {
  conv1: 'features.0',
  conv2: 'features.3',
  conv3: 'features.6',
  conv4: 'features.8',
  conv5: 'features.10',
  fc6: 'classifier.1',
  fc7: 'classifier.4',
  fc8: 'classifier.6',
};
const torchvisionName: Manner['name'] = (parameter) => {
  const [layer = '', role] = parameter.split('.');
  return `${TORCHVISION_LAYERS[layer]}.${role}`;
};
const pytorch: Manner = { format: 'pytorch', convention: TORCH, name: torchvisionName };
const keras: Manner = {
  format: 'keras-h5',
  convention: TENSORFLOW,
  name: (parameter) => {
    const [layer = '', role = ''] = parameter.split('.');
    const roles: Readonly<Record<string, string>> = {
      weight: 'kernel',
      bias: layer.startsWith('bn') ? 'beta' : 'bias',
      scale: 'gamma',
      mean: 'moving_mean',
      variance: 'moving_variance',
    };
    const number = Number(layer.replace(/\D+/, ''));
    const first = layer.startsWith('fc') ? 6 : 1;
    const kind = layer.startsWith('conv')
      ? 'conv2d'
      : layer.startsWith('fc')
        ? 'dense'
        : 'batch_normalization';
    const suffix = number > first ? `_${number - first}` : '';
    return `${kind}${suffix}/${kind}${suffix}/${roles[role]}:0`;
  },
};
const numpyDict: Manner = {
  format: 'numpy-dict',
  convention: { ...TENSORFLOW, channels: 'BGR' },
  name: (parameter) => parameter.replace('.weight', '/0').replace('.bias', '/1'),
};

function modelOf(preset: PresetId, options: PresetOptions = {}): Model {
  // Where a layer of one channel is left, nothing tells a kernel from a matrix.
  const divisor = preset === 'mini' ? 1 : preset.startsWith('cifar') ? 8 : 24;
  const widthMultiplier = presets[preset].defaults.widthMultiplier / divisor;
  return createModel(preset, { widthMultiplier, classes: 7, ...options, seed: 3 });
}

function expectSame(actual: Model, expected: Model): void {
  expect(actual.weights.size).toBe(expected.weights.size);
  for (const [name, { shape, data }] of expected.weights) {
    const found = actual.weights.get(name);
    expect(found?.shape, name).toEqual(shape);
    expect(
      data.findIndex((value, index) => value !== found?.data[index]),
      name,
    ).toBe(-1);
  }
  expect(actual.graph.nodes.map(({ op, attributes }) => [op, attributes])).toEqual(
    expected.graph.nodes.map(({ op, attributes }) => [op, attributes]),
  );
}

function refusal(work: () => unknown): { code: string; message: string; hint: string } {
  try {
    work();
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    return { code: error.code, message: error.message, hint: error.hint ?? '' };
  }
  throw new Error('Nothing was refused.');
}

describe('recognises', () => {
  const ambiguous: Readonly<Partial<Record<PresetId, PresetId>>> = {
    paper: 'caffe-alexnet',
    'paper-code': 'caffe-alexnet',
    caffenet: 'caffe-alexnet',
    guerzhoy: 'caffe-alexnet',
    'onnx-zoo': 'caffe-alexnet',
    'one-weird-trick': 'torchvision',
    'cifar-tanh': 'cifar-relu',
  };
  test.each(PRESET_IDS)('%s by its shapes, in each layout', (preset) => {
    const model = modelOf(preset);
    for (const manner of [
      { ...pytorch, name: core },
      { ...keras, name: core },
    ]) {
      const { model: found, report } = importWeights(fileOf(model, manner));
      const expected = ambiguous[preset] ?? preset;
      expect([report.preset, report.classes]).toEqual([expected, 7]);
      if (expected === preset) expectSame(found, model);
      else {
        expect(report.conventions.join('\n')).toContain(preset);
        expectSame(importWeights(fileOf(model, manner), { preset }).model, model);
      }
    }
  });
});

/** A file with zeros in these shapes. */
function zeros(
  shapes: Readonly<Record<string, readonly number[]>>,
  { format, convention }: Pick<Manner, 'format' | 'convention'> = pytorch,
): WeightFile {
  const tensors = Object.entries(shapes).map(([name, shape]): [string, FileTensor] => {
    return [name, { dtype: 'float32', shape, toFloat32: () => new Float32Array(sizeOf(shape)) }];
  });
  return { format, convention, tensors: new Map(tensors), notes: [] };
}

/** The same file with some arrays more, fewer or under other names. */
function change(
  file: WeightFile,
  edit: (entry: readonly [string, FileTensor]) => readonly (readonly [string, FileTensor])[],
): WeightFile {
  return { ...file, tensors: new Map([...file.tensors].flatMap(edit)) };
}

const reshape = (tensor: FileTensor, shape: readonly number[]): FileTensor => ({
  ...tensor,
  shape,
});

describe('reads the names of', () => {
  const model = modelOf('caffe-alexnet');
  const names: Readonly<Record<string, Manner['name']>> = {
    'Keras 2': keras.name,
    'Keras 3': (parameter) => {
      const [layer = '', role] = parameter.split('.');
      const number = Number(layer.replace(/\D+/, '')) - (layer.startsWith('fc') ? 6 : 1);
      const kind = layer.startsWith('fc') ? 'dense' : 'conv2d';
      return `layers/${kind}${number > 0 ? `_${number}` : ''}/vars/${role === 'weight' ? 0 : 1}`;
    },
    Caffe: (parameter) => parameter.replace('.', '/'),
    'a wrapped PyTorch module': (parameter) => `module.net.${torchvisionName(parameter)}`,
    'kratzert and guerzhoy': numpyDict.name,
    'caffe-tensorflow': (parameter) =>
      parameter.replace('.weight', '/weights').replace('.bias', '/biases'),
    tflearn: (parameter) => {
      const [layer = '', role] = parameter.split('.');
      const number = Number(layer.replace(/\D+/, '')) - (layer.startsWith('fc') ? 6 : 1);
      const kind = layer.startsWith('fc') ? 'FullyConnected' : 'Conv2D';
      return `${kind}${number > 0 ? `_${number}` : ''}/${role === 'weight' ? 'W' : 'b'}`;
    },
    'MXNet and Gluon': (parameter) => {
      const [layer = '', role] = parameter.split('.');
      const number = Number(layer.replace(/\D+/, '')) - (layer.startsWith('fc') ? 6 : 1);
      return `alexnet0_${layer.startsWith('fc') ? 'dense' : 'conv'}${number}_${role}`;
    },
    Flax: (parameter) => {
      const [layer = '', role] = parameter.split('.');
      const number = Number(layer.replace(/\D+/, '')) - (layer.startsWith('fc') ? 6 : 1);
      const kind = layer.startsWith('fc') ? 'Dense' : 'Conv';
      return `params/${kind}_${number}/${role === 'weight' ? 'kernel' : 'bias'}`;
    },
    'a script that says conv1W and conv1b': (parameter) =>
      parameter.replace('.weight', 'W').replace('.bias', 'b'),
    'a script that says W_conv1 and b_conv1': (parameter) => {
      const [layer, role] = parameter.split('.');
      return `${role === 'weight' ? 'W' : 'b'}_${layer}`;
    },
  };
  test.each(Object.entries(names))('%s', (_who, name) => {
    const found = importWeights(fileOf(model, { ...keras, name })).model;
    expectSame(found, model);
  });

  test('nobody: arrays that are numbered', () => {
    const order = [...model.weights.keys()];
    const name = (parameter: string) => `arr_${order.indexOf(parameter)}`;
    expectSame(importWeights(fileOf(model, { ...pytorch, format: 'npz', name })).model, model);
  });

  test('TensorFlow without scopes: all weights, then all biases', () => {
    const small = modelOf('mnist');
    const order = [...small.weights.keys()];
    const sorted = [
      ...order.filter((each) => each.endsWith('weight')),
      ...order.filter((each) => each.endsWith('bias')),
    ];
    const name = (parameter: string) => {
      const index = sorted.indexOf(parameter);
      return index === 0 ? 'Variable' : `Variable_${index}`;
    };
    const file = fileOf(small, { ...keras, format: 'tf-checkpoint', name });
    // As TensorFlow writes them: by the alphabet.
    const tensors = new Map([...file.tensors].sort(([a], [b]) => (a < b ? -1 : 1)));
    expectSame(importWeights({ ...file, tensors }).model, small);
  });

  test('layers in any order', () => {
    const file = fileOf(model, pytorch);
    const shuffled = { ...file, tensors: new Map([...file.tensors].reverse()) };
    expectSame(importWeights(shuffled).model, model);
    const renamed = fileOf(model, {
      ...pytorch,
      name: (parameter) => {
        const [layer = '', role] = parameter.split('.');
        const words = ['zeta', 'alpha', 'omega', 'beta', 'gamma', 'last', 'first', 'middle'];
        return `${words[Object.keys(TORCHVISION_LAYERS).indexOf(layer)]}.${role}`;
      },
    });
    expectSame(importWeights(renamed).model, model);
  });
});

describe('leaves out', () => {
  test("an optimiser's arrays, counters and moving averages, and says so", () => {
    const model = modelOf('caffe-alexnet');
    const file = change(fileOf(model, numpyDict), ([name, tensor]) => [
      [name, tensor],
      [`${name}/Momentum`, tensor],
      [`${name}/ExponentialMovingAverage`, tensor],
    ]);
    const counter: FileTensor = {
      dtype: 'int64',
      shape: [],
      toFloat32: () => Float32Array.of(9),
    };
    const tensors = new Map([...file.tensors, ['global_step', counter], ['beta1_power', counter]]);
    const { model: found, report } = importWeights({ ...file, tensors });
    expectSame(found, model);
    expect(report.skipped.join()).toContain('34 arrays that inference does not read');
  });

  test('num_batches_tracked of PyTorch', () => {
    const model = modelOf('keras-bn');
    const counter: FileTensor = { dtype: 'int64', shape: [], toFloat32: () => new Float32Array(1) };
    const file = change(
      fileOf(model, {
        ...pytorch,
        name: (parameter) =>
          parameter
            .replace('.scale', '.weight')
            .replace('.mean', '.running_mean')
            .replace('.variance', '.running_var'),
      }),
      ([name, tensor]) =>
        name.endsWith('running_mean')
          ? [
              [name, tensor],
              [name.replace('running_mean', 'num_batches_tracked'), counter],
            ]
          : [[name, tensor]],
    );
    expectSame(importWeights(file).model, model);
  });

  test('biases that a file does not have: zeros, and says so', () => {
    const model = modelOf('torchvision');
    const file = change(fileOf(model, pytorch), (entry) =>
      entry[0] === 'features.3.bias' ? [] : [entry],
    );
    const { model: found, report } = importWeights(file);
    expect(found.weights.get('conv2.bias')?.data.every((value) => value === 0)).toBe(true);
    expect(report.skipped.join()).toContain('conv2.bias');
  });
});

describe('places', () => {
  test('dense layers that TF-slim writes as convolutions', () => {
    const model = modelOf('slim-v2');
    const maps = flattenedOf(model, 'fc6.weight') ?? [];
    const file = change(
      fileOf(model, { ...keras, format: 'tf-checkpoint', name: (p) => `alexnet_v2/${p}` }),
      ([name, tensor]) => {
        const [features = 0, out = 0] = tensor.shape;
        if (!/fc\d\.weight/.test(name)) return [[name, tensor]];
        const [C = 0, H = 0, W = 0] = name.includes('fc6') ? maps : [features, 1, 1];
        return [[name, reshape(tensor, [H, W, C, out])]];
      },
    );
    const { model: found, report } = importWeights(file);
    expect(report.preset).toBe('slim-v2');
    expectSame(found, model);
    expect(report.conventions.join()).not.toContain('--fc6-order');
  });

  test("old Caffe's dense layers of four axes", () => {
    const model = modelOf('caffe-alexnet');
    const file = change(
      fileOf(model, { ...pytorch, format: 'caffemodel', name: core }),
      ([name, tensor]) => {
        const { shape } = tensor;
        return [
          [name, shape.length === 4 ? tensor : reshape(tensor, [...[1, 1, 1], ...shape].slice(-4))],
        ];
      },
    );
    expectSame(importWeights(file).model, model);
  });

  test('the two towers of 2012, where a file has them apart', () => {
    const model = modelOf('caffe-alexnet');
    const file = change(fileOf(model, { ...pytorch, name: core }), ([name, tensor]) => {
      if (!/^conv[245]/.test(name)) return [[name, tensor]];
      const [layer, role] = name.split('.');
      const half = tensor.shape.with(0, (tensor.shape[0] ?? 0) / 2);
      const part = (index: number): FileTensor => ({
        ...tensor,
        shape: half,
        toFloat32: () =>
          tensor.toFloat32().subarray(index * sizeOf(half), (index + 1) * sizeOf(half)),
      });
      return [
        [`${layer}_1.${role}`, part(0)],
        [`${layer}_2.${role}`, part(1)],
      ];
    });
    expectSame(importWeights(file).model, model);
  });

  test('halves as the reader gives them, and float32 of the core layout without a copy', () => {
    const model = modelOf('torchvision');
    const { model: found } = importWeights(fileOf(model, pytorch));
    for (const [name, { data }] of model.weights) expect(found.weights.get(name)?.data).toBe(data);
  });

  test('networks of other sizes, of grey pictures, of widths of their own', () => {
    const large = modelOf('compact', { inputSize: 192 });
    const sized = importWeights(fileOf(large, { ...pytorch, name: core }));
    expectSame(sized.model, large);
    expect(sized.report.conventions.join()).toContain('192×192');

    const grey = modelOf('torchvision', { channels: 1 });
    expect(importWeights(fileOf(grey, pytorch)).model.graph.input.shape).toEqual([1, 224, 224]);

    const { report, model } = importWeights(
      zeros({
        'features.0.weight': [64, 3, 11, 11],
        'features.0.bias': [64],
        'features.3.weight': [192, 64, 5, 5],
        'features.3.bias': [192],
        'features.6.weight': [384, 192, 3, 3],
        'features.6.bias': [384],
        'features.8.weight': [256, 384, 3, 3],
        'features.8.bias': [256],
        'features.10.weight': [256, 256, 3, 3],
        'features.10.bias': [256],
        'classifier.1.weight': [1024, 9216],
        'classifier.1.bias': [1024],
        'classifier.4.weight': [128, 1024],
        'classifier.4.bias': [128],
        'classifier.6.weight': [5, 128],
        'classifier.6.bias': [5],
      }),
    );
    expect([report.preset, report.classes, report.decisions[0]]).toEqual([
      null,
      5,
      'The network is like the preset "torchvision", but with widths of its own: 5 classes, 3 channels.',
    ]);
    expect(model.weights.get('fc7.weight')?.shape).toEqual([128, 1024]);
  });
});

describe('takes from the caller', () => {
  const model = modelOf('caffe-alexnet');
  const file = fileOf(model, numpyDict);

  test('the order of the inputs of fc6', () => {
    const { model: found, report } = importWeights(
      fileOf(model, { ...numpyDict, convention: { ...numpyDict.convention, flatten: 'CHW' } }),
      { fc6Order: 'CHW' },
    );
    expectSame(found, model);
    expect(report.conventions.join()).not.toContain('--fc6-order');
    expect(report.decisions.join()).toContain('come in the order CHW, as you said');
    const headless = importWeights(file, { fc6Order: 'CHW', skip: ['fc6'] }).report;
    expect(headless.decisions.join()).toContain('changes nothing');
    expect(importWeights(file).report.conventions.join()).toContain('come in the order HWC');
  });

  test('the order of the channels: the preprocessing turns, the weights stay', () => {
    const usual = importWeights(file).model;
    const turned = importWeights(file, { channelOrder: 'RGB' }).model;
    expect(usual.metadata.preprocessing).toMatchObject({
      channels: 'BGR',
      mean: [103.939, 116.779, 123.68],
      crop: null,
    });
    expect(turned.metadata.preprocessing).toMatchObject({
      channels: 'RGB',
      mean: [123.68, 116.779, 103.939],
    });
    expect(turned.weights.get('conv1.weight')?.data).toEqual(
      usual.weights.get('conv1.weight')?.data,
    );
  });

  test('alpha of the LRN, for each element', () => {
    const { model: found, report } = importWeights(file, { lrnAlpha: 1e-4 });
    const alphas = found.graph.nodes.flatMap((node) =>
      node.op === 'LRN' ? [node.attributes.alpha] : [],
    );
    expect([alphas, report.preset]).toEqual([[1e-4, 1e-4], null]);
    expect(importWeights(file, { lrnAlpha: 2e-5 }).report.preset).toBe('caffe-alexnet');
    expect(
      refusal(() => importWeights(fileOf(modelOf('torchvision'), pytorch), { lrnAlpha: 1e-4 })),
    ).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'torchvision has no LRN, so that its alpha cannot be 0.0001.',
    });
  });

  test('labels, and refuses as many as do not fit', () => {
    const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    expect(importWeights(file, { labels }).model.metadata.labels).toBe(labels);
    expect(refusal(() => importWeights(file, { labels: ['a'] })).message).toContain(
      '7 classes, but 1 labels',
    );
  });

  test('that a layer is left out, and other classes', () => {
    const { model: found, report } = importWeights(file, { skip: ['fc8'], classes: 3 });
    expect(report.classes).toBe(3);
    expect(found.weights.get('fc8.weight')?.shape[0]).toBe(3);
    expect(found.weights.get('fc8.weight')?.data.some((value) => value !== 0)).toBe(true);
    expect(found.weights.get('fc7.weight')?.data).toEqual(model.weights.get('fc7.weight')?.data);
    expect(report.skipped[0]).toMatch(
      /^fc8 starts anew \(he, seed 0\) as 3×\d+, in place of the file's "fc8"\.$/,
    );
    expect(
      report.placed.filter(({ tensor }) => tensor === null).map(({ parameter }) => parameter),
    ).toEqual(['fc8.weight', 'fc8.bias']);
    const kept = importWeights(file, { skip: ['fc8'] });
    expect(kept.report.classes).toBe(7);
  });

  test("that a layer is left out by the file's name, or one that the file has not", () => {
    const torch = fileOf(modelOf('torchvision'), pytorch);
    expect(importWeights(torch, { skip: ['classifier.6'], classes: 2 }).report.classes).toBe(2);
    const headless = change(torch, (entry) => (entry[0].startsWith('classifier.6') ? [] : [entry]));
    expect(refusal(() => importWeights(headless)).message).toContain('nothing for fc8');
    const { report } = importWeights(headless, { skip: ['fc8'], classes: 4 });
    expect([report.preset, report.classes]).toEqual(['torchvision', 4]);
    expect(report.skipped.join()).toContain('which the file does not have');
    const bodyOnly = change(torch, (entry) => (entry[0].startsWith('classifier') ? [] : [entry]));
    expect(importWeights(bodyOnly, { skip: ['fc*'], classes: 4 }).report.classes).toBe(4);
  });

  test('what it must say when it wants other classes', () => {
    expect(refusal(() => importWeights(file, { classes: 3 }))).toEqual({
      code: 'INVALID_ARGUMENT',
      message: 'The file has 7 classes in fc8, but 3 are asked for.',
      hint: 'Leave its head out, which then starts anew: --skip fc8 --classes 3',
    });
    expect(refusal(() => importWeights(file, { skip: ['fc9'] }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'No layer is called "fc9".',
    });
  });

  test('layers of the file that the network has no place for', () => {
    const extra = {
      ...file,
      tensors: new Map([...file.tensors, ...zeros({ 'aux/weights': [7, 3] }).tensors]),
    };
    expect(refusal(() => importWeights(extra)).message).toContain('"aux"');
    const { report } = importWeights(extra, { skip: ['aux'] });
    expect(report.preset).toBe('caffe-alexnet');
    expect(report.skipped.join()).toContain('"aux", which the network has no place for');
  });
});

describe('refuses', () => {
  const VGG = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512];
  const INDICES = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28];
  const vgg: Record<string, readonly number[]> = {
    'classifier.0.weight': [4096, 25088],
    'classifier.3.weight': [4096, 4096],
    'classifier.6.weight': [1000, 4096],
  };
  for (const [layer, outputs] of VGG.entries()) {
    vgg[`features.${INDICES[layer]}.weight`] = [outputs, VGG[layer - 1] ?? 3, 3, 3];
    vgg[`features.${INDICES[layer]}.bias`] = [outputs];
  }

  test('VGG-16, naming its first layer, the nearest preset and both shapes of each', () => {
    const { code, message, hint } = refusal(() =>
      importWeights(zeros(vgg), { source: 'vgg16.pth' }),
    );
    expect(code).toBe('UNSUPPORTED');
    const [first, ...table] = message.split('\n');
    expect(first).toBe(
      'vgg16.pth is of no AlexNet that is known here: its layer "features/0" is [64, 3, 3, 3], but conv1 of the nearest preset, "torchvision", is [64, 3, 11, 11]. It looks like VGG-16.',
    );
    expect(table[0]).toMatch(/^expected +found/);
    expect(table.find((line) => line.startsWith('fc7'))).toMatch(
      /\[4096, 4096\] .*\[4096, 4096\] +fits$/,
    );
    expect(hint).toContain('--skip');
  });

  test('and says what kept the layers of the file from being read', () => {
    const note = 'Its layers were not read as a network: layer "leaky" is of a class …';
    const { message } = refusal(() => importWeights({ ...zeros(vgg), notes: [note] }));
    expect(message.split('\n')[1]).toBe(note);
  });

  test('a preset that was asked for and does not fit', () => {
    const { message } = refusal(() =>
      importWeights(fileOf(modelOf('torchvision'), pytorch), {
        preset: 'caffe-alexnet',
        source: 'x.pth',
      }),
    );
    expect(message).toMatch(
      /^x\.pth is not of the preset "caffe-alexnet": its layer "features\/0" is/,
    );
  });

  test('SqueezeNet and ResNet by what they are', () => {
    const squeeze: Record<string, readonly number[]> = {};
    for (let layer = 0; layer < 26; layer += 1) {
      squeeze[`squeezenet0_conv${layer}_weight`] = [
        16,
        16,
        layer % 3 === 0 ? 3 : 1,
        layer % 3 === 0 ? 3 : 1,
      ];
    }
    expect(refusal(() => importWeights(zeros(squeeze))).message).toContain(
      'It looks like SqueezeNet.',
    );
    const resnet = {
      'conv1.weight': [64, 3, 7, 7],
      'layer1.0.conv1.weight': [64, 64, 1, 1],
      'layer1.0.downsample.0.weight': [256, 64, 1, 1],
      'fc.weight': [1000, 2048],
      'fc.bias': [1000],
    };
    expect(refusal(() => importWeights(zeros(resnet))).message).toContain('It looks like ResNet.');
  });

  test('files without layers, and mean pictures', () => {
    expect(refusal(() => importWeights(zeros({}))).message).toContain('it has nothing for conv1');
    expect(refusal(() => importWeights(zeros({ step: [] }))).message).toContain(
      'holds one array, []: a network has several',
    );
    expect(refusal(() => importWeights(zeros({ step: [], epoch: [] }))).message).toContain(
      'nothing for conv1',
    );
    const mean = { ...zeros({ mean: [1, 3, 256, 256] }), format: 'binaryproto' } as const;
    expect(refusal(() => importWeights(mean, { source: 'mean.binaryproto' })).message).toBe(
      "mean.binaryproto is a mean picture of 1×3×256×256, not a network's weights.",
    );
  });

  test('a preset that does not exist', () => {
    const preset = 'alexnet' as PresetId;
    expect(refusal(() => importWeights(zeros({}), { preset })).code).toBe('UNKNOWN_PRESET');
  });
});

describe('a file that describes its network', () => {
  test('is read as it says, and named by the preset that it is', () => {
    const model = modelOf('caffenet');
    const graph = {
      ...model.graph,
      name: 'theirs',
      nodes: model.graph.nodes.map((node) => ({ ...node, name: `my-${node.name}` })),
    };
    const file: WeightFile = {
      ...zeros({}, { ...pytorch, format: 'caffemodel' }),
      network: { graph, metadata: {}, readWeights: () => model.weights },
    };
    const { model: found, report } = importWeights(file);
    expect(report.preset).toBe('caffenet');
    expect(found.graph.name).toBe('caffenet');
    expectSame(found, model);
  });

  test('keeps its own network where that is no preset', () => {
    const model = modelOf('caffe-alexnet');
    const graph = createNetwork('caffe-alexnet', { widthMultiplier: 1 / 24, classes: 7 }).graph;
    const odd = {
      ...graph,
      nodes: graph.nodes.map((node) =>
        node.op === 'LRN' ? { ...node, attributes: { ...node.attributes, size: 3 } } : node,
      ),
    };
    const file: WeightFile = {
      ...zeros({}),
      network: { graph: odd, metadata: {}, readWeights: () => model.weights },
    };
    const { model: found, report } = importWeights(file, { skip: ['fc8'], classes: 2 });
    expect(report.preset).toBeNull();
    expect(found.graph.nodes.find(({ op }) => op === 'LRN')?.attributes).toMatchObject({ size: 3 });
    expect(found.weights.get('fc8.weight')?.shape[0]).toBe(2);
  });
});
