import { describe, expect, test } from 'vitest';
import { type Attribute, makeAttributeProto } from './attribute.ts';
import { importOnnx } from './import-onnx.ts';
import type { NodeProto } from './proto/messages.ts';
import {
  model,
  read,
  readAttribute,
  readGraph,
  readNode,
  readProp,
  readWeight,
  refusal,
} from './test-onnx-files.ts';
import { makeTensorInfo } from './value-info.ts';

test.each([
  ['a path', 'model.onnx'],
  ['an ArrayBuffer', new ArrayBuffer(8)],
])('%s is no bytes, which is said', (_what, value) => {
  const given = { bytes: JSON.parse('null') };
  given.bytes = value;
  expect(refusal(() => importOnnx(given.bytes))).toContain(
    'INVALID_ARGUMENT: importOnnx takes the bytes of a file',
  );
});

describe('the graph', () => {
  const { node } = model.graph;

  test('with a cycle is refused', () => {
    const message = refusal(() => readNode('relu1', () => ({ input: ['norm1'] })));
    expect(message).toContain(
      'INVALID_MODEL: The model does not fit together: relu1 reads "norm1"',
    );
    expect(message).toContain('a cycle, or nodes out of order');
  });

  test('with nodes out of order is refused', () => {
    expect(refusal(() => readGraph({ node: [...node].reverse() }))).toContain('out of order');
  });

  test('with a dangling operand is refused', () => {
    expect(refusal(() => readNode('relu1', () => ({ input: ['conv9'] })))).toContain(
      'relu1 reads "conv9", which does not exist.',
    );
  });

  test('with two nodes or two values of one name is refused', () => {
    expect(refusal(() => readNode('relu2', () => ({ name: 'relu1' })))).toContain('"relu1"');
    expect(refusal(() => readNode('relu2', () => ({ output: ['relu1'] })))).toContain('"relu1"');
    expect(refusal(() => readNode('relu2', () => ({ output: ['constant/0.5'] })))).toContain(
      'relu2 (Relu) makes "constant/0.5", which is a weight as well.',
    );
  });

  test('whose shapes do not fit is refused', () => {
    const [conv1] = node;
    const message = refusal(() => readGraph({ node: conv1 ? [conv1, ...node.slice(4)] : [] }));
    expect(message).toMatch(/^INVALID_MODEL: The model does not fit together/);
  });

  test('that makes another number of classes than it says is refused', () => {
    const output = [makeTensorInfo('logits', 'float32', ['N', 4])];
    expect(refusal(() => readGraph({ output }))).toBe(
      'INVALID_MODEL: The file says that logits is [N, 4], but its nodes make [N, 3].',
    );
  });

  test.each([
    ['no input', { input: [] }, 'inputs are none'],
    [
      'an input of int64',
      { input: [makeTensorInfo('image', 'int64', ['N', 3, 9, 9])] },
      'image int64',
    ],
    ['an input of rank 2', { input: [makeTensorInfo('image', 'float32', ['N', 3])] }, '[N, 3]'],
    [
      'an input of free size',
      { input: [makeTensorInfo('image', 'float32', ['N', 3, 'H', 'W'])] },
      '[N, 3, H, W]',
    ],
    ['an input of unknown shape', { input: [{ name: 'image' }] }, 'image other'],
    ['no output', { output: [] }, 'outputs are none'],
    ['an output that nothing makes', { output: [makeTensorInfo('prob', 'float32', [])] }, '"prob"'],
  ])('with %s is refused', (_name, change, expected) => {
    expect(refusal(() => readGraph(change))).toContain(expected);
  });

  test('with names that are no names is refused', () => {
    const long = 'x'.repeat(501);
    expect(refusal(() => readNode('relu1', () => ({ opType: long })))).toContain(
      'a name of 501 characters; 500 is the limit',
    );
    expect(refusal(() => readNode('relu1', () => ({ name: '\u001b[2J' })))).toContain(
      'a name with control characters: "\\u001b[2J"',
    );
    expect(refusal(() => readWeight('fc8.bias', { name: 'fc8\n' }))).toContain('INVALID_MODEL');
    expect(refusal(() => readAttribute('conv1', '\u0007', { i: 1 }))).toContain('INVALID_MODEL');
    const output = [makeTensorInfo('logits', 'float32', [long, 3])];
    expect(refusal(() => readGraph({ output }))).toContain('a name of 501 characters');
  });

  test('of an operator set that is not known yet is refused', () => {
    const opsetImport = [{ domain: '', version: 99 }];
    expect(refusal(() => read({ opsetImport }))).toContain('operator set 99');
    expect(read({ opsetImport: [] }).graph.nodes).toHaveLength(model.graph.node.length);
  });
});

describe('a node', () => {
  test.each(['Sigmoid', '__proto__', 'constructor', 'toString', ''])(
    'of operator "%s" is refused',
    (opType) => {
      expect(refusal(() => readNode('relu1', () => ({ opType })))).toContain(
        `UNSUPPORTED: relu1 (${opType}): there is no such operator`,
      );
    },
  );

  test('of another domain is refused', () => {
    expect(refusal(() => readNode('relu1', () => ({ domain: 'com.evil' })))).toContain('com.evil');
    expect(readNode('relu1', () => ({ domain: 'ai.onnx' })).graph.nodes).toHaveLength(
      model.graph.node.length,
    );
  });

  test('without a name has that of its value', () => {
    expect(readNode('relu1', () => ({ name: '' })).graph.nodes[1]?.name).toBe('relu1');
  });

  test.each<[string, string, Attribute, string]>([
    ['conv1', 'auto_pad', { s: 'SAME' }, 'auto_pad = SAME'],
    ['conv1', 'dilations', { ints: [2, 2] }, 'dilations = 2,2'],
    ['pool1', 'ceil_mode', { i: 2 }, 'ceil_mode = 2'],
    ['fc6', 'transA', { i: 1 }, 'transA = 1'],
    ['flatten', 'axis', { i: 2 }, 'axis = 2'],
    ['relu1', 'slope', { f: 2 }, 'the attribute "slope", which this reader does not know'],
    ['conv1', 'strides', { ints: [4] }, '"strides" is not one of pictures'],
    ['conv1', 'pads', { ints: [0, 0] }, '"pads" is not one of pictures'],
  ])('%s with %s that the IR cannot hold is refused', (node, name, value, expected) => {
    expect(refusal(() => readAttribute(node, name, value))).toContain(`UNSUPPORTED: ${node} (`);
    expect(refusal(() => readAttribute(node, name, value))).toContain(expected);
  });

  test('with an attribute of another type, twice, or not at all is refused', () => {
    expect(refusal(() => readAttribute('conv1', 'group', { f: 2 }))).toContain(
      'INVALID_MODEL: conv1 (Conv): the attribute "group" has type 1, but should have type 2.',
    );
    const twice = ({ attribute }: NodeProto) => ({ attribute: [...attribute, ...attribute] });
    expect(refusal(() => readNode('conv1', twice))).toContain('"dilations" twice');
    expect(refusal(() => readNode('pool1', () => ({ attribute: [] })))).toContain(
      'pool1 (MaxPool) has no attribute "kernel_shape".',
    );
    expect(refusal(() => readNode('fc6', () => ({ attribute: [] })))).toMatch(
      /^INVALID_MODEL: The model does not fit together: fc6 expects 8 inputs/,
    );
  });

  test('with a stride of zero is refused', () => {
    expect(refusal(() => readAttribute('conv1', 'strides', { ints: [0, 0] }))).toContain(
      'INVALID_MODEL',
    );
  });

  test('without attributes has those of ONNX’s defaults', () => {
    const attribute = [makeAttributeProto('size', { i: 5 })];
    const { nodes } = readNode('norm1', () => ({ attribute })).graph;
    expect(nodes.find(({ name }) => name === 'norm1')?.attributes).toEqual({
      size: 5,
      alpha: 2e-5,
      beta: 0.75,
      k: 1,
      groups: 1,
    });
  });

  test('with too few or too many operands or values is refused', () => {
    expect(refusal(() => readNode('fc6', ({ input }) => ({ input: input.slice(0, 1) })))).toBe(
      'UNSUPPORTED: fc6 (Gemm) has no operand "weight".',
    );
    expect(refusal(() => readNode('relu1', () => ({ input: ['conv1', 'conv1'] })))).toContain(
      'an operand too many: "conv1"',
    );
    expect(refusal(() => readNode('pool1', () => ({ output: ['values', 'pool1'] })))).toContain(
      'pool1 (MaxPool) makes "pool1" too, which is not read.',
    );
    expect(readNode('pool1', () => ({ output: ['pool1', 'indices'] })).graph.nodes).toHaveLength(
      model.graph.node.length,
    );
    expect(refusal(() => readNode('pool1', () => ({ output: [] })))).toContain('"pool1"');
  });

  test('a dropout takes its ratio from a constant, or has the default', () => {
    const ratioOf = (input: readonly string[]) => {
      const { nodes } = readNode('drop7', () => ({ input })).graph;
      return nodes.find(({ name }) => name === 'drop7')?.attributes;
    };
    expect(ratioOf(['relu7'])).toEqual({ ratio: 0.5 });
    expect(ratioOf(['relu7', ''])).toEqual({ ratio: 0.5 });
    expect(refusal(() => ratioOf(['relu7', 'relu6']))).toContain('which is no constant');
    expect(refusal(() => ratioOf(['relu7', 'fc8.bias']))).toContain('no constant of one element');
    expect(ratioOf(['relu7', 'constant/0.5', 'constant/0.5'])).toEqual({ ratio: 0.5 });
    const tooMany = ['relu7', 'constant/0.5', '', 'constant/0.5'];
    expect(refusal(() => ratioOf(tooMany))).toContain('too many');
    expect(refusal(() => readAttribute('drop7', 'ratio', { f: 1 }))).toContain('"ratio"');
  });
});

describe('metadata', () => {
  test('that is missing is filled in, and a remark says so', () => {
    expect(readProp('alexnet.labels', undefined)).toMatchObject({
      metadata: { labels: ['class 0', 'class 1', 'class 2'] },
      remarks: ['The file does not name its 3 classes: they are numbered.'],
    });
    expect(read({}).remarks).toEqual([]);
    const { metadata, remarks } = read({ metadataProps: [] });
    expect(metadata).toMatchObject({ preset: 'caffe-alexnet', provenance: { origin: 'imported' } });
    expect(remarks.join(' ')).toContain('What "caffe-alexnet" was published with is assumed.');
  });

  test.each([
    ['alexnet.labels', 'not json', 'is not JSON'],
    ['alexnet.labels', '['.repeat(200_000) + ']'.repeat(200_000), 'nested too deep'],
    ['alexnet.labels', '{"0":"cat"}', 'should be a list'],
    ['alexnet.labels', '[1,2,3]', '0 should be a text'],
    ['alexnet.labels', '["cat"]', '3 classes, but 1 labels'],
    ['alexnet.preprocessing', '{"__proto__":{"scale":1}}', 'should be one of "RGB"'],
    ['alexnet.preprocessing', 'null', 'should be an object'],
    ['alexnet.provenance', '{"origin":"stolen"}', 'origin should be one of'],
  ])('%s that is wrong is refused (%#)', (key, value, expected) => {
    const message = refusal(() => readProp(key, value));
    expect(message).toContain('INVALID_MODEL');
    expect(message).toContain(expected);
  });

  test('twice under one key is refused', () => {
    const metadataProps = [...model.metadataProps, ...model.metadataProps];
    expect(refusal(() => read({ metadataProps }))).toContain('"alexnet.preset" twice');
  });
});
