import { createGraphBuilder, createNetwork, type Graph } from '@alexnet/core';
import type { ModelProto, ValueInfoProto } from '@alexnet/export';
import { describe, expect, test } from 'vitest';
import { buildTrainingStep } from './build-training-step.ts';
import type { OptimizerConfig } from './optimizers/index.ts';

const sgd: OptimizerConfig = { kind: 'sgd', momentum: 0.9, weightDecay: 0.0005 };
const adam: OptimizerConfig = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const init = {
  weight: { kind: 'normal', mean: 0, std: 0.01 },
  bias: { kind: 'constant', value: 0 },
} as const;

const tiny = createGraphBuilder('tiny', [2, 9, 9])
  .conv('conv1', { channels: 4, kernel: 3, init })
  .relu('relu1')
  .maxPool('pool1', { kernel: 3, stride: 2 })
  .flatten('flatten')
  .gemm('fc6', { features: 8, init })
  .relu('relu6')
  .dropout('drop6', 0.5)
  .gemm('fc7', { features: 3, init })
  .build();

test('pictures in whole blocks put the rows of large matrices into blocks', () => {
  const wide = createGraphBuilder('wide', [32]).gemm('fc6', { features: 64, init }).build();
  const blocksOf = (batchSize: number, blockedChannels: number | null) =>
    buildTrainingStep(wide, {
      batchSize,
      optimizer: sgd,
      partSize: 1024,
      blockedChannels,
    }).state.map(({ input, rowBlock }) => [input, rowBlock]);
  expect(blocksOf(16, 8)).toEqual([
    ['fc6.weight[0:32]', 8],
    ['fc6.weight[0:32]/momentum', 8],
    ['fc6.weight[32:64]', 8],
    ['fc6.weight[32:64]/momentum', 8],
    ['fc6.bias', undefined],
    ['fc6.bias/momentum', undefined],
  ]);
  for (const steps of [blocksOf(12, 8), blocksOf(16, null)]) {
    expect(steps.every(([, rowBlock]) => rowBlock === undefined)).toBe(true);
  }
});

test.each([
  ['pictures of three channels', { features: 3, channels: 16, kernel: 5 }, true],
  ['too few products a result', { features: 1, channels: 16, kernel: 5 }, false],
  ['results that are no whole blocks', { features: 3, channels: 12, kernel: 5 }, false],
  ['a whole block of channels', { features: 16, channels: 16, kernel: 5 }, false],
] as const)('a convolution that may read pictures as they lie: %s', (_name, sizes, isDirect) => {
  const graph = createGraphBuilder('few', [sizes.features, 9, 9])
    .conv('conv1', { channels: sizes.channels, kernel: sizes.kernel, pads: 2, init })
    .flatten('flatten')
    .gemm('fc6', { features: 3, init })
    .build();
  const readers = (blockedChannels: number | null) =>
    buildTrainingStep(graph, { batchSize: 4, optimizer: sgd, blockedChannels })
      .model.graph.node.filter(({ input: [image] }) => image === 'image')
      .map(({ opType, domain }) => `${domain}.${opType}`);
  expect(readers(16).includes('com.microsoft.nchwc.Conv')).toBe(isDirect);
  expect(readers(null).some((reader) => reader.startsWith('com.microsoft'))).toBe(false);
});

describe('a step that updates', () => {
  const step = buildTrainingStep(tiny, { batchSize: 4, optimizer: sgd });

  test('has the inputs that it names, with their shapes', () => {
    expect(shapesOf(step.model.graph.input)).toEqual({
      image: [4, 2, 9, 9],
      target: [4, 3],
      normalizer: [1],
      negative_learning_rate: [1],
      'drop6/mask': [4, 8],
      'conv1.weight': [4, 2, 3, 3],
      'conv1.bias': [4],
      'fc6.weight': [8, 36],
      'fc6.bias': [8],
      'fc7.weight': [3, 8],
      'fc7.bias': [3],
      'conv1.weight/momentum': [4, 2, 3, 3],
      'conv1.bias/momentum': [4],
      'fc6.weight/momentum': [8, 36],
      'fc6.bias/momentum': [8],
      'fc7.weight/momentum': [3, 8],
      'fc7.bias/momentum': [3],
    });
    expect(step.image).toEqual({ name: 'image', shape: [4, 2, 9, 9] });
    expect(step.target).toEqual({ name: 'target', shape: [4, 3] });
    expect(step.scalars).toEqual(['negative_learning_rate']);
    expect(step.masks).toEqual([{ name: 'drop6/mask', node: 'drop6', shape: [4, 8], ratio: 0.5 }]);
  });

  test('has loss, logits and the new state as outputs', () => {
    const outputs = shapesOf(step.model.graph.output);
    expect(outputs).toMatchObject({ loss: [], logits: [4, 3] });
    expect(Object.keys(outputs)).toEqual([
      'loss',
      'logits',
      ...step.state.map(({ output }) => output),
    ]);
    expect(step.state.slice(0, 2)).toEqual([
      {
        parameter: 'conv1.weight',
        slot: null,
        input: 'conv1.weight',
        output: 'conv1.weight/new',
        shape: [4, 2, 3, 3],
        offset: 0,
      },
      {
        parameter: 'conv1.weight',
        slot: 'momentum',
        input: 'conv1.weight/momentum',
        output: 'conv1.weight/momentum/new',
        shape: [4, 2, 3, 3],
        offset: 0,
      },
    ]);
    expect(step.gradients).toEqual([]);
  });

  test('uses standard operators only, and keeps weights out of the file', () => {
    expect(step.model.graph.node.every(({ domain = '' }) => domain === '')).toBe(true);
    const sizes = step.model.graph.initializer.map(({ rawData }) => rawData?.byteLength ?? 0);
    expect(Math.max(...sizes)).toBeLessThan(4096);
  });

  test('computes no gradient of the pictures', () => {
    expect(opsUnder(step.model, 'conv1/gradient')).not.toContain('ConvTranspose');
  });

  test('has two slots a parameter with Adam', () => {
    const { state, scalars } = buildTrainingStep(tiny, { batchSize: 4, optimizer: adam });
    const slots = state.filter(({ parameter }) => parameter === 'fc7.bias');
    expect(slots.map(({ slot }) => slot)).toEqual([null, 'm', 'v']);
    expect(scalars).toEqual(['step_size', 'epsilon_hat']);
  });
});

test('a step that gives gradients has no optimiser in it', () => {
  const step = buildTrainingStep(tiny, { batchSize: 4, optimizer: sgd, form: 'gradients' });
  expect(step.scalars).toEqual([]);
  expect(step.state).toEqual([]);
  expect(step.gradients.at(-1)).toEqual({
    parameter: 'fc7.bias',
    output: 'fc7.bias/gradient',
    shape: [3],
  });
  expect(Object.keys(shapesOf(step.model.graph.output))).toEqual([
    'loss',
    'logits',
    ...tiny.parameters.map(({ name }) => `${name}/gradient`),
  ]);
  expect(Object.keys(shapesOf(step.model.graph.input))).not.toContain('fc7.bias/momentum');
});

describe('frozen parameters', () => {
  test('at the bottom cost no gradient, and are plain inputs', () => {
    const { model, state } = buildTrainingStep(tiny, {
      batchSize: 4,
      optimizer: sgd,
      trainable: (parameter) => parameter.startsWith('fc7.'),
    });
    const names = model.graph.node.map(({ name = '' }) => name);
    const layers = names
      .filter((name) => name.includes('/gradient'))
      .map((name) => name.split('/')[0]);
    expect([...new Set(layers)]).toEqual(['fc7']);
    expect(opsUnder(model, 'pool1')).toEqual(['MaxPool']);
    expect(model.graph.node.find(({ opType }) => opType === 'MaxPool')?.output).toHaveLength(1);
    expect([...new Set(state.map(({ parameter }) => parameter))]).toEqual([
      'fc7.weight',
      'fc7.bias',
    ]);
    expect(Object.keys(shapesOf(model.graph.input))).toContain('conv1.weight');
    expect(Object.keys(shapesOf(model.graph.input))).not.toContain('conv1.weight/momentum');
  });

  test('in between still pass gradients on', () => {
    const { model } = buildTrainingStep(tiny, {
      batchSize: 4,
      optimizer: sgd,
      trainable: (parameter) => parameter.startsWith('conv1.'),
    });
    expect(opsUnder(model, 'fc7/gradient')).toEqual(['Gemm']);
    expect(opsUnder(model, 'conv1/gradient')).toContain('ReduceSum');
  });
});

describe('a weight gradient', () => {
  const convolutionOf = (options: { stride: number; pads: number; group: number }): Graph =>
    createGraphBuilder('one', [4, 9, 9])
      .conv('conv1', { channels: 4, kernel: 3, init, ...options })
      .flatten('flatten')
      .build();
  const opsOf = (options: { stride: number; pads: number; group: number; batchSize?: number }) => {
    const { batchSize = 2, ...convolution } = options;
    const graph = convolutionOf(convolution);
    const step = buildTrainingStep(graph, { batchSize, optimizer: sgd, form: 'gradients' });
    return opsUnder(step.model, 'conv1/gradient/weight');
  };

  test('at stride 1 gathers columns for one matrix product a group and chunk of pictures', () => {
    const count = (ops: readonly string[], op: string) => ops.filter((name) => name === op).length;
    expect(count(opsOf({ stride: 1, pads: 1, group: 1 }), 'Gemm')).toBe(1);
    expect(count(opsOf({ stride: 1, pads: 1, group: 2 }), 'Gemm')).toBe(2);
    // Columns of 81 pixels × 9 taps × 2 channels are 5,832 bytes a picture: 32 MiB hold those of 5,753.
    expect(count(opsOf({ stride: 1, pads: 1, group: 2, batchSize: 5753 }), 'Gemm')).toBe(2);
    expect(count(opsOf({ stride: 1, pads: 1, group: 2, batchSize: 5754 }), 'Gemm')).toBe(4);
    expect(opsOf({ stride: 1, pads: 1, group: 1 })).toContain('Pad');
    expect(opsOf({ stride: 1, pads: 0, group: 1 })).not.toContain('Pad');
  });

  test('at other strides is a convolution', () => {
    const ops = opsOf({ stride: 2, pads: 0, group: 1 });
    expect(ops).toContain('Conv');
    expect(ops).not.toContain('Gather');
  });
});

describe('a data gradient', () => {
  const opsOf = (stride: number, pads: number): readonly string[] => {
    const graph = createGraphBuilder('two', [4, 9, 9])
      .conv('conv1', { channels: 4, kernel: 3, init })
      .conv('conv2', { channels: 4, kernel: 3, stride, pads, init })
      .flatten('flatten')
      .build();
    const step = buildTrainingStep(graph, { batchSize: 2, optimizer: sgd, form: 'gradients' });
    return opsUnder(step.model, 'conv2/gradient/data');
  };

  test('at stride 1 is a convolution', () => {
    expect(opsOf(1, 1)).toContain('Conv');
    expect(opsOf(1, 1)).not.toContain('ConvTranspose');
  });

  test('at other strides, and where padding reaches further than the kernel, is a transposed one', () => {
    expect(opsOf(2, 0)).toContain('ConvTranspose');
    expect(opsOf(1, 3)).toContain('ConvTranspose');
  });
});

describe('the end of the graph', () => {
  test('a last Softmax is left to the loss', () => {
    const graph = createGraphBuilder('tiny', [4, 1, 1])
      .flatten('flatten')
      .gemm('fc8', { features: 3, init })
      .softmax('softmax')
      .build();
    const { model, target } = buildTrainingStep(graph, { batchSize: 2, optimizer: sgd });
    expect(target.shape).toEqual([2, 3]);
    expect(model.graph.node.map(({ opType }) => opType)).not.toContain('Softmax');
  });

  test('what the output does not depend on is left out', () => {
    const graph: Graph = {
      ...tiny,
      parameters: [...tiny.parameters, { name: 'spare', shape: [2], initializer: init.bias }],
      nodes: [
        ...tiny.nodes,
        { op: 'Relu', name: 'spare-relu', inputs: ['fc6'], output: 'spare-relu', attributes: {} },
      ],
    };
    const { model } = buildTrainingStep(graph, {
      batchSize: 2,
      optimizer: sgd,
      trainable: (parameter) => parameter !== 'spare',
    });
    expect(opsUnder(model, 'spare-relu')).toEqual([]);
    expect(Object.keys(shapesOf(model.graph.input))).not.toContain('spare');
    expect(() => buildTrainingStep(graph, { batchSize: 2, optimizer: sgd })).toThrow(
      expect.objectContaining({
        code: 'INVALID_GRAPH',
        message: 'spare is trainable, but has no effect on the output "logits".',
      }),
    );
  });

  test('a Dropout with ratio 0 takes no mask', () => {
    const { graph } = createNetwork('mini', { dropout: 0 });
    expect(buildTrainingStep(graph, { batchSize: 2, optimizer: sgd }).masks).toEqual([]);
  });
});

describe('wrong use', () => {
  const build = (graph: Graph, options: object = {}) =>
    buildTrainingStep(graph, { batchSize: 2, optimizer: sgd, ...options });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('batch size %s', (batchSize) => {
    expect(() => build(tiny, { batchSize })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: `The batch size is ${batchSize}.`,
      }),
    );
  });

  test('nothing to train: the parameters are listed', () => {
    expect(() => build(tiny, { trainable: (name: string) => name.startsWith('fc9') })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'None of the 6 parameters of tiny is trainable.',
        hint: expect.stringContaining('conv1.weight, conv1.bias, fc6.weight'),
      }),
    );
  });

  test('a graph that is no classifier', () => {
    const graph = createGraphBuilder('features', [2, 9, 9])
      .conv('conv1', { channels: 4, kernel: 3, init })
      .build();
    expect(() => build(graph)).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  });

  test('a graph that cannot run', () => {
    expect(() => build({ ...tiny, output: 'nowhere' })).toThrow(
      expect.objectContaining({ code: 'INVALID_GRAPH' }),
    );
  });
});

function shapesOf(
  values: readonly ValueInfoProto[],
): Record<string, readonly (number | undefined)[]> {
  return Object.fromEntries(
    values.map(({ name, type }) => [
      name,
      type?.tensorType?.shape?.dim.map(({ dimValue }) => dimValue) ?? [],
    ]),
  );
}

function opsUnder(model: ModelProto, scope: string): readonly string[] {
  return model.graph.node
    .filter(({ name = '' }) => name.startsWith(`${scope}/`))
    .map(({ opType }) => opType);
}
