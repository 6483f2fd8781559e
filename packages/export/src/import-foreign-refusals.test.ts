import { describe, expect, test } from 'vitest';
import type { OnnxBuilder } from './builder.ts';
import { conv, floats, head, read, refusal, weigh } from './test-foreign-files.ts';

// Files of other programs, node by node. What PyTorch, TensorFlow and the Model Zoo write is in tests/.

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
