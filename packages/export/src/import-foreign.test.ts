import { createModel, isAlexNetError } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { describe, expect, test } from 'vitest';
import { createOnnxBuilder, type OnnxBuilder } from './builder.ts';
import { type ImportOptions, importOnnx } from './import-onnx.ts';
import { encodeModel } from './proto/codec.ts';

// Files of other programs, node by node. What PyTorch, TensorFlow and the Model Zoo write is in tests/.

interface Foreign {
  /** Adds nodes behind the input `x`; what it gives back is the output. */
  readonly body: (builder: OnnxBuilder) => string;
  /** [C, H, W] of the input, or with its channels last. */
  readonly shape?: readonly (number | string)[];
  readonly classes?: number | string;
  readonly opset?: number;
}

function encode({ body, shape = [1, 2, 2], classes = 'classes', opset = 13 }: Foreign): Uint8Array {
  const builder = createOnnxBuilder('main_graph');
  builder.input('x', 'float32', ['N', ...shape]);
  builder.output(body(builder), 'float32', ['N', classes]);
  const { producerName: _, ...model } = builder.build({ opset });
  return encodeModel({ ...model, producerName: 'other' });
}

function read(foreign: Foreign, options?: ImportOptions) {
  return importOnnx(encode(foreign), options);
}

function refusal(foreign: Foreign, options?: ImportOptions): string {
  try {
    read(foreign, options);
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    expect(error.hint).toMatch(/\w{2}/);
    return `${error.code}: ${error.message}`;
  }
  throw new Error('The model was accepted.');
}

/** What it makes of one picture. */
function run(foreign: Foreign, picture: readonly number[], options?: ImportOptions) {
  const { graph, weights } = read(foreign, options);
  const image = { shape: [1, ...graph.input.shape], data: Float32Array.from(picture) };
  return [...(interpret(graph, weights, image).get(graph.output)?.data ?? [])];
}

function floats(builder: OnnxBuilder, shape: readonly number[], ...values: number[]) {
  return builder.constant(Float32Array.from(values), shape);
}

/** x → Flatten → Gemm with two classes. */
function head(builder: OnnxBuilder, x: string, features = 4): string {
  const weight = builder.constant(new Float32Array(2 * features).fill(1), [2, features]);
  const bias = floats(builder, [2], 0, 1);
  return builder.op('Gemm', [builder.op('Flatten', [x]), weight, bias], { transB: { i: 1 } });
}

function conv(
  builder: OnnxBuilder,
  x: string,
  [out, inputs, kernel]: readonly [number, number, number],
) {
  const weight = builder.constant(new Float32Array(out * inputs * kernel ** 2).fill(0.5), [
    out,
    inputs,
    kernel,
    kernel,
  ]);
  return builder.op('Conv', [x, weight]);
}

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

describe('what is not read is named', () => {
  test.each<[string, (builder: OnnxBuilder) => string, string]>([
    [
      'another operator',
      (b) => head(b, b.op('Sigmoid', ['x'])),
      'Sigmoid (Sigmoid): there is no such operator',
    ],
    [
      'a sum of two values',
      (b) => head(b, b.op('Add', ['x', b.op('Relu', ['x'])])),
      'Add (Add) puts two values of the network together',
    ],
    ['a square alone', (b) => head(b, b.op('Mul', ['x', 'x'])), 'computes with a square'],
    [
      'part of the channels',
      (b) => head(b, b.op('Slice', ['x', b.ints(0), b.ints(0), b.ints(1)])),
      'towers',
    ],
    [
      'a mean over channels',
      (b) => head(b, b.op('ReduceMean', ['x'], { axes: { ints: [1] } })),
      'other axes',
    ],
    [
      'a reshape of the batch',
      (b) => b.op('Reshape', ['x', b.ints(-1, 8)]),
      'turns [N, 1, 2, 2] into [-1, 8]',
    ],
    [
      'a shape that is an input',
      (b) => b.op('Reshape', ['x', b.op('Cast', ['x'], { to: { i: 7 } })]),
      'makes data type 7',
    ],
    [
      'a reflected frame',
      (b) =>
        head(b, b.op('Pad', ['x', b.ints(0, 0, 1, 1, 0, 0, 1, 1)], { mode: { s: 'reflect' } })),
      'mode = reflect',
    ],
    [
      'a frame before a layer',
      (b) => head(b, b.op('Pad', ['x', b.ints(0, 0, 1, 1, 0, 0, 1, 1)]), 16),
      'between zeros and the window',
    ],
    [
      'a frame of zeros that can be the maximum',
      (b) =>
        head(
          b,
          b.op('MaxPool', [b.op('Pad', ['x', b.ints(0, 0, 1, 1, 0, 0, 1, 1)])], {
            kernel_shape: { ints: [2, 2] },
          }),
        ),
      'follows a Pad of 0, which can be the maximum',
    ],
    [
      'a transposed picture',
      (b) => conv(b, b.op('Transpose', ['x'], { perm: { ints: [0, 2, 1, 3] } }), [1, 2, 1]),
      'reads [N, 2, 1, 2]',
    ],
    [
      'an axis of the softmax',
      (b) => b.op('Softmax', [head(b, 'x')], { axis: { i: 0 } }),
      'has axis = 0',
    ],
    [
      'towers that are not alike',
      (b) =>
        head(
          b,
          b.op('Concat', [conv(b, 'x', [1, 1, 1]), b.op('Relu', [conv(b, 'x', [1, 1, 1])])], {
            axis: { i: 1 },
          }),
          8,
        ),
      'joins values that are not towers',
    ],
    [
      'weights that are made in the run',
      (b) => b.op('Gemm', [b.op('Flatten', ['x']), b.op('Flatten', ['x'])]),
      'which is no constant',
    ],
    ['a network without a layer', () => 'x', 'is the input itself'],
  ])('%s', (_name, body, expected) => {
    const message = refusal({ body });
    expect(message).toContain('UNSUPPORTED');
    expect(message).toContain(expected);
  });

  test('batch normalisation in training, with what to do', () => {
    const body = (builder: OnnxBuilder) => {
      const one = floats(builder, [1], 1);
      return head(
        builder,
        builder.op('BatchNormalization', ['x', one, one, one, one], { training_mode: { i: 1 } }),
      );
    };
    expect(refusal({ body })).toContain('exported for training');
  });

  test('but not where nothing needs it', () => {
    const body = (builder: OnnxBuilder) => {
      builder.op('Sigmoid', ['x']);
      builder.op('FutureOp', ['x'], {}, { domain: 'com.example' });
      return head(builder, 'x');
    };
    expect(read({ body }).graph.nodes).toHaveLength(2);
  });
});

describe('a file made to do harm', () => {
  test.each<[string, (builder: OnnxBuilder) => string]>([
    [
      'a constant of 2⁶⁰ numbers',
      (b) => weigh(b, b.op('ConstantOfShape', [b.ints(2 ** 30, 2 ** 30)])),
    ],
    [
      'a constant of lengths that overflow',
      (b) => weigh(b, b.op('ConstantOfShape', [b.ints(2 ** 50, 2 ** 50)])),
    ],
    [
      'a sum that repeats both its sides',
      (b) => {
        const zeros = new Float32Array(20_000);
        return weigh(
          b,
          b.op('Add', [b.constant(zeros, [20_000, 1]), b.constant(zeros, [1, 20_000])]),
        );
      },
    ],
    [
      'constants that double and double',
      (b) => {
        let x = b.constant(new Float32Array(1000));
        for (let count = 0; count < 40; count += 1) x = b.op('Concat', [x, x], { axis: { i: 0 } });
        return weigh(b, x);
      },
    ],
    [
      'many places of a constant',
      (b) => {
        const places = b.constant(new BigInt64Array(20_000));
        return weigh(
          b,
          b.op('Gather', [b.constant(new Float32Array(20_000), [1, 20_000]), places]),
        );
      },
    ],
  ])('%s is refused before it is made', (_name, body) => {
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal({ body })).toMatch(/UNSUPPORTED: .* numbers/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 30);
  });

  test('towers of any height are refused, not climbed', () => {
    const body = (builder: OnnxBuilder) => {
      const towers = [0, 1].map(() => {
        let x = conv(builder, 'x', [1, 1, 1]);
        for (let layer = 0; layer < 500; layer += 1) x = builder.op('Relu', [x]);
        return x;
      });
      return head(builder, builder.op('Concat', towers, { axis: { i: 1 } }), 8);
    };
    expect(refusal({ body })).toContain('joins values that are not towers');
  });

  test('an axis list, a rank or a graph without end is refused', () => {
    const long = new BigInt64Array(100_000).fill(1n);
    expect(refusal({ body: (b) => b.op('Reshape', ['x', b.constant(long)]) })).toContain(
      'UNSUPPORTED',
    );
    expect(refusal({ body: (b) => head(b, b.op('Unsqueeze', ['x', b.constant(long)])) })).toContain(
      'UNSUPPORTED',
    );
    const pads = { kernel_shape: { ints: [1, 1] }, pads: { ints: [2 ** 31, 0, 0, 0] } };
    expect(refusal({ body: (b) => head(b, b.op('MaxPool', ['x'], pads)) })).toContain(
      'INVALID_MODEL',
    );
    const chain = (b: OnnxBuilder) => {
      let x = 'x';
      for (let count = 0; count < 3000; count += 1) x = b.op('Relu', [x]);
      return head(b, x);
    };
    expect(refusal({ body: chain })).toContain('more than 2000 nodes');
    const huge = {
      body: (b: OnnxBuilder) => head(b, b.op('Relu', ['x'])),
      shape: [3, 2 ** 40, 2 ** 40],
    };
    expect(refusal(huge)).toContain('INVALID_MODEL');
    const wide = { ...huge, shape: [2 ** 40, 2 ** 40, 2 ** 40] };
    expect(refusal(wide)).toContain('1099511627776 channels; 1024 are the limit');
  });

  test('names from the prototype of objects are names', () => {
    const body = (builder: OnnxBuilder) => {
      const one = { dtype: 'float32', shape: [1, 1, 1, 1], data: Float32Array.of(1) } as const;
      const weight = builder.initializer('__proto__', one);
      return head(
        builder,
        builder.op('Conv', ['x', weight], {}, { name: 'constructor', output: 'toString' }),
      );
    };
    expect(read({ body }).graph.nodes[0]?.name).toBe('constructor');
  });
});

/** A layer whose weight this is. */
function weigh(builder: OnnxBuilder, weight: string): string {
  return builder.op('Gemm', [builder.op('Flatten', ['x']), weight]);
}
