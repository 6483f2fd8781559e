import { PRESET_IDS, type PresetId, sizeOf } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { FileTensor } from '../weight-file.ts';
import { importWeights } from './import-weights.ts';
import {
  change,
  core,
  expectSame,
  fileOf,
  flattenedOf,
  keras,
  type Manner,
  modelOf,
  numpyDict,
  pytorch,
  reshape,
  TORCHVISION_LAYERS,
  torchvisionName,
  zeros,
} from './test-weight-files.ts';

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
    expect(report.conventions).toContain(
      'its strides, padding and pools are those of "torchvision": the shapes do not say them (--preset).',
    );
    expect(model.weights.get('fc7.weight')?.shape).toEqual([128, 1024]);
  });
});
