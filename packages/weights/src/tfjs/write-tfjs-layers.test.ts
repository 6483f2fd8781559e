import {
  createGraphBuilder,
  createModel,
  type Graph,
  type Model,
  sizeOf,
  type Tensor,
} from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { type TfjsWriteOptions, writeTfjsLayers } from './write-tfjs-layers.ts';

const init = () => {
  return { weight: { kind: 'constant', value: 0 }, bias: { kind: 'constant', value: 0 } } as const;
};

const { metadata } = createModel('mini');

/** Weights are 0, 1, 2 … in each array. */
function modelOf(graph: Graph, arrays: Readonly<Record<string, readonly number[]>> = {}): Model {
  const weights = new Map(
    graph.parameters.map(({ name, shape }): [string, Tensor] => {
      const counted = Array.from({ length: sizeOf(shape) }, (_, index) => index);
      return [name, { shape, data: Float32Array.from(arrays[name] ?? counted) }];
    }),
  );
  return { graph, weights, metadata };
}

function write(model: Model, options: TfjsWriteOptions = {}) {
  const files = writeTfjsLayers(model, options);
  const json = JSON.parse(new TextDecoder().decode(files.at(-1)?.bytes));
  const { layers } = json.modelTopology.config;
  return {
    files,
    json,
    layers: layers as readonly {
      readonly class_name: string;
      readonly name: string;
      readonly config: Readonly<Record<string, unknown>>;
      readonly inbound_nodes: readonly unknown[];
    }[],
    weights: json.weightsManifest[0].weights as readonly { readonly name: string }[],
  };
}

const dense = createGraphBuilder('dense', [3]).gemm('fc', { init, features: 2 }).build();

describe('writeTfjsLayers', () => {
  test('a dense layer, by hand', () => {
    // fc.weight is [[0, 1, 2], [3, 4, 5]], one row for each output; Dense has one column.
    const { files, json } = write(modelOf(dense));
    const [shard] = files;
    expect([...new Float32Array(shard?.bytes.slice().buffer ?? new ArrayBuffer(0))]).toEqual([
      0, 3, 1, 4, 2, 5, 0, 1,
    ]);
    expect(json).toMatchObject({
      format: 'layers-model',
      modelTopology: {
        config: { input_layers: [['image', 0, 0]], output_layers: [['fc', 0, 0]] },
      },
      weightsManifest: [
        {
          paths: [shard?.name],
          weights: [
            { name: 'fc/kernel', shape: [3, 2], dtype: 'float32' },
            { name: 'fc/bias', shape: [2], dtype: 'float32' },
          ],
        },
      ],
      userDefinedMetadata: { alexnet: metadata },
    });
    expect(shard?.name).toMatch(/^group1-shard1of1-[0-9a-f]{8}\.bin$/);
  });

  test('convolutions of two groups are two, under names that are free', () => {
    const graph = createGraphBuilder('groups', [4, 3, 3])
      .conv('conv2', { init, channels: 2, kernel: 1, group: 2 })
      .conv('conv2_1', { init, channels: 1, kernel: 3 })
      .flatten('flatten')
      .build();
    const { layers, weights } = write(modelOf(graph));
    expect(layers.map(({ class_name, name }) => `${class_name} ${name}`)).toEqual([
      'InputLayer image',
      'Cropping2D conv2_input_1',
      'Conv2D conv2_1_2',
      'Cropping2D conv2_input_2',
      'Conv2D conv2_2',
      'Concatenate conv2',
      'Conv2D conv2_1',
      'Flatten flatten',
    ]);
    expect(layers[3]?.config).toMatchObject({
      cropping: [
        [0, 0],
        [2, 0],
      ],
      data_format: 'channels_first',
    });
    expect(weights.map(({ name }) => name).slice(0, 4)).toEqual([
      'conv2_1_2/kernel',
      'conv2_1_2/bias',
      'conv2_2/kernel',
      'conv2_2/bias',
    ]);
  });

  // "same" of a window of 3 and a stride of 2 over 6 pixels is one behind them; over 7, one on each side.
  test.each([
    { what: 'none', size: 7, pads: [0, 0, 0, 0] as const, written: 'valid' },
    { what: 'that of "same"', size: 7, pads: [1, 1, 1, 1] as const, written: 'same' },
    { what: 'that of "same" behind', size: 6, pads: [0, 0, 1, 1] as const, written: 'same' },
    { what: 'another', size: 6, pads: [1, 1, 0, 0] as const, written: 'ZeroPadding2D, valid' },
  ])('padding: $what', ({ size, pads, written }) => {
    const graph = createGraphBuilder('padding', [1, size, size])
      .conv('conv1', { init, channels: 1, kernel: 3, stride: 2, pads: [...pads] })
      .flatten('flatten')
      .build();
    const { layers } = write(modelOf(graph));
    const conv = layers.find(({ class_name }) => class_name === 'Conv2D');
    const border = layers.find(({ class_name }) => class_name === 'ZeroPadding2D');
    expect([border?.class_name, conv?.config.padding].filter(Boolean).join(', ')).toBe(written);
    const [top, left, bottom, right] = pads;
    if (border) {
      expect(border.config.padding).toEqual([
        [top, bottom],
        [left, right],
      ]);
    }
  });

  // By hand: −1 … 1.55 in steps of 0.01 has zero at 100.
  test('whole numbers for kernels, zero among them, and not for biases', () => {
    const model = modelOf(dense, { 'fc.weight': [-1, 0, 0.004, 0.006, 1, 1.55] });
    const { files, weights } = write(model, { quantization: 'uint8' });
    const [kernel, bias] = weights as readonly {
      readonly quantization?: { readonly scale: number; readonly min: number };
    }[];
    expect(kernel?.quantization).toMatchObject({ dtype: 'uint8', original_dtype: 'float32' });
    const { scale, min } = kernel?.quantization ?? {};
    expect(scale).toBeCloseTo(0.01, 6);
    expect(min).toBeCloseTo(-1, 6);
    expect(bias).not.toHaveProperty('quantization');
    expect([...(files[0]?.bytes ?? [])].slice(0, 6)).toEqual([0, 101, 100, 200, 100, 255]);
  });

  test('a kernel of zeros stays one of zeros', () => {
    const model = modelOf(dense, { 'fc.weight': [0, 0, 0, 0, 0, 0] });
    const { files } = write(model, { quantization: 'uint16' });
    expect([...(files[0]?.bytes ?? [1])].slice(0, 12)).toEqual(Array(12).fill(0));
  });

  test('files of 4 MiB, arrays over their ends', () => {
    const graph = createGraphBuilder('long', [1024]).gemm('fc', { init, features: 1025 }).build();
    const { files } = write(modelOf(graph));
    // 4 · (1024 · 1025 + 1025)
    expect(files.slice(0, -1).map(({ bytes }) => bytes.length)).toEqual([4194304, 8196]);
    expect(new Set(files.map(({ name }) => name)).size).toBe(3);
  });

  const image = () => createGraphBuilder('refused', [4, 7, 6]);
  const lrn = { size: 5, alpha: 1e-4, beta: 0.75, k: 1 } as const;
  test.each([
    {
      what: 'local response normalisation, unless it may be a class of ours',
      graph: image().lrn('norm1', lrn),
      says: /norm1 is a local response normalisation/,
      hint: '--lrn-class',
      lrn: 'refuse' as const,
    },
    {
      what: 'a normalisation over an even number of channels',
      graph: image().lrn('norm1', { ...lrn, size: 4 }),
      says: /norm1 normalises over 4 channels/,
      lrn: 'class' as const,
    },
    {
      what: 'a normalisation in groups',
      graph: image().lrn('norm1', { ...lrn, groups: 2 }),
      says: /norm1 normalises in 2 groups/,
      lrn: 'class' as const,
    },
    {
      what: 'a normalisation within maps',
      graph: image().spatialLrn('norm2s', { size: 5, alpha: 1, beta: 1, k: 1 }),
      says: /norm2s is a normalisation over the pixels of a map/,
    },
    {
      what: 'zeros beside negative numbers',
      graph: image().maxPool('pool1', { kernel: 2, pads: 1 }),
      says: /pool1 pads by \[1, 1, 1, 1\] beside negative numbers/,
    },
    {
      what: 'means that leave out another padding than that of "same"',
      graph: image().averagePool('pool1', { kernel: 2, stride: 1, pads: 1 }),
      says: /pool1 is a mean over windows/,
    },
    {
      what: 'means over windows that overlap',
      graph: image().adaptiveAveragePool('mean', 4),
      says: /mean makes 4×4 of 7×6/,
    },
  ])('refuses $what', ({ graph, says, lrn: form, hint = 'Write an ONNX file' }) => {
    const model = modelOf(graph.flatten('flatten').build());
    expect(() => writeTfjsLayers(model, form ? { lrn: form } : {})).toThrowError(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(says),
        hint: expect.stringContaining(hint),
      }),
    );
  });

  test.each(['float16', 'uint8'] as const)(
    'a number that %s cannot hold is named',
    (quantization) => {
      const value = quantization === 'float16' ? 70000 : Number.NaN;
      const model = modelOf(dense, { 'fc.weight': [0, 1, value, 3, 4, 5] });
      expect(() => writeTfjsLayers(model, { quantization })).toThrowError(
        expect.objectContaining({ code: 'NUMERIC', message: expect.stringContaining('fc/kernel') }),
      );
    },
  );
});
