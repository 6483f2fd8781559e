import { createModel } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { createOnnxBuilder, type OnnxBuilder } from './builder.ts';
import { importOnnx } from './import-onnx.ts';
import { encodeModel } from './proto/codec.ts';
import { conv, floats, head, read, refusal, run } from './test-foreign-files.ts';

// Files of other programs, node by node. What PyTorch, TensorFlow and the Model Zoo write is in tests/.

describe('numbers by hand', () => {
  test('a layer with channels last reads its features in their order', () => {
    // Two channels, one row, two columns: x[row 0] = [[c0, c1], [c0, c1]] as [1, 2, 10, 20].
    const body = (builder: OnnxBuilder) => {
      const first = builder.op('Transpose', ['x'], { perm: { ints: [0, 3, 1, 2] } });
      const last = builder.op('Transpose', [first], { perm: { ints: [0, 2, 3, 1] } });
      const flat = builder.op('Reshape', [last, builder.ints(-1, 4)]);
      const weight = floats(builder, [4, 2], 1, 0, 2, 0, 3, 0, 4, 1);
      return builder.op('MatMul', [flat, weight]);
    };
    // As [N, H, W, C]: 1 · 1 + 2 · 2 + 3 · 10 + 4 · 20. The network here reads [N, C, H, W].
    expect(read({ body, shape: [1, 2, 2] }).graph.input.shape).toEqual([2, 1, 2]);
    expect(run({ body, shape: [1, 2, 2] }, [1, 10, 2, 20])).toEqual([115, 20]);
  });

  test('a scale and a shift go into the layer before, or behind', () => {
    const before = (builder: OnnxBuilder) => {
      const sum = head(builder, 'x');
      const twice = builder.op('Mul', [sum, floats(builder, [1, 2], 2, 3)]);
      return builder.op('Sub', [floats(builder, [], 10), twice]);
    };
    // Sums 10 and 11; 10 − 2 · 10 and 10 − 3 · 11.
    expect(run({ body: before }, [1, 2, 3, 4])).toEqual([-10, -23]);
    expect(read({ body: before }).graph.nodes.map(({ op }) => op)).toEqual(['Flatten', 'Gemm']);
    const behind = (builder: OnnxBuilder) => {
      const shifted = builder.op('Sub', ['x', floats(builder, [], 1)]);
      return head(builder, builder.op('Div', [shifted, floats(builder, [1, 1, 1], 0.5)]));
    };
    // (0 + 1 + 2 + 3) / 0.5
    expect(run({ body: behind }, [1, 2, 3, 4])).toEqual([12, 13]);
  });

  test('a shift before padding is a layer of its own', () => {
    const body = (builder: OnnxBuilder) => {
      const shifted = builder.op('Add', ['x', floats(builder, [], 1)]);
      const weight = floats(builder, [1, 1, 2, 2], 1, 1, 1, 1);
      const pads = { pads: { ints: [1, 1, 0, 0] } };
      return head(builder, builder.op('Conv', [shifted, weight], pads));
    };
    const { graph, remarks } = read({ body });
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Conv', 'Conv', 'Flatten', 'Gemm']);
    // Windows of what is not padding: 2, 2 + 3, 2 + 4, 2 + 3 + 4 + 5.
    expect(run({ body }, [1, 2, 3, 4])).toEqual([27, 28]);
    expect(remarks.join()).toContain('It scales them itself');
  });

  test('a mean image cannot be subtracted', () => {
    const body = (builder: OnnxBuilder) =>
      head(builder, builder.op('Sub', ['x', floats(builder, [1, 2, 2], 1, 2, 3, 4)]));
    expect(refusal({ body })).toContain('computes with a constant of [1, 2, 2] on x');
  });

  test('a branch that is known beforehand is taken, and the other not looked at', () => {
    const body = (builder: OnnxBuilder) => {
      const length = builder.op('Gather', [
        builder.op('Shape', ['x']),
        builder.constant(BigInt64Array.of(1n), []),
      ]);
      const isOne = builder.op('Equal', [length, builder.constant(BigInt64Array.of(1n), [])]);
      const then_branch = builder.subgraph('then', (inner) => {
        inner.output(inner.op('Relu', ['x']), 'float32', []);
      });
      const else_branch = builder.subgraph('else', (inner) => {
        inner.output(inner.op('Sigmoid', ['x']), 'float32', []);
      });
      return head(
        builder,
        builder.op('If', [isOne], {
          then_branch: { g: then_branch },
          else_branch: { g: else_branch },
        }),
      );
    };
    expect(run({ body }, [1, -2, 3, -4])).toEqual([4, 5]);
    const two = { body, shape: [2, 1, 2] };
    expect(refusal(two)).toContain('(Sigmoid): there is no such operator');
  });
});

describe('names', () => {
  /** Five convolutions and three layers, each behind a ReLU, as a chain. */
  const alexnet = (builder: OnnxBuilder) => {
    let x = 'x';
    for (let layer = 0; layer < 5; layer += 1) {
      x = builder.op('Relu', [conv(builder, x, [1, 1, 1])]);
      if (layer !== 2 && layer !== 3)
        x = builder.op('MaxPool', [x], { kernel_shape: { ints: [1, 1] } });
    }
    x = builder.op('Flatten', [x]);
    for (const [out, inputs] of [
      [3, 4],
      [3, 3],
      [2, 3],
    ] as const) {
      const weight = builder.constant(new Float32Array(out * inputs), [out, inputs]);
      x = builder.op('Gemm', [x, weight], { transB: { i: 1 } });
      if (out > 2) x = builder.op('Dropout', [builder.op('Relu', [x])]);
    }
    return x;
  };

  test('of five convolutions and three layers are the paper’s', () => {
    const { graph } = read({ body: alexnet });
    expect(graph.nodes.map(({ name }) => name).join(' ')).toBe(
      'conv1 relu1 pool1 conv2 relu2 pool2 conv3 relu3 conv4 relu4 conv5 relu5 pool5 ' +
        'flatten fc6 relu6 drop6 fc7 relu7 drop7 fc8',
    );
    expect(graph.parameters.map(({ name }) => name).slice(-4)).toEqual([
      'fc7.weight',
      'fc7.bias',
      'fc8.weight',
      'fc8.bias',
    ]);
    expect([graph.input.name, graph.output]).toEqual(['image', 'logits']);
  });

  test('of others are the file’s, without signs that mean something else', () => {
    const body = (builder: OnnxBuilder) => {
      const weight = builder.initializer('features.0.weight', {
        dtype: 'float32',
        shape: [1, 1, 1, 1],
        data: Float32Array.of(1),
      });
      const x = builder.op('Conv', ['x', weight], {}, { name: '/features/0/Conv' });
      return head(builder, builder.op('Relu', [x], {}, { name: '/features/1/Relu:0' }));
    };
    const { graph } = read({ body });
    expect(graph.nodes.map(({ name }) => name)).toEqual([
      'features_0',
      'features_1_Relu_0',
      'Flatten',
      'Gemm',
    ]);
    expect(graph.parameters[0]?.name).toBe('features_0.weight');
  });

  test('that come twice, or not at all, are told apart', () => {
    const body = (builder: OnnxBuilder) =>
      head(builder, builder.op('Relu', [builder.op('Relu', ['x'])]));
    const builder = createOnnxBuilder('g');
    builder.input('x', 'float32', ['N', 1, 2, 2]);
    builder.output(body(builder), 'float32', ['N', 2]);
    const model = builder.build();
    const node = model.graph.node.map((one) => ({
      ...one,
      name: one.opType === 'Relu' ? 'a/b' : '',
    }));
    const { graph } = importOnnx(encodeModel({ ...model, graph: { ...model.graph, node } }));
    expect(graph.nodes.map(({ name }) => name)).toEqual(['a_b', 'a_b_2', 'Flatten', 'Gemm']);
  });
});

describe('what the file does not say', () => {
  const body = (builder: OnnxBuilder) => head(builder, 'x');

  test('is said, and how it was filled in', () => {
    const { metadata, remarks } = read({ body });
    expect(metadata).toMatchObject({
      preset: null,
      labels: ['class 0', 'class 1'],
      preprocessing: { channels: 'grey', crop: { height: 2, width: 2 }, mean: [0.449] },
      provenance: { origin: 'imported' },
    });
    expect(remarks).toHaveLength(2);
  });

  test('can be given', () => {
    const { preprocessing } = createModel('mnist', { widthMultiplier: 0.01 }).metadata;
    const { metadata, remarks } = read({ body }, { labels: ['cat', 'dog'], preprocessing });
    expect(metadata).toMatchObject({ labels: ['cat', 'dog'], preprocessing });
    expect(remarks).toEqual([]);
    expect(refusal({ body }, { labels: ['cat'] })).toContain(
      'INVALID_ARGUMENT: The network has 2 classes',
    );
  });

  test('about its size can be given', () => {
    const free = { body, shape: [1, 'height', 'width'] };
    expect(refusal(free)).toContain(
      'leaves the size of its input free: x float32 [N, 1, height, width]',
    );
    expect(read(free, { inputShape: [1, 2, 2] }).graph.input.shape).toEqual([1, 2, 2]);
    expect(refusal(free, { inputShape: [3, 2, 2] })).toContain(
      'INVALID_ARGUMENT: inputShape is [3, 2, 2]',
    );
    expect(refusal(free, { inputShape: [1, 2, 2, 2] })).toContain('INVALID_ARGUMENT');
    expect(refusal(free, { inputShape: [1, 0, 2] })).toContain('INVALID');
    expect(refusal(free, { inputShape: [1, 3, 3] })).toContain(
      'INVALID_MODEL: The model does not fit',
    );
  });

  test('about its outputs can be given', () => {
    const builder = createOnnxBuilder('g');
    builder.input('x', 'float32', ['N', 1, 2, 2]);
    const logits = head(builder, 'x');
    const softmax = builder.op('Softmax', [logits]);
    builder.output(logits, 'float32', ['N', 2]);
    builder.output(softmax, 'float32', ['N', 2]);
    const bytes = encodeModel(builder.build());
    const outputOf = (output?: string) => importOnnx(bytes, output ? { output } : {}).graph.output;
    expect(outputOf(logits)).toBe('logits');
    expect(outputOf(softmax)).toBe('probabilities');
    expect(() => outputOf()).toThrow('Gemm float32 [N, 2], Softmax float32 [N, 2]');
    expect(() => outputOf('no')).toThrow('The model has no output "no".');
  });
});
