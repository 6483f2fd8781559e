import { isAlexNetError, recognizePreset } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { type KerasGraphOptions, kerasToGraph } from './keras-to-graph.ts';
import { parseKerasConfig } from './parse-config.ts';

// Numbers by hand, after TensorFlow's rules for "SAME" and "VALID"; Keras itself is asked in tests/.

type Layer = readonly [className: string, config?: Readonly<Record<string, unknown>>];

/** A Sequential that reads pictures of [height, width, channels]. */
function translate(
  shape: readonly (number | null)[],
  layers: readonly Layer[],
  options: KerasGraphOptions = {},
) {
  const inputLayer: Layer = ['InputLayer', { batch_shape: [null, ...shape] }];
  const config = {
    class_name: 'Sequential',
    config: {
      name: 'net',
      layers: [inputLayer, ...layers].map(([class_name, settings], index) => {
        return {
          class_name,
          config: { name: `${class_name.toLowerCase()}_${index}`, ...settings },
        };
      }),
    },
  };
  return kerasToGraph(parseKerasConfig(JSON.stringify(config), 'x.keras'), options);
}

function refusal(translated: () => unknown) {
  try {
    translated();
  } catch (error) {
    if (isAlexNetError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  return expect.fail('It was translated.');
}

const END: readonly Layer[] = [['Flatten'], ['Dense', { units: 2 }]];

describe('kerasToGraph', () => {
  test.each([
    // 224 → 56 windows reach 55 · 4 + 11 = 231: 7 zeros, 3 of them before.
    { size: 224, kernel: 11, stride: 4, pads: [3, 3, 4, 4] },
    { size: 227, kernel: 11, stride: 4, pads: [4, 4, 4, 4] },
    { size: 27, kernel: 5, stride: 1, pads: [2, 2, 2, 2] },
    { size: 13, kernel: 2, stride: 2, pads: [0, 0, 1, 1] },
    { size: 9, kernel: 1, stride: 2, pads: [0, 0, 0, 0] },
  ])('"same" on $size with $kernel/$stride', ({ size, kernel, stride, pads }) => {
    const conv = { filters: 4, kernel_size: kernel, strides: stride, padding: 'same' };
    const { graph } = translate([size, size, 3], [['Conv2D', conv], ...END]);
    expect(graph.nodes[0]).toMatchObject({
      op: 'Conv',
      attributes: { kernelShape: [kernel, kernel], strides: [stride, stride], pads, group: 1 },
    });
    const windows = Math.ceil(size / stride);
    const dense = graph.parameters.find(({ name }) => name === 'dense_3.weight');
    expect(dense?.shape).toEqual([2, windows * windows * 4]);
  });

  test('zeros of a ZeroPadding2D become pads of the convolution behind it', () => {
    const { graph } = translate(
      [8, 9, 3],
      [
        [
          'ZeroPadding2D',
          {
            padding: [
              [1, 2],
              [3, 4],
            ],
          },
        ],
        ['Activation', { activation: 'relu' }],
        ['Conv2D', { filters: 4, kernel_size: [3, 2], padding: 'valid', groups: 1 }],
        ...END,
      ],
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Relu', 'Conv', 'Flatten', 'Gemm']);
    expect(graph.nodes[1]).toMatchObject({ attributes: { pads: [1, 3, 2, 4] } });
  });

  test('zeros before a pool: none below them for the largest, all of them for the mean', () => {
    const pad: Layer = ['ZeroPadding2D', { padding: 1 }];
    const pool = { pool_size: 3, strides: 2 };
    const relu: Layer = ['ReLU', { max_value: null, negative_slope: 0, threshold: 0 }];
    const max = translate([8, 8, 3], [relu, pad, ['MaxPooling2D', pool], ...END]).graph.nodes[1];
    expect(max).toMatchObject({ op: 'MaxPool', attributes: { pads: [1, 1, 1, 1] } });
    const mean = translate([8, 8, 3], [pad, ['AveragePooling2D', pool], ...END]).graph.nodes[0];
    expect(mean).toMatchObject({ attributes: { pads: [1, 1, 1, 1], countIncludePad: true } });
    expect(refusal(() => translate([8, 8, 3], [pad, ['MaxPooling2D', pool], ...END]))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(
        /layer "maxpooling2d_2" \(MaxPooling2D\) reads zeros .* beside negative/,
      ),
    });
    const same = { ...pool, padding: 'same' };
    expect(
      refusal(() => translate([8, 8, 3], [pad, ['AveragePooling2D', same], ...END])),
    ).toMatchObject({
      code: 'UNSUPPORTED',
    });
  });

  test('"same" of a mean leaves its own zeros out', () => {
    const pool = { pool_size: [3, 3], strides: [2, 2], padding: 'same' };
    const { graph } = translate([8, 8, 3], [['AveragePooling2D', pool], ...END]);
    expect(graph.nodes[0]).toMatchObject({
      attributes: { pads: [0, 0, 1, 1], countIncludePad: false },
    });
  });

  test.each([
    ['channels_last', 'channels_last', 'HWC'],
    ['channels_first', 'channels_first', 'HWC'],
    ['channels_first', 'channels_last', 'CHW'],
  ])('%s, flattened with %s: weights in the order %s', (pictures, flatten, order) => {
    const shape = pictures === 'channels_last' ? [6, 5, 3] : [3, 6, 5];
    const { graph, sources } = translate(shape, [
      ['Conv2D', { filters: 4, kernel_size: 3, data_format: pictures }],
      ['Flatten', { data_format: flatten }],
      ['Dropout', { rate: 0.5 }],
      ['Dense', { units: 2 }],
      ['Dense', { units: 3 }],
    ]);
    expect(graph.input.shape).toEqual([3, 6, 5]);
    expect(sources.map(({ flattened }) => flattened)).toEqual([
      undefined,
      { channels: 4, pixels: 12, order },
      undefined,
    ]);
  });

  test('the Keras version of AlexNet is the preset "keras-bn"', () => {
    const conv = (filters: number, kernel_size: number, strides = 1): Layer => [
      'Conv2D',
      { filters, kernel_size, strides, padding: 'valid' },
    ];
    const relu: Layer = ['Activation', { activation: 'relu' }];
    const pool: Layer = ['MaxPooling2D', { pool_size: [2, 2], strides: [2, 2], padding: 'valid' }];
    const norm: Layer = ['BatchNormalization', { axis: [-1], momentum: 0.99, epsilon: 0.001 }];
    const hidden = (units: number): readonly Layer[] => [
      ['Dense', { units }],
      relu,
      ['Dropout', { rate: 0.4 }],
      norm,
    ];
    const { graph } = translate(
      [224, 224, 3],
      [
        ...[conv(96, 11, 4), relu, pool, norm, conv(256, 11), relu, pool, norm],
        ...[conv(384, 3), relu, norm, conv(384, 3), relu, norm],
        ...[conv(256, 3), relu, pool, norm, ['Flatten'] as const],
        ...[...hidden(4096), ...hidden(4096), ...hidden(1000)],
        ...[['Dense', { units: 17 }] as const, ['Activation', { activation: 'softmax' }] as const],
      ],
    );
    expect(recognizePreset(graph)?.preset).toBe('keras-bn');
    expect(graph.output).toBe('probabilities');
  });

  test('a Rescaling before the first layer is told apart, elsewhere it is refused', () => {
    const scale: Layer = ['Rescaling', { scale: 1 / 255, offset: 0 }];
    const flip: Layer = ['RandomFlip', { mode: 'horizontal' }];
    const { rescaling, graph } = translate([4, 4, 1], [flip, scale, ...END]);
    expect(rescaling).toEqual({ factor: 1 / 255, offset: 0 });
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Flatten', 'Gemm']);
    expect(refusal(() => translate([4, 4, 1], [...END, scale]))).toMatchObject({
      code: 'UNSUPPORTED',
    });
  });

  test('a picture’s size that is left free must be given', () => {
    expect(refusal(() => translate([null, null, 3], END))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'The Keras network reads pictures of [any, any, 3]: their size is not known.',
    });
    const { graph } = translate([null, null, 3], END, { inputShape: [3, 5, 4] });
    expect(graph.input.shape).toEqual([3, 5, 4]);
  });

  test.each<readonly [string, string, Layer]>([
    [
      'has a dilation of 2×2',
      'conv2d_1',
      ['Conv2D', { filters: 2, kernel_size: 3, dilation_rate: [2, 2] }],
    ],
    [
      'has a padding of "causal"',
      'conv2d_1',
      ['Conv2D', { filters: 2, kernel_size: 3, padding: 'causal' }],
    ],
    [
      'has the activation "swish"',
      'conv2d_1',
      ['Conv2D', { filters: 2, kernel_size: 3, activation: 'swish' }],
    ],
    ['has a slope', 'relu_1', ['ReLU', { negative_slope: 0.1 }]],
    [
      'normalises axis 1, not the channels (3)',
      'batchnormalization_1',
      ['BatchNormalization', { axis: 1 }],
    ],
    ['reads feature maps that are not flattened', 'dense_1', ['Dense', { units: 3 }]],
    ['is of a class that no AlexNet has', 'lstm_1', ['LSTM', { units: 3 }]],
    ['has a softmax over feature maps', 'activation_1', ['Activation', { activation: 'softmax' }]],
    ['makes [2, 96] of [3, 8, 8]', 'reshape_1', ['Reshape', { target_shape: [2, 96] }]],
    ['drops a share of 1', 'dropout_1', ['Dropout', { rate: 1 }]],
  ])('what cannot be written is named: %s', (message, name, odd) => {
    const { code, message: found } = refusal(() => translate([8, 8, 3], [odd, ...END]));
    expect(code).toBe('UNSUPPORTED');
    expect(found).toContain(message);
    expect(found).toContain(`"${name}"`);
  });

  test.each<readonly [string, Layer]>([
    ['has a window of 9×9, but reads only 8×8 pixels', ['Conv2D', { filters: 2, kernel_size: 9 }]],
    [
      'has 2 groups of 3 channels and 4 filters',
      ['Conv2D', { filters: 4, kernel_size: 1, groups: 2 }],
    ],
    ['does not say its filters', ['Conv2D', { kernel_size: 3 }]],
    ['strides of 0×0', ['MaxPooling2D', { pool_size: 2, strides: 0 }]],
  ])('what does not fit is named: %s', (message, odd) => {
    expect(refusal(() => translate([8, 8, 3], [odd, ...END]))).toEqual({
      code: 'INVALID_MODEL',
      message: expect.stringContaining(message),
    });
  });
});

describe('Functional', () => {
  const layer = (
    name: string,
    class_name: string,
    inbound: readonly string[],
    config: object = {},
  ) => ({
    class_name,
    name,
    config: { name, ...config },
    inbound_nodes: inbound.length > 0 ? [inbound.map((from) => [from, 0, 0, {}])] : [],
  });
  const network = (layers: readonly object[], output: string) => {
    const config = {
      name: 'net',
      layers,
      input_layers: [['in', 0, 0]],
      output_layers: [[output, 0, 0]],
    };
    const text = JSON.stringify({ class_name: 'Functional', config });
    return kerasToGraph(parseKerasConfig(text, 'x.h5'));
  };
  const input = layer('in', 'InputLayer', [], { batch_input_shape: [null, 4] });
  const out = (from: string) => layer('out', 'Dense', [from], { units: 2 });

  test('layers run in the order in which they read each other', () => {
    const hidden = layer('hidden', 'Dense', ['in'], { units: 3, activation: 'tanh' });
    const { graph } = network([out('hidden'), hidden, input], 'out');
    expect(graph.nodes.map(({ name }) => name)).toEqual(['hidden', 'hidden_activation', 'out']);
  });

  test('Keras 3 names what a layer reads in its own way', () => {
    const tensor = (from: string) => {
      return {
        class_name: '__keras_tensor__',
        config: { shape: [null, 4], keras_history: [from, 0, 0] },
      };
    };
    const hidden = layer('hidden', 'Dense', [], { units: 3 });
    const uses = { args: [tensor('in')], kwargs: {} };
    const last = {
      ...out('hidden'),
      inbound_nodes: [{ args: [], kwargs: { inputs: tensor('hidden') } }],
    };
    const { graph } = network([input, { ...hidden, inbound_nodes: [uses] }, last], 'out');
    expect(graph.nodes.map(({ name }) => name)).toEqual(['hidden', 'out']);
  });

  test('towers, cycles and layers that are not there are refused', () => {
    const add = layer('sum', 'Add', ['in', 'in']);
    expect(refusal(() => network([input, add, out('sum')], 'out'))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('layer "sum" (Add) reads 2 values'),
    });
    const turn = layer('turn', 'Dropout', ['out'], { rate: 0.5 });
    expect(refusal(() => network([input, turn, out('turn')], 'out'))).toEqual({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('reads itself'),
    });
    expect(refusal(() => network([input, out('gone')], 'out'))).toEqual({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('layer "gone" is read, but is not there'),
    });
    expect(refusal(() => network([input, { ...out('in'), inbound_nodes: [] }], 'out'))).toEqual({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('layer "out" (Dense) reads nothing'),
    });
    const twice = { ...out('in'), inbound_nodes: [[['in', 0, 0, {}]], [['in', 0, 0, {}]]] };
    expect(refusal(() => network([input, twice], 'out'))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('layer "out" is used 2 times'),
    });
  });
});

describe('a convolution for each group of channels', () => {
  type Settings = Readonly<Record<string, unknown>>;
  const use = (...names: readonly string[]) => [names.map((name) => [name, 0, 0, {}])];
  /** Two groups of four channels; crops and convolutions can be changed. */
  function grouped({
    first = {},
    second = {},
    crop = {},
    join = {},
  }: Readonly<Record<string, Settings>>) {
    const cropping = (columns: readonly number[]) => {
      return { cropping: [[0, 0], columns], data_format: 'channels_first', ...crop };
    };
    const conv = { filters: 3, kernel_size: 3, activation: 'relu' };
    const layers: readonly (readonly [string, string, Settings, readonly unknown[]])[] = [
      ['InputLayer', 'in', { batch_input_shape: [null, 7, 6, 4] }, []],
      ['Cropping2D', 'left', cropping([0, 2]), use('in')],
      ['Cropping2D', 'right', cropping([2, 0]), use('in')],
      ['Conv2D', 'a', { ...conv, ...first }, use('left')],
      ['Conv2D', 'b', { ...conv, ...second }, use('right')],
      ['Concatenate', 'both', { axis: -1, ...join }, use('a', 'b')],
      ['Flatten', 'flat', {}, use('both')],
      ['Dense', 'fc', { units: 2 }, use('flat')],
    ];
    const config = {
      name: 'net',
      layers: layers.map(([class_name, name, settings, inbound_nodes]) => {
        return { class_name, name, config: { name, ...settings }, inbound_nodes };
      }),
      output_layers: [['fc', 0, 0]],
    };
    const text = JSON.stringify({ class_name: 'Model', config });
    return kerasToGraph(parseKerasConfig(text, 'model.json'));
  }

  test('is one of two groups', () => {
    const { graph, sources } = grouped({});
    expect(graph.nodes.map(({ op, name }) => `${op} ${name}`)).toEqual([
      'Conv both',
      'Relu both_activation',
      'Flatten flat',
      'Gemm fc',
    ]);
    expect(graph.nodes[0]?.attributes).toMatchObject({ group: 2, kernelShape: [3, 3] });
    expect(graph.parameters[0]).toMatchObject({ name: 'both.weight', shape: [6, 2, 3, 3] });
    expect(sources[0]?.paths).toEqual([['a'], ['b']]);
  });

  test.each([
    { what: 'convolutions that differ', changes: { second: { strides: 2 } } },
    { what: 'groups of groups', changes: { first: { groups: 2 }, second: { groups: 2 } } },
    { what: 'crops of columns', changes: { crop: { data_format: 'channels_last' } } },
    {
      what: 'the same channels twice',
      changes: {
        crop: {
          cropping: [
            [0, 0],
            [0, 2],
          ],
        },
      },
    },
    {
      what: 'crops of rows too',
      changes: {
        crop: {
          cropping: [
            [1, 0],
            [0, 2],
          ],
        },
      },
    },
    { what: 'a join along the rows', changes: { join: { axis: 1 } } },
  ])('$what: towers that meet again', ({ changes }) => {
    expect(refusal(() => grouped(changes))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('layer "both" (Concatenate) reads 2 values'),
    });
  });
});
