import { type Node, type NodeOf, type OpName, sizeOf } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { createOnnxBuilder, DEFAULT_OPSET } from '../builder.ts';
import { makeFloats } from '../import/constant.ts';
import { readGraphNode } from '../import/graph-node.ts';
import { readInitializer } from '../import/initializer.ts';
import type { Value } from '../import/value.ts';
import { viewOf } from '../import/view.ts';
import { readOnnxNode } from '../onnx-node.ts';
import type { NodeProto, TensorProto } from '../proto/messages.ts';
import { findReader, translations } from './index.ts';

interface Translated {
  readonly nodes: readonly NodeProto[];
  readonly constants: readonly TensorProto[];
}

function translate<Op extends OpName>(op: Op, node: NodeOf<Op>): Translated {
  const builder = createOnnxBuilder('g');
  for (const input of node.inputs) builder.input(input, 'float32', []);
  translations[op].toOnnx(node, {
    builder,
    lrn: 'native',
    convolutions: 'direct',
    shapeOf: () => [1, 4, 6, 6],
  });
  builder.output(node.output, 'float32', []);
  const { graph } = builder.build();
  return { nodes: graph.node, constants: graph.initializer };
}

function translateBack({ nodes, constants }: Translated): Node {
  const [node] = nodes;
  const read = node && findReader(node.opType);
  if (!read || nodes.length > 1) throw new Error('not one node');
  const values = node.input.map((name, index): Value => {
    const constant = constants.find((tensor) => tensor.name === name);
    if (constant) return readInitializer(name, constant);
    const weight = index === 1 ? [2, 2] : [2];
    if (index > 0) return makeFloats(weight, new Float32Array(sizeOf(weight)));
    const shape = [4, 6, 6];
    return { kind: 'activation', value: name, shape, view: viewOf(shape), owner: name };
  });
  const { node: reader } = readOnnxNode(readGraphNode(node, DEFAULT_OPSET), values);
  const irNode = read(reader);
  reader.checkAllRead();
  return irNode;
}

/** Attributes by name, as ONNX's documentation writes them. */
function attributesOf({ nodes }: Translated): Record<string, unknown> {
  const entries = nodes.flatMap(({ attribute }) =>
    attribute.map(({ name, f, i, ints }) => [
      name,
      f ?? (i === undefined ? ints.map(Number) : Number(i)),
    ]),
  );
  return Object.fromEntries(entries) as Record<string, unknown>;
}

const base = { name: 'layer', inputs: ['x'], output: 'y', attributes: {} } as const;
const learned = { ...base, inputs: ['x', 'w', 'b'] } as const;

const CASES: readonly (readonly [Node, Record<string, unknown>])[] = [
  [
    {
      ...learned,
      op: 'Conv',
      attributes: { kernelShape: [11, 5], strides: [4, 2], pads: [0, 1, 2, 3], group: 2 },
    },
    { kernel_shape: [11, 5], strides: [4, 2], pads: [0, 1, 2, 3], group: 2, dilations: [1, 1] },
  ],
  [{ ...base, op: 'Relu' }, {}],
  [
    { ...base, op: 'LRN', attributes: { size: 5, alpha: 2e-5, beta: 0.75, k: 2, groups: 1 } },
    { size: 5, alpha: 1e-4, beta: 0.75, bias: 2 },
  ],
  [
    { ...base, op: 'LRN', attributes: { size: 9, alpha: 0.001 / 9, beta: 0.7, k: 1, groups: 1 } },
    { size: 9, alpha: 0.001, beta: 0.7, bias: 1 },
  ],
  [
    { ...base, op: 'LRN', attributes: { size: 9, alpha: 1.11e-4, beta: 0.75, k: 1, groups: 1 } },
    { size: 9, alpha: 1.11e-4 * 9, beta: 0.75, bias: 1 },
  ],
  [
    {
      ...base,
      op: 'MaxPool',
      attributes: { kernelShape: [3, 2], strides: [2, 1], pads: [0, 1, 0, 1], ceilMode: false },
    },
    { kernel_shape: [3, 2], strides: [2, 1], pads: [0, 1, 0, 1] },
  ],
  [
    {
      ...base,
      op: 'AveragePool',
      attributes: {
        kernelShape: [2, 3],
        strides: [2, 1],
        pads: [0, 0, 0, 0],
        ceilMode: false,
        countIncludePad: true,
      },
    },
    { kernel_shape: [2, 3], strides: [2, 1], pads: [0, 0, 0, 0], count_include_pad: 1 },
  ],
  [
    {
      ...base,
      op: 'AveragePool',
      attributes: {
        kernelShape: [2, 3],
        strides: [2, 1],
        pads: [0, 1, 0, 1],
        ceilMode: false,
        countIncludePad: false,
      },
    },
    { kernel_shape: [2, 3], strides: [2, 1], pads: [0, 1, 0, 1] },
  ],
  [
    {
      ...base,
      op: 'BatchNormalization',
      inputs: ['x', 's', 'b', 'm', 'v'],
      attributes: { epsilon: 0.001, momentum: 0.99 },
    },
    { epsilon: 0.001, momentum: 0.99 },
  ],
  [{ ...base, op: 'Tanh' }, {}],
  [{ ...base, op: 'Flatten' }, { axis: 1 }],
  [{ ...learned, op: 'Gemm' }, { transB: 1 }],
  [{ ...base, op: 'Dropout', attributes: { ratio: 0.2 } }, {}],
  [{ ...base, op: 'Softmax' }, { axis: 1 }],
];

describe.each(CASES)('$op', (node, attributes) => {
  const translated = translate(node.op, node);

  test('is one node with the attributes of its ONNX operator', () => {
    expect(translated.nodes).toMatchObject([{ name: 'layer', opType: node.op, output: ['y'] }]);
    expect(translated.nodes[0]?.input.slice(0, node.inputs.length)).toEqual(node.inputs);
    expect(attributesOf(translated)).toEqual(attributes);
  });

  test('comes back', () => {
    expect(translateBack(translated)).toEqual(node);
  });
});

test('every op that ONNX has too has a case', () => {
  const covered = new Set<string>(CASES.map(([{ op }]) => op));
  expect(Object.keys(translations).filter((op) => findReader(op) && !covered.has(op))).toEqual([]);
});
