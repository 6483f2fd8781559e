import type { Node, NodeOf, OpName } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { createOnnxBuilder } from '../builder.ts';
import { readOnnxNode } from '../onnx-node.ts';
import type { NodeProto, TensorProto } from '../proto/messages.ts';
import { WeightReader } from '../weight-reader.ts';
import { isOpName, translations } from './index.ts';

interface Translated {
  readonly nodes: readonly NodeProto[];
  readonly constants: readonly TensorProto[];
}

function translate<Op extends OpName>(op: Op, node: NodeOf<Op>): Translated {
  const builder = createOnnxBuilder('g');
  for (const input of node.inputs) builder.input(input, 'float32', []);
  translations[op].toOnnx(node, builder);
  builder.output(node.output, 'float32', []);
  const { graph } = builder.build();
  return { nodes: graph.node, constants: graph.initializer };
}

function translateBack({ nodes, constants }: Translated): Node {
  const [node] = nodes;
  if (!node || nodes.length > 1 || !isOpName(node.opType)) throw new Error('not one node');
  const reader = readOnnxNode(node, new WeightReader(constants));
  const read = translations[node.opType].fromOnnx(reader);
  reader.checkAllRead();
  return read;
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
    { ...base, op: 'LRN', attributes: { size: 5, alpha: 2e-5, beta: 0.75, k: 2 } },
    { size: 5, alpha: 1e-4, beta: 0.75, bias: 2 },
  ],
  [
    { ...base, op: 'LRN', attributes: { size: 9, alpha: 0.001 / 9, beta: 0.7, k: 1 } },
    { size: 9, alpha: 0.001, beta: 0.7, bias: 1 },
  ],
  [
    { ...base, op: 'LRN', attributes: { size: 9, alpha: 1.11e-4, beta: 0.75, k: 1 } },
    { size: 9, alpha: 1.11e-4 * 9, beta: 0.75, bias: 1 },
  ],
  [
    {
      ...base,
      op: 'MaxPool',
      attributes: { kernelShape: [3, 2], strides: [2, 1], pads: [0, 1, 0, 1] },
    },
    { kernel_shape: [3, 2], strides: [2, 1], pads: [0, 1, 0, 1] },
  ],
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

test('every op has a case', () => {
  const covered = new Set(CASES.map(([{ op }]) => op));
  expect(Object.keys(translations).filter((op) => isOpName(op) && !covered.has(op))).toEqual([]);
});
