import { describe, expect, test } from 'vitest';
import { createOnnxBuilder } from './builder.ts';
import { AttributeType } from './proto/messages.ts';

function createLinear() {
  const builder = createOnnxBuilder('linear');
  const x = builder.input('x', 'float32', ['N', 2]);
  const data = Float32Array.of(1, 2, 3, 4);
  const w = builder.initializer('w', { dtype: 'float32', shape: [2, 2], data });
  return { builder, x, w };
}

describe('names', () => {
  test('come from the scopes and the operator, and are unique', () => {
    const { builder, x, w } = createLinear();
    const a = builder.scope('fc', () =>
      builder.scope('gradient', () => builder.op('MatMul', [x, w])),
    );
    const b = builder.scope('fc', () =>
      builder.scope('gradient', () => builder.op('MatMul', [x, w])),
    );
    const c = builder.op('Relu', [a]);
    expect([a, b, c]).toEqual(['fc/gradient/MatMul', 'fc/gradient/MatMul_1', 'Relu']);
  });

  test('that are given are used as they are', () => {
    const { builder, x } = createLinear();
    const y = builder.scope('s', () => builder.op('Relu', [x], {}, { name: 'relu1', output: 'y' }));
    builder.output(y, 'float32', ['N', 2]);
    const [node] = builder.build().graph.node;
    expect(node).toMatchObject({ name: 'relu1', input: ['x'], output: ['y'] });
  });

  test('a scope ends when its body throws', () => {
    const { builder, x } = createLinear();
    const fail = () => {
      throw new Error('stop');
    };
    expect(() => builder.scope('s', fail)).toThrow('stop');
    expect(builder.op('Relu', [x])).toBe('Relu');
  });

  test('of several outputs end in their index', () => {
    const { builder, x } = createLinear();
    expect(builder.ops('Split', [x], { axis: { i: 1 } }, 2)).toEqual(['Split/0', 'Split/1']);
    expect(builder.ops('Split', [x], {}, 1, { output: 'half' })).toEqual(['half/0']);
  });

  test('cannot be taken twice', () => {
    const { builder, x } = createLinear();
    expect(() => builder.input('w', 'float32', [])).toThrow('two values named "w"');
    builder.op('Relu', [x], {}, { name: 'relu1' });
    expect(() => builder.op('Relu', [x], {}, { name: 'relu1' })).toThrow('two nodes named "relu1"');
    builder.output(x, 'float32', ['N', 2]);
    expect(() => builder.output(x, 'float32', ['N', 2])).toThrow('two outputs named "x"');
    expect(() => builder.input('', 'float32', [])).toThrow('has no name');
  });

  test('such as __proto__ are names', () => {
    const { builder, x } = createLinear();
    expect(builder.op('Relu', [x], {}, { name: '__proto__', output: '__proto__' })).toBe(
      '__proto__',
    );
    expect(builder.op('Relu', ['__proto__'])).toBe('Relu');
  });
});

describe('operands', () => {
  test('must exist', () => {
    const { builder } = createLinear();
    expect(() => builder.op('Relu', ['y'], {}, { name: 'relu1' })).toThrow(
      'relu1 uses "y", which no input, weight or earlier node of the graph "linear" makes.',
    );
    expect(() => builder.output('y', 'float32', [])).toThrow('output uses "y"');
  });

  test('can be left out', () => {
    const { builder, x } = createLinear();
    builder.output(builder.op('Clip', [x, '', builder.scalar(6)]), 'float32', ['N', 2]);
    expect(builder.build().graph.node[0]?.input).toEqual(['x', '', 'constant/6']);
  });
});

describe('constants', () => {
  test('of equal type, shape and bits are one', () => {
    const builder = createOnnxBuilder('g');
    expect(builder.scalar(0.5)).toBe(builder.scalar(0.5));
    expect(builder.ints(1, -1)).toBe(builder.ints(1, -1));
    const names = [
      builder.scalar(1),
      builder.constant(Float32Array.of(1)),
      builder.ints(1),
      builder.constant(Int32Array.of(1)),
      builder.constant(Uint8Array.of(1)),
      builder.scalar(0),
      builder.scalar(-0),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  test('do not change when the array is used again', () => {
    const { builder, x } = createLinear();
    const values = Float32Array.of(3);
    const three = builder.constant(values);
    values[0] = 4;
    expect(builder.constant(values)).not.toBe(three);
    builder.output(x, 'float32', ['N', 2]);
    const tensor = builder.build().graph.initializer.find(({ name }) => name === three);
    expect(tensor?.rawData).toEqual(Uint8Array.of(0, 0, 0x40, 0x40));
  });

  test('that are large are not compared', () => {
    const builder = createOnnxBuilder('g');
    const large = new Float32Array(1000);
    const names = builder.scope('conv1', () => [builder.constant(large), builder.constant(large)]);
    expect(names).toEqual(['conv1/constant', 'conv1/constant_1']);
  });

  test('have as many elements as their shape says', () => {
    const builder = createOnnxBuilder('g');
    expect(() => builder.constant(Float32Array.of(1, 2), [3])).toThrow(
      '[3], 3 elements, but 2 values',
    );
    expect(() => builder.constant(Float32Array.of(1, 2), [-1, -2])).toThrow('shape [-1, -2]');
  });

  test('are little-endian', () => {
    const { builder, x } = createLinear();
    builder.ints(258);
    builder.output(x, 'float32', ['N', 2]);
    const tensor = builder.build().graph.initializer[1];
    expect(tensor).toMatchObject({ dims: [1], dataType: 7, name: 'constant/258' });
    expect(tensor?.rawData).toEqual(Uint8Array.of(2, 1, 0, 0, 0, 0, 0, 0));
  });
});

test('a weight is a view of the caller’s array', () => {
  const { builder, x } = createLinear();
  const data = Float32Array.of(1, 2);
  builder.initializer('v', { dtype: 'float32', shape: [2], data });
  builder.output(x, 'float32', ['N', 2]);
  expect(builder.build().graph.initializer[1]?.rawData?.buffer).toBe(data.buffer);
});

test('attributes have the type that they are given', () => {
  const { builder, x } = createLinear();
  const t = { dtype: 'int64', shape: [1], data: BigInt64Array.of(5n) } as const;
  const attributes = {
    a: { i: 1 },
    b: { f: 1 },
    c: { s: 'NOTSET' },
    d: { ints: [1, 2] },
    e: { floats: [1.5] },
    f: { t },
  };
  builder.output(builder.op('X', [x], attributes, { domain: 'd' }), 'float32', []);
  const model = builder.build({ domains: { d: 1 } });
  const types = model.graph.node[0]?.attribute.map(({ name, type }) => [name, type]);
  expect(types).toEqual([
    ['a', AttributeType.int],
    ['b', AttributeType.float],
    ['c', AttributeType.string],
    ['d', AttributeType.ints],
    ['e', AttributeType.floats],
    ['f', AttributeType.tensor],
  ]);
  expect(model.graph.node[0]?.domain).toBe('d');
  expect(model.opsetImport).toEqual([
    { domain: '', version: 20 },
    { domain: 'd', version: 1 },
  ]);
});

test('integers are integers', () => {
  const { builder, x } = createLinear();
  expect(() => builder.op('X', [x], { axis: { i: 0.5 } })).toThrow('"axis" is 0.5');
  expect(() => builder.op('X', [x], { pads: { ints: [1, Number.NaN] } })).toThrow('"pads" is NaN');
  expect(() => builder.ints(2 ** 60)).toThrow('"ints" is 1152921504606847000');
  expect(() => builder.input('y', 'float32', [-1])).toThrow('An axis cannot be -1 long.');
});

test('a graph within a graph sees the values before it, and has names of its own', () => {
  const { builder, x, w } = createLinear();
  const half = builder.scalar(0.5);
  const body = builder.subgraph('body', (inner) => {
    const state = inner.input('state', 'float32', [2, 2]);
    const product = inner.op('Mul', [state, w]);
    inner.output(inner.op('Mul', [product, inner.scalar(0.5)]), 'float32', [2, 2]);
  });
  expect(body.node.map(({ input, output }) => [...input, ...output])).toEqual([
    ['state', 'w', 'Mul'],
    ['Mul', half, 'Mul_1'],
  ]);
  expect(body.initializer).toEqual([]);
  expect(() => builder.op('Relu', ['state'])).toThrow('uses "state"');
  const loop = builder.op('Loop', ['', '', x], { body: { g: body } });
  builder.output(loop, 'float32', [2, 2]);
  expect(builder.build().graph.node[0]?.attribute[0]).toMatchObject({
    type: AttributeType.graph,
    g: { name: 'body' },
  });
});

describe('build', () => {
  test('declares inputs and outputs, free axes by name', () => {
    const { builder, x } = createLinear();
    builder.output(builder.op('Relu', [x]), 'float32', ['N', 2]);
    builder.outputSequence(builder.op('SequenceConstruct', [x]), 'float32');
    const { graph } = builder.build();
    const tensorType = { elemType: 1, shape: { dim: [{ dimParam: 'N' }, { dimValue: 2 }] } };
    expect(graph.input).toEqual([{ name: 'x', type: { tensorType } }]);
    expect(graph.output).toEqual([
      { name: 'Relu', type: { tensorType } },
      {
        name: 'SequenceConstruct',
        type: { sequenceType: { elemType: { tensorType: { elemType: 1 } } } },
      },
    ]);
  });

  test('writes metadata and versions', () => {
    const { builder, x } = createLinear();
    builder.output(x, 'float32', ['N', 2]);
    expect(builder.build({ metadata: { a: 'b' }, docString: 'd' })).toMatchObject({
      irVersion: 9,
      producerName: 'alexnet',
      docString: 'd',
      opsetImport: [{ domain: '', version: 20 }],
      metadataProps: [{ key: 'a', value: 'b' }],
    });
    expect(builder.build({ opset: 18, irVersion: 8 })).toMatchObject({
      irVersion: 8,
      opsetImport: [{ version: 18 }],
    });
  });

  test('needs an output', () => {
    expect(() => createLinear().builder.build()).toThrow('The graph "linear" has no outputs.');
  });
});
