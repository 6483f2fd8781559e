import { inferShapes, type NodeOf, type OpName, parseGraph } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { createOnnxBuilder } from '../builder.ts';
import type { NodeProto, TensorProto } from '../proto/messages.ts';
import { translations } from './index.ts';
import type { TranslationContext } from './op-translation.ts';

// What an op becomes that ONNX, or a release of onnxruntime, cannot say in one node.

/** One node over a picture [4, H, W]; what it computes is tested with onnxruntime. */
function translate<Op extends OpName>(
  op: Op,
  attributes: NodeOf<Op>['attributes'],
  [H, W]: readonly [number, number],
  lrnForm: TranslationContext['lrn'] = 'native',
) {
  const graph = parseGraph({
    name: 'net',
    input: { name: 'x', shape: [4, H, W] },
    parameters: [],
    nodes: [{ op, name: 'layer', inputs: ['x'], output: 'y', attributes }],
    output: 'y',
  });
  const shapes = inferShapes(graph);
  const builder = createOnnxBuilder('net');
  builder.input('x', 'float32', ['N', 4, H, W]);
  const [node] = graph.nodes;
  const { toOnnx } = translations[op];
  toOnnx(node as NodeOf<Op>, {
    builder,
    shapeOf: (name) => shapes.get(name) ?? [],
    lrn: lrnForm,
    convolutions: 'direct',
  });
  builder.output('y', 'float32', ['N', 4, ...(shapes.get('y')?.slice(2) ?? [])]);
  const { node: nodes, initializer } = builder.build().graph;
  return { nodes, initializer };
}

/** `layer/mean = AveragePool(x)`; constants by their values. */
function describeNodes(form: ReturnType<typeof translate>): readonly string[] {
  const constants = new Map(form.initializer.map((tensor) => [tensor.name, readNumbers(tensor)]));
  return form.nodes.map(({ name, opType, input, output }) => {
    const operands = input.map((operand) => constants.get(operand) ?? operand).join(', ');
    return `${name}${output[0] === name ? '' : ` → ${output}`} = ${opType}(${operands})`;
  });
}

function readNumbers({ dims, dataType, rawData = new Uint8Array() }: TensorProto): string {
  const { buffer } = rawData.slice();
  const numbers = dataType === 1 ? new Float32Array(buffer) : new BigInt64Array(buffer);
  return `${dims.join('×')}[${numbers.join(' ')}]`;
}

function attributesOf(node: NodeProto | undefined): Record<string, unknown> {
  return Object.fromEntries(
    (node?.attribute ?? []).map(({ name, i, f, ints }) => [
      name,
      i === undefined ? (f ?? ints.map(Number)) : Number(i),
    ]),
  );
}

const lrn = { alpha: 0.5, beta: 0.75, k: 2 };

describe('LRN', () => {
  test('groups are pictures of their own', () => {
    const form = translate('LRN', { ...lrn, size: 3, groups: 2 }, [2, 3]);
    expect(describeNodes(form)).toEqual([
      'layer/groups = Reshape(x, 4[-1 2 2 3])',
      'layer/normalized = LRN(layer/groups)',
      'layer → y = Reshape(layer/normalized, 4[-1 4 2 3])',
    ]);
    expect(attributesOf(form.nodes[1])).toEqual({ size: 3, alpha: 1.5, beta: 0.75, bias: 2 });
  });

  test('an even window is an average along the channels', () => {
    const form = translate('LRN', { ...lrn, size: 4, groups: 1 }, [2, 3]);
    expect(describeNodes(form)).toEqual([
      'layer/squares = Mul(x, x)',
      'layer/columns = Reshape(layer/squares, 4[0 1 4 6])',
      'layer/mean = AveragePool(layer/columns)',
      // Windows of one channel down and two up hold 3, 4, 3, 2 of the 4 channels.
      'layer/scaled = Mul(layer/mean, 4×1[1.5 2 1.5 1])',
      'layer/scale = Add(layer/scaled, [2])',
      'layer/power = Pow(layer/scale, [0.75])',
      'layer/divisor = Reshape(layer/power, 4[0 4 2 3])',
      'layer → y = Div(x, layer/divisor)',
    ]);
    expect(attributesOf(form.nodes[2])).toEqual({
      kernel_shape: [4, 1],
      pads: [1, 0, 2, 0],
      strides: [1, 1],
    });
  });
});

describe('LRN as a convolution', () => {
  test('has alpha at the channels of the window, and k as bias', () => {
    const form = translate('LRN', { ...lrn, size: 3, groups: 1 }, [2, 3], 'conv');
    const band = '0.5 0.5 0 0 0.5 0.5 0.5 0 0 0.5 0.5 0.5 0 0 0.5 0.5';
    expect(describeNodes(form)).toEqual([
      'layer/squares = Mul(x, x)',
      `layer/scale = Conv(layer/squares, 4×4×1×1[${band}], 4[2 2 2 2])`,
      'layer/divisor = Pow(layer/scale, [0.75])',
      'layer → y = Div(x, layer/divisor)',
    ]);
    expect(attributesOf(form.nodes[1])).toEqual({ group: 1, kernel_shape: [1, 1] });
  });

  test('of an even window has one more channel behind than before, of groups is grouped', () => {
    const even = translate('LRN', { ...lrn, size: 2, groups: 1 }, [2, 3], 'conv');
    const band = '0.5 0.5 0 0 0 0.5 0.5 0 0 0 0.5 0.5 0 0 0 0.5';
    expect(describeNodes(even)[1]).toContain(`4×4×1×1[${band}]`);
    const groups = translate('LRN', { ...lrn, size: 2, groups: 2 }, [2, 3], 'conv');
    expect(describeNodes(groups)[1]).toContain('4×2×1×1[0.5 0.5 0 0.5 0.5 0.5 0 0.5]');
    expect(attributesOf(groups.nodes[1])).toMatchObject({ group: 2 });
  });
});

test('SpatialLRN is an average over the map', () => {
  const form = translate('SpatialLRN', { ...lrn, size: 3 }, [1, 3]);
  expect(describeNodes(form)).toEqual([
    'layer/squares = Mul(x, x)',
    'layer/mean = AveragePool(layer/squares)',
    'layer/scaled = Mul(layer/mean, 1×3[1 1.5 1])',
    'layer/scale = Add(layer/scaled, [2])',
    'layer/divisor = Pow(layer/scale, [0.75])',
    'layer → y = Div(x, layer/divisor)',
  ]);
  expect(attributesOf(form.nodes[1])).toEqual({
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    strides: [1, 1],
  });
});

describe('AdaptiveAveragePool', () => {
  test('of the size already', () => {
    const form = translate('AdaptiveAveragePool', { outputSize: [6, 6] }, [6, 6]);
    expect(describeNodes(form)).toEqual(['layer → y = Identity(x)']);
  });

  test('of a size that divides', () => {
    const form = translate('AdaptiveAveragePool', { outputSize: [3, 2] }, [6, 8]);
    expect(describeNodes(form)).toEqual(['layer → y = AveragePool(x)']);
    expect(attributesOf(form.nodes[0])).toEqual({ kernel_shape: [2, 4], strides: [2, 4] });
  });

  test('of any other size', () => {
    const form = translate('AdaptiveAveragePool', { outputSize: [1, 2] }, [2, 3]);
    expect(describeNodes(form)).toEqual([
      'layer/rows = MatMul(1×2[0.5 0.5], x)',
      'layer → y = MatMul(layer/rows, 3×2[0.5 0 0.5 0.5 0 0.5])',
    ]);
  });
});

describe('pools that runtimes do not agree on', () => {
  const window = { kernelShape: [2, 2], strides: [2, 2] } as const;

  test('rounding up is padding', () => {
    // Height: three windows, of which the last would start at 3 of 3. Width: the second reaches one too far.
    const attributes = { ...window, pads: [1, 0, 1, 0], ceilMode: true } as const;
    const form = translate('MaxPool', attributes, [3, 3]);
    expect(describeNodes(form)).toEqual(['layer → y = MaxPool(x)']);
    expect(attributesOf(form.nodes[0])).toEqual({
      kernel_shape: [2, 2],
      pads: [1, 0, 1, 1],
      strides: [2, 2],
    });
  });

  test('padding that counts is a factor', () => {
    const pads = [0, 1, 0, 1] as const;
    const attributes = { ...window, pads, ceilMode: true, countIncludePad: true };
    const form = translate('AveragePool', attributes, [3, 2]);
    expect(describeNodes(form)).toEqual([
      'layer/mean = AveragePool(x)',
      // Rows {0 1} and {2}: all picture. Columns: half picture, half padding.
      'layer → y = Mul(layer/mean, 2×2[0.5 0.5 0.5 0.5])',
    ]);
    expect(attributesOf(form.nodes[0])).toEqual({
      kernel_shape: [2, 2],
      pads: [0, 1, 1, 1],
      strides: [2, 2],
    });
  });

  test('padding that stands for rounding up does not count', () => {
    const pads = [0, 0, 0, 0] as const;
    const attributes = { ...window, pads, ceilMode: true, countIncludePad: true };
    const form = translate('AveragePool', attributes, [3, 2]);
    expect(describeNodes(form)).toEqual(['layer → y = AveragePool(x)']);
    expect(attributesOf(form.nodes[0])).toEqual({
      kernel_shape: [2, 2],
      pads: [0, 0, 1, 0],
      strides: [2, 2],
    });
  });
});
