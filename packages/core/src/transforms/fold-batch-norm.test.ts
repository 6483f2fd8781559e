import { describe, expect, test } from 'vitest';
import { checkGraph } from '../graph/check-graph.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { createTensor } from '../tensor.ts';
import { outputOf, randomModel, randomTensor, relativeError } from '../test-model.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';

const init = {
  weight: { kind: 'normal', mean: 0, std: 1 },
  bias: { kind: 'constant', value: 0 },
} as const;
const bn = { epsilon: 1e-3, momentum: 0.99 };

/** What is left of float32 weights after one rounding, in float64. */
const ROUNDING = 1e-6;

function check(graph: Graph) {
  const model = randomModel(graph);
  const result = foldBatchNorm(model);
  checkGraph(result.model.graph);
  expect(relativeError(outputOf(result.model), outputOf(model))).toBeLessThan(ROUNDING);
  expect([...result.model.weights.keys()]).toEqual(
    result.model.graph.parameters.map(({ name }) => name),
  );
  return { before: model, ...result };
}

test('by hand: into the convolution before it', () => {
  const graph = createGraphBuilder('hand', [1, 1, 2])
    .conv('conv1', { channels: 2, kernel: 1, init })
    .batchNormalization('bn1', { epsilon: 1, momentum: 0.9 })
    .build();
  const numbers = (...values: readonly number[]) => createTensor([2], Float32Array.from(values));
  const weights = new Map([
    ['conv1.weight', createTensor([2, 1, 1, 1], Float32Array.of(3, 5))],
    ['conv1.bias', numbers(1, 2)],
    ['bn1.scale', numbers(4, 6)],
    ['bn1.bias', numbers(10, 20)],
    ['bn1.mean', numbers(7, 8)],
    ['bn1.variance', numbers(3, 8)],
  ]);
  const { model, folded, kept } = foldBatchNorm({ graph, weights });
  // factors 4 / √4 = 2 and 6 / √9 = 2
  expect(model.weights).toEqual(
    new Map([
      ['conv1.weight', createTensor([2, 1, 1, 1], Float32Array.of(6, 10))],
      ['conv1.bias', numbers(2 * (1 - 7) + 10, 2 * (2 - 8) + 20)],
    ]),
  );
  expect(model.graph.nodes).toEqual([{ ...graph.nodes[0], output: 'logits' }]);
  expect({ folded, kept }).toEqual({ folded: [{ layer: 'bn1', into: ['conv1'] }], kept: [] });
});

test('between convolution and ReLU, padding or not, groups or not, and behind a Gemm', () => {
  const { before, model, folded, kept } = check(
    createGraphBuilder('after', [4, 9, 9])
      .conv('conv1', { channels: 6, kernel: 3, pads: 1, init })
      .batchNormalization('bn1', bn)
      .relu('relu1')
      .conv('conv2', { channels: 4, kernel: 3, pads: 2, group: 2, init })
      .batchNormalization('bn2', bn)
      .tanh('tanh2')
      .flatten('flatten')
      .gemm('fc3', { features: 5, init })
      .batchNormalization('bn3', bn)
      .relu('relu3')
      .gemm('fc4', { features: 3, init })
      .build(),
  );
  expect(kept).toEqual([]);
  expect(folded).toEqual([
    { layer: 'bn1', into: ['conv1'] },
    { layer: 'bn2', into: ['conv2'] },
    { layer: 'bn3', into: ['fc3'] },
  ]);
  expect(model.weights.get('fc4.weight')).toBe(before.weights.get('fc4.weight'));
  expect(model.metadata).toBe(before.metadata);
  expect(before.graph.nodes.filter(({ op }) => op === 'BatchNormalization')).toHaveLength(3);
});

test('as in the version for Keras: behind pooling, forwards into what does not pad', () => {
  const { model, folded, kept } = check(
    createGraphBuilder('keras', [3, 20, 20])
      .conv('conv1', { channels: 4, kernel: 5, init })
      .relu('relu1')
      .maxPool('pool1', { kernel: 2, stride: 2 })
      .batchNormalization('bn1', bn)
      .conv('conv2', { channels: 6, kernel: 3, group: 2, init })
      .relu('relu2')
      .maxPool('pool2', { kernel: 2, stride: 2 })
      .batchNormalization('bn2', bn)
      .flatten('flatten')
      .gemm('fc6', { features: 8, init })
      .relu('relu6')
      .dropout('drop6', 0.4)
      .batchNormalization('bn6', bn)
      .gemm('fc8', { features: 5, init })
      .softmax('softmax')
      .build(),
  );
  expect(kept).toEqual([]);
  expect(folded).toEqual([
    { layer: 'bn1', into: ['conv2'] },
    { layer: 'bn2', into: ['fc6'] },
    { layer: 'bn6', into: ['fc8'] },
  ]);
  expect(model.graph.nodes).toHaveLength(12);
});

/** relu → bn → conv2 with padding */
const beforePadding = createGraphBuilder('before-padding', [3, 6, 6])
  .conv('conv1', { channels: 4, kernel: 3, init })
  .relu('relu1')
  .batchNormalization('bn1', bn)
  .conv('conv2', { channels: 4, kernel: 3, pads: 1, init })
  .build();

test('behind ReLU and before padding it stays, and the result says why', () => {
  const { before, model, kept } = check(beforePadding);
  expect(model).toBe(before);
  expect(kept).toEqual([
    {
      layer: 'bn1',
      reason:
        'Before it: relu1 (Relu) is no convolution or fully connected layer. After it: conv2 pads its input with zeros ([1, 1, 1, 1]), which a shift would not reach.',
    },
  ]);
});

test('padding does not matter to a layer that does not shift', () => {
  const model = randomModel(beforePadding);
  const zeros = createTensor([4]);
  const weights = new Map([...model.weights, ['bn1.bias', zeros], ['bn1.mean', zeros]]);
  const unshifted = { ...model, weights };
  const result = foldBatchNorm(unshifted);
  expect(result.folded).toEqual([{ layer: 'bn1', into: ['conv2'] }]);
  expect(relativeError(outputOf(result.model), outputOf(unshifted))).toBeLessThan(ROUNDING);
});

test('one after another: what is gone no longer stands in the way', () => {
  const { folded, kept } = check(
    createGraphBuilder('rows', [2, 5, 5])
      .relu('relu0')
      .batchNormalization('bnA', bn)
      .batchNormalization('bnB', bn)
      .conv('conv1', { channels: 3, kernel: 3, init })
      .batchNormalization('bnC', bn)
      .batchNormalization('bnD', bn)
      .build(),
  );
  expect(kept).toEqual([]);
  expect(folded.map(({ layer }) => layer)).toEqual(['bnB', 'bnA', 'bnC', 'bnD']);
});

test.each([
  {
    what: 'the picture itself',
    graph: createGraphBuilder('input', [3, 5, 5])
      .batchNormalization('bn0', bn)
      .conv('conv1', { channels: 2, kernel: 3, init })
      .build(),
    folded: ['conv1'],
    reason: undefined,
  },
  {
    what: 'the end of the network',
    graph: createGraphBuilder('end', [3, 5, 5])
      .conv('conv1', { channels: 2, kernel: 3, init })
      .relu('relu1')
      .batchNormalization('bn1', bn)
      .build(),
    folded: [],
    reason: /After it: it reaches the output of the network/,
  },
  {
    what: 'pooling behind it',
    graph: createGraphBuilder('pool', [3, 6, 6])
      .relu('relu0')
      .batchNormalization('bn0', bn)
      .maxPool('pool0', { kernel: 2 })
      .conv('conv1', { channels: 2, kernel: 3, init })
      .build(),
    folded: [],
    reason: /After it: pool0 \(MaxPool\) reads it/,
  },
])('$what', ({ graph, folded, reason }) => {
  const result = check(graph);
  expect(result.folded.flatMap(({ into }) => into)).toEqual(folded);
  if (reason) expect(result.kept[0]?.reason).toMatch(reason);
  else expect(result.kept).toEqual([]);
});

describe('branches', () => {
  const parameter = (name: string, shape: readonly number[]) =>
    ({ name, shape, initializer: init.weight }) as const;
  const norm = (layer: string, channels: number) =>
    ['scale', 'bias', 'mean', 'variance'].map((role) => parameter(`${layer}.${role}`, [channels]));
  const dense = (name: string, input: string, output: string, layer = name): Node => ({
    op: 'Gemm',
    name,
    inputs: [input, `${layer}.weight`, `${layer}.bias`],
    output,
    attributes: {},
  });
  const normalize = (name: string, input: string, output: string): Node => ({
    op: 'BatchNormalization',
    name,
    inputs: [input, 'bn.scale', 'bn.bias', 'bn.mean', 'bn.variance'],
    output,
    attributes: bn,
  });
  const parametersOf = (layer: string) => [
    parameter(`${layer}.weight`, [4, 4]),
    parameter(`${layer}.bias`, [4]),
  ];
  const graphOf = (layers: readonly string[], nodes: readonly Node[]): Graph => ({
    name: 'branches',
    input: { name: 'x', shape: [4] },
    parameters: [...layers.flatMap(parametersOf), ...norm('bn', 4)],
    nodes,
    output: 'y',
  });

  test('a value that something else reads cannot take the layer in; what reads the layer can', () => {
    // fc1 is read by bn and by fc3; its own outputs must stay as they are.
    const { folded, before, model } = check(
      graphOf(
        ['fc1', 'fc2', 'fc3'],
        [
          dense('fc1', 'x', 'h'),
          dense('fc3', 'h', 'side'),
          normalize('bn', 'h', 'n'),
          dense('fc2', 'n', 'y'),
        ],
      ),
    );
    expect(folded).toEqual([{ layer: 'bn', into: ['fc2'] }]);
    const input = randomTensor([2, 4]);
    expect(outputOf(model, input, 'side')).toEqual(outputOf(before, input, 'side'));
  });

  test('the output of the network is not changed for a layer beside it', () => {
    const { folded, kept } = check(
      graphOf(
        ['fc1'],
        [dense('fc1', 'x', 'y'), normalize('bn', 'y', 'n'), dense('fc2', 'n', 'm', 'fc1')],
      ),
    );
    expect(folded).toEqual([]);
    expect(kept[0]?.reason).toMatch(/^Before it: fc1 is the output of the network\./);
  });

  test('two layers that read it both take it in', () => {
    const { folded, before, model } = check(
      graphOf(
        ['fc2', 'fc3'],
        [
          { op: 'Relu', name: 'relu', inputs: ['x'], output: 'h', attributes: {} },
          normalize('bn', 'h', 'n'),
          dense('fc3', 'n', 'side'),
          dense('fc2', 'n', 'y'),
        ],
      ),
    );
    expect(folded).toEqual([{ layer: 'bn', into: ['fc3', 'fc2'] }]);
    const input = randomTensor([2, 4]);
    const side = outputOf(before, input, 'side');
    expect(relativeError(outputOf(model, input, 'side'), side)).toBeLessThan(ROUNDING);
  });

  test('a weight that two layers share is not changed behind the other', () => {
    const { kept, model, before } = check(
      graphOf(
        ['fc'],
        [dense('fcA', 'x', 'h', 'fc'), normalize('bn', 'h', 'n'), dense('fcB', 'n', 'y', 'fc')],
      ),
    );
    expect(model).toBe(before);
    expect(kept[0]?.reason).toBe(
      'Before it: fcA cannot be changed alone: fcB shares fc.weight with it. After it: fcB cannot be changed alone: fcA shares fc.weight with it.',
    );
  });

  test('two layers with the same statistics: the arrays go with the second', () => {
    const { model, folded } = check(
      graphOf(
        ['fc1', 'fc2'],
        [
          dense('fc1', 'x', 'h'),
          normalize('bnA', 'h', 'n'),
          dense('fc2', 'n', 'm'),
          normalize('bnB', 'm', 'y'),
        ],
      ),
    );
    expect(folded.map(({ layer }) => layer)).toEqual(['bnA', 'bnB']);
    expect([...model.weights.keys()].some((name) => name.startsWith('bn'))).toBe(false);
  });
});

test('a variance without a finite root is kept and named', () => {
  const model = randomModel(beforePadding);
  const weights = new Map([
    ...model.weights,
    ['bn1.variance', createTensor([4], Float32Array.of(1, -5, 1, 1))],
  ]);
  expect(foldBatchNorm({ ...model, weights }).kept).toEqual([
    { layer: 'bn1', reason: 'Channel 1 has no finite factor: its variance is -5.' },
  ]);
});

test('a weight that is missing or of another shape is named', () => {
  const { graph, weights } = randomModel(beforePadding);
  const missing = new Map([...weights].filter(([name]) => name !== 'bn1.mean'));
  expect(() => foldBatchNorm({ graph, weights: missing })).toThrowError(
    'bn1.mean should be [4], but is missing.',
  );
  const other = new Map([...weights, ['bn1.mean', createTensor([5])]]);
  expect(() => foldBatchNorm({ graph, weights: other })).toThrowError(
    'bn1.mean should be [4], but is [5].',
  );
});
