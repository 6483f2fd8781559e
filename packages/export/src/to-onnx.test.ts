import {
  createGraphBuilder,
  createModel,
  type Graph,
  initializeModel,
  type Model,
  type Tensor,
} from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { ExportOptions } from './export-options.ts';
import { importOnnx } from './import-onnx.ts';
import { encodeModel } from './proto/codec.ts';
import { readOnnxMetadata } from './read-onnx-metadata.ts';
import { exportOnnx, toOnnx } from './to-onnx.ts';
import { describeValue } from './value-description.ts';

const mini = createModel('mini', { widthMultiplier: 0.002, classes: 3 });

function createTiny(withSoftmax: boolean): Model {
  const init = {
    weight: { kind: 'constant', value: 1 },
    bias: { kind: 'constant', value: 0 },
  } as const;
  const chain = createGraphBuilder('tiny', [1, 2, 2])
    .flatten('flatten')
    .gemm('fc8', { features: 2, init });
  const graph = (withSoftmax ? chain.softmax('prob') : chain).build();
  const { preprocessing } = createModel('mnist', { widthMultiplier: 0.01 }).metadata;
  return initializeModel({ preset: null, graph, preprocessing }, {});
}

describe('a preset in ONNX', () => {
  const { graph } = toOnnx(mini);

  test('has its layers under their names, in their order', () => {
    const layers = mini.graph.nodes.map(({ op, name, output }) => [op, name, output]);
    expect(graph.node.map(({ opType, name, output }) => [opType, name, output[0]])).toEqual(layers);
    expect(graph.name).toBe('mini');
  });

  test('takes an image and gives logits, in batches of any size', () => {
    const { inputs, outputs } = readOnnxMetadata(exportOnnx(mini));
    expect(inputs).toEqual([{ name: 'image', dtype: 'float32', shape: ['N', 3, 227, 227] }]);
    expect(outputs).toEqual([{ name: 'logits', dtype: 'float32', shape: ['N', 3] }]);
  });

  test('has its weights as they are in memory', () => {
    const weight = mini.weights.get('conv1.weight');
    const tensor = graph.initializer.find(({ name }) => name === 'conv1.weight');
    expect(tensor?.rawData?.buffer).toBe(weight?.data.buffer);
    expect(tensor).toMatchObject({ dims: weight?.shape, dataType: 1 });
    const names = graph.initializer.map(({ name }) => name);
    expect(names).toEqual([...mini.graph.parameters.map(({ name }) => name), 'constant/0.5']);
  });

  test('gives the same bytes each time', () => {
    const again = createModel('mini', { widthMultiplier: 0.002, classes: 3 });
    expect(exportOnnx(again)).toEqual(exportOnnx(mini));
  });

  test.each<ExportOptions>([
    { lrn: 'conv', output: 'both', features: ['pool5', 'conv5'] },
    { weights: 'int8', opset: 13, batch: 2 },
    { weights: 'float16', about: { name: 'a', author: 'b', license: 'c', version: 1 } },
    { dtype: 'float16', embed: 'resize' },
    { dtype: 'float16', io: 'float16', output: 'probabilities' },
  ])('gives the same bytes each time: %j', (options) => {
    const again = createModel('mini', { widthMultiplier: 0.002, classes: 3 });
    expect(Buffer.compare(exportOnnx(again, options), exportOnnx(mini, options))).toBe(0);
  });

  test('carries its metadata', () => {
    const props = new Map(toOnnx(mini).metadataProps.map(({ key, value }) => [key, value]));
    expect([...props.keys()]).toEqual([
      'alexnet.preset',
      'alexnet.labels',
      'alexnet.preprocessing',
      'alexnet.provenance',
    ]);
    expect(props.get('alexnet.preset')).toBe('mini');
    expect(props.get('alexnet.labels')).toBe('["class 0","class 1","class 2"]');
    expect(props.get('alexnet.provenance')).toBe('{"origin":"initialized","seed":0}');
  });

  test('of no preset says nothing of one', () => {
    const keys = toOnnx(createTiny(false)).metadataProps.map(({ key }) => key);
    expect(keys).not.toContain('alexnet.preset');
  });
});

describe('the output', () => {
  const lastOf = (withSoftmax: boolean, output: 'logits' | 'probabilities') => {
    const { graph } = toOnnx(createTiny(withSoftmax), { output });
    const last = graph.node.at(-1);
    return [last?.opType, last?.name, last?.output[0], graph.output[0]?.name];
  };

  test('is logits or probabilities, as asked, wherever the graph ends', () => {
    const gemm = ['Gemm', 'fc8', 'logits', 'logits'];
    expect(lastOf(false, 'logits')).toEqual(gemm);
    expect(lastOf(true, 'logits')).toEqual(gemm);
    const added = ['Softmax', 'probabilities', 'probabilities', 'probabilities'];
    expect(lastOf(false, 'probabilities')).toEqual(added);
    const own = ['Softmax', 'prob', 'probabilities', 'probabilities'];
    expect(lastOf(true, 'probabilities')).toEqual(own);
  });

  test('is both, in this order', () => {
    for (const withSoftmax of [false, true]) {
      const { graph } = toOnnx(createTiny(withSoftmax), { output: 'both' });
      expect(graph.output.map(({ name }) => name)).toEqual(['logits', 'probabilities']);
      expect(graph.node.map(({ output }) => output[0]).slice(-2)).toEqual([
        'logits',
        'probabilities',
      ]);
    }
  });

  test('and the input have their names also where the graph has others', () => {
    const { graph } = createTiny(false);
    const renamed: Graph = {
      ...graph,
      input: { ...graph.input, name: 'x' },
      nodes: graph.nodes.map((node) => {
        if (node.op === 'Flatten') return { ...node, inputs: ['x'] };
        return { ...node, output: 'y' };
      }),
      output: 'y',
    };
    expect(exportOnnx({ ...createTiny(false), graph: renamed })).toEqual(
      exportOnnx(createTiny(false)),
    );
  });
});

describe('features', () => {
  test('are outputs of the layers’ names and shapes, in the order of the network', () => {
    const { graph } = toOnnx(mini, { features: ['fc7', 'pool5', 'logits'] });
    expect(graph.output.map(describeValue)).toEqual([
      { name: 'logits', dtype: 'float32', shape: ['N', 3] },
      { name: 'pool5', dtype: 'float32', shape: ['N', 2, 6, 6] },
      { name: 'fc7', dtype: 'float32', shape: ['N', 8] },
    ]);
  });

  test('that no layer gives are refused, with the nearest name and all there are', () => {
    expect(() => toOnnx(mini, { features: ['pool-5'] })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message:
          'mini has no layer "pool-5" whose values could be an output. Did you mean "pool5"?',
        hint: expect.stringMatching(
          /^Layers: conv1, .*fc7, .*; the last one is the output logits\.$/,
        ),
      }),
    );
    expect(() => toOnnx(mini, { features: ['fc8'] })).toThrow('no layer "fc8"');
  });
});

describe('weights that are kept small', () => {
  const kindsOf = (weights: 'float16' | 'int8') => {
    const { graph } = toOnnx(mini, { weights });
    const [first] = graph.node;
    return {
      node: [first?.opType, first?.name, first?.input, first?.output],
      types: graph.initializer.slice(0, 4).map(({ name, dataType }) => `${name} ${dataType}`),
    };
  };

  test('are widened by a node of their name; biases stay as they are', () => {
    expect(kindsOf('float16')).toEqual({
      node: ['Cast', 'conv1.weight', ['conv1.weight/float16'], ['conv1.weight']],
      types: ['conv1.weight/float16 10', 'conv1.bias 1', 'conv2.weight/float16 10', 'conv2.bias 1'],
    });
    expect(kindsOf('int8')).toEqual({
      node: [
        'DequantizeLinear',
        'conv1.weight',
        ['conv1.weight/int8', 'conv1.weight/scale'],
        ['conv1.weight'],
      ],
      types: ['conv1.weight/int8 3', 'conv1.weight/scale 1', 'conv1.bias 1', 'conv2.weight/int8 3'],
    });
  });

  test('are said to be in the metadata', () => {
    const precision = (weights: 'float32' | 'int8') =>
      toOnnx(mini, { weights }).metadataProps.find(({ key }) => key === 'alexnet.precision')?.value;
    expect(precision('int8')).toBe('{"compute":"float32","weights":"int8"}');
    expect(precision('float32')).toBeUndefined();
  });
});

describe('refuses', () => {
  test.each([
    ['{ "lrn": "convolution" }', 'lrn is "convolution".', 'It can be "native", "conv".'],
    ['{ "opset": 12 }', 'opset is 12.', 'It can be a whole number from 13 to 26.'],
    ['{ "irVersion": 3 }', 'irVersion is 3.', 'It can be a whole number from 4 to 13.'],
    ['{ "batch": 0 }', 'batch is 0.', 'It can be a whole number from 1 to 65536.'],
    ['{ "about": { "name": "" } }', 'The name is "": empty, or with control characters.', ''],
    ['{ "about": { "author": "a\\u0007" } }', 'with control characters.', 'as the author'],
    ['{ "about": { "version": 1.2 } }', 'The version is 1.2', 'Count the releases'],
  ])('%s, with what it can be', (json, message, hint) => {
    const options: ExportOptions = JSON.parse(json);
    expect(() => toOnnx(mini, options)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      }),
    );
  });

  const withWeights = (change: (weights: Map<string, Tensor>) => void): Model => {
    const weights = new Map(mini.weights);
    change(weights);
    return { ...mini, weights };
  };

  test('a missing weight, a surplus one, one of another shape', () => {
    const tensor = { shape: [4], data: new Float32Array(4) };
    expect(() => toOnnx(withWeights((weights) => weights.delete('fc8.bias')))).toThrow(
      'The weight "fc8.bias" [3] is missing.',
    );
    expect(() => toOnnx(withWeights((weights) => weights.set('fc9.bias', tensor)))).toThrow(
      'The graph has no weight "fc9.bias".',
    );
    expect(() => toOnnx(withWeights((weights) => weights.set('fc8.bias', tensor)))).toThrow(
      'fc8.bias is [4], but the graph has [3].',
    );
  });

  test('a weight with fewer values than its shape says', () => {
    const short = { shape: [3], data: new Float32Array(2) };
    expect(() => toOnnx(withWeights((weights) => weights.set('fc8.bias', short)))).toThrow(
      'fc8.bias has shape [3], 3 elements, but 2 values.',
    );
  });

  test('labels that do not fit', () => {
    const metadata = { ...mini.metadata, labels: ['cat'] };
    expect(() => toOnnx({ ...mini, metadata })).toThrow('3 classes, but 1 labels');
  });

  test('a graph that does not run', () => {
    const graph = { ...mini.graph, output: 'nothing' };
    expect(() => toOnnx({ ...mini, graph })).toThrow('"nothing" is made by no node');
  });

  test('preprocessing that cannot be written', () => {
    const preprocessing = { ...mini.metadata.preprocessing, scale: Number.NaN };
    const metadata = { ...mini.metadata, preprocessing };
    expect(() => toOnnx({ ...mini, metadata })).toThrow('scale should be a number');
  });
});

describe('and back', () => {
  test.each(['logits', 'probabilities'] as const)('gives the same bytes: %s', (output) => {
    const bytes = exportOnnx(mini, { output });
    expect(exportOnnx(importOnnx(bytes), { output })).toEqual(bytes);
  });

  test('gives the same bytes: a fixed batch, another operator set, words for people', () => {
    const about = {
      name: 'shoes',
      version: 2,
      description: 'Shoes.',
      author: 'me',
      license: 'MIT',
    };
    const options = { batch: 4, opset: 13, about } as const;
    const bytes = exportOnnx(mini, options);
    expect(exportOnnx(importOnnx(bytes), options)).toEqual(bytes);
  });

  test('gives the same layers, weights and metadata', () => {
    for (const preset of ['mini', 'mnist', 'torchvision', 'paper', 'compact'] as const) {
      const model = createModel(preset, { widthMultiplier: 0.002, classes: 3, dropout: 0.3 });
      const back = importOnnx(encodeModel(toOnnx(model)));
      expect(back.graph.nodes).toEqual(model.graph.nodes);
      expect(back.graph.input).toEqual(model.graph.input);
      expect(back.metadata).toEqual(model.metadata);
      expect([...back.weights]).toEqual([...model.weights]);
    }
  });

  test('gives metadata of every kind', () => {
    const metadata = {
      preset: null,
      labels: ['Häuser', '<b>', '__proto__'],
      preprocessing: {
        resize: { mode: 'exact', height: 9, width: 8, filter: 'bicubic', antialias: false },
        crop: null,
        channels: 'grey',
        scale: 1 / 255,
        mean: [0.1],
        std: [0.2],
      },
      provenance: {
        origin: 'trained',
        seed: 7,
        steps: 10,
        epochs: 0.5,
        validation: { loss: 1.5, top1: 0.25, top5: 0.75 },
        source: 'fashion-mnist',
      },
    } as const;
    expect(importOnnx(exportOnnx({ ...mini, metadata })).metadata).toEqual(metadata);
  });

  test('leaves out fields of the metadata that are not ours', () => {
    const provenance = { ...mini.metadata.provenance, path: '/home/me/secret' };
    const metadata = { ...mini.metadata, provenance };
    expect(importOnnx(exportOnnx({ ...mini, metadata })).metadata).toEqual(mini.metadata);
  });
});
