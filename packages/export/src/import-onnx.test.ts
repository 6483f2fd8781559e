import {
  createGraphBuilder,
  createModel,
  type Graph,
  type GraphBuilder,
  initializeModel,
  isAlexNetError,
  type Model,
  type Node,
  PRESET_IDS,
} from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { type Attribute, makeAttributeProto } from './attribute.ts';
import type { ExportOptions } from './export-options.ts';
import { importOnnx } from './import-onnx.ts';
import { encodeModel } from './proto/codec.ts';
import {
  DataType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from './proto/messages.ts';
import { exportOnnx, toOnnx } from './to-onnx.ts';
import { makeTensorInfo } from './value-info.ts';

const model = toOnnx(createModel('mini', { widthMultiplier: 0.002, classes: 3 }));

function read(change: Partial<ModelProto>) {
  return importOnnx(encodeModel({ ...model, ...change }));
}

function readGraph(change: Partial<GraphProto>) {
  return read({ graph: { ...model.graph, ...change } });
}

function readNode(name: string, change: (node: NodeProto) => Partial<NodeProto>) {
  const node = model.graph.node.map((old) =>
    old.name === name ? { ...old, ...change(old) } : old,
  );
  return readGraph({ node });
}

function readAttribute(node: string, name: string, value: Attribute) {
  return readNode(node, ({ attribute }) => ({
    attribute: [...attribute.filter((old) => old.name !== name), makeAttributeProto(name, value)],
  }));
}

function readWeight(name: string, change: Partial<TensorProto>) {
  const initializer = model.graph.initializer.map((old) =>
    old.name === name ? { ...old, ...change } : old,
  );
  return readGraph({ initializer });
}

function readProp(key: string, value: string | undefined) {
  const others = model.metadataProps.filter((entry) => entry.key !== key);
  return read({ metadataProps: value === undefined ? others : [...others, { key, value }] });
}

/** The error that a reading ends with, in one line: code, message, hint. */
function refusal(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    expect(error.hint).toMatch(/\w{2}/);
    return `${error.code}: ${error.message}`;
  }
  throw new Error('The model was accepted.');
}

describe('a file of ours', () => {
  /** A chain of these layers on pictures [4, 9, 7], with a head of three classes. */
  const chainOf = (add: (chain: GraphBuilder) => GraphBuilder): Model => {
    const init = (kind: 'normal' | 'constant') =>
      kind === 'normal' ? { kind, mean: 0, std: 1 } : { kind, value: 0.5 };
    const layer = { weight: init('normal'), bias: init('constant') };
    const chain = add(
      createGraphBuilder('chain', [4, 9, 7]).conv('conv1', { channels: 4, kernel: 1, init: layer }),
    );
    const graph = chain.flatten('flatten').gemm('fc8', { features: 3, init: layer }).build();
    const { preprocessing } = createModel('mnist', { widthMultiplier: 0.01 }).metadata;
    return initializeModel({ preset: null, graph, preprocessing }, { seed: 3 });
  };
  const norm = { alpha: 2e-5, beta: 0.75, k: 2 };

  test.each<[string, (chain: GraphBuilder) => GraphBuilder]>([
    ['LRN in groups', (chain) => chain.lrn('norm1', { ...norm, size: 3, groups: 2 })],
    ['LRN of even size', (chain) => chain.lrn('norm1', { ...norm, size: 2, groups: 1 })],
    ['LRN of even size in groups', (chain) => chain.lrn('norm1', { ...norm, size: 4, groups: 2 })],
    ['LRN of each channel', (chain) => chain.lrn('norm1', { ...norm, size: 4, groups: 4 })],
    ['LRN of one channel', (chain) => chain.lrn('norm1', { ...norm, size: 1, groups: 1 })],
    ['spatial LRN', (chain) => chain.spatialLrn('norm1', { ...norm, size: 5 })],
    ['spatial LRN of even size', (chain) => chain.spatialLrn('norm1', { ...norm, size: 4 })],
    ['a pool that has nothing to do', (chain) => chain.adaptiveAveragePool('pool1', [9, 7])],
    ['a pool that divides', (chain) => chain.adaptiveAveragePool('pool1', [3, 7])],
    ['a pool that does not divide', (chain) => chain.adaptiveAveragePool('pool1', [4, 5])],
    ['a pool of everything', (chain) => chain.adaptiveAveragePool('pool1', 1)],
    ['a pool that makes more', (chain) => chain.adaptiveAveragePool('pool1', [10, 14])],
    ['a mean', (chain) => chain.averagePool('pool1', { kernel: 3, stride: 3 })],
    ['a mean of pixels', (chain) => chain.averagePool('pool1', { kernel: 1 })],
    [
      'a mean with padding',
      (chain) => chain.averagePool('pool1', { kernel: 3, stride: 2, pads: 1 }),
    ],
    [
      'a mean with padding that counts',
      (chain) =>
        chain.averagePool('pool1', {
          kernel: 3,
          stride: 2,
          pads: [0, 1, 1, 1],
          countIncludePad: true,
        }),
    ],
    [
      'a mean with padding that counts, rounded up',
      (chain) =>
        chain.averagePool('pool1', {
          kernel: 4,
          stride: 3,
          pads: 1,
          ceilMode: true,
          countIncludePad: true,
        }),
    ],
    [
      'batch normalisation',
      (chain) => chain.batchNormalization('bn1', { epsilon: 1e-3, momentum: 0.99 }),
    ],
    ['tanh', (chain) => chain.tanh('tanh1')],
  ])('with %s comes back as it was', (_name, add) => {
    const own = chainOf(add);
    const bytes = exportOnnx(own);
    const back = importOnnx(bytes);
    expect(back.graph.nodes).toEqual(own.graph.nodes);
    expect([...back.weights]).toEqual([...own.weights]);
    expect(back.remarks).toEqual([]);
    expect(exportOnnx(back)).toEqual(bytes);
  });

  test.each(PRESET_IDS)('of the preset %s comes back as it was', (preset) => {
    const own = createModel(preset, { widthMultiplier: 0.002, classes: 3 });
    const bytes = exportOnnx(own);
    const back = importOnnx(bytes);
    const plain = own.graph.nodes.filter((node) => !isRounded(node));
    expect(back.graph.nodes).toMatchObject(own.graph.nodes.map(({ op, name }) => ({ op, name })));
    expect(back.graph.nodes).toEqual(expect.arrayContaining(plain));
    expect(back.metadata).toEqual(own.metadata);
    expect(exportOnnx(back)).toEqual(bytes);
  });

  test.each(PRESET_IDS)('of the preset %s comes back from every form', (preset) => {
    const own = createModel(preset, { widthMultiplier: 0.002, classes: 3 });
    const layer = own.graph.nodes.find(({ op }) => op === 'Relu' || op === 'Tanh')?.name ?? '';
    for (const options of [
      { lrn: 'conv' },
      { weights: 'int8' },
      { weights: 'float16', lrn: 'conv' },
      { output: 'both', features: [layer] },
    ] as const satisfies readonly ExportOptions[]) {
      const bytes = exportOnnx(own, options);
      const back = importOnnx(bytes);
      expect(namesOf(back.graph)).toEqual(namesOf(own.graph));
      expect(back.remarks).toEqual([]);
      expect(Buffer.compare(exportOnnx(back, options), bytes)).toBe(0);
    }
  });

  // Wide enough that no window reaches from every channel to all others, and both groups.
  test.each([
    ['mini', 0.2],
    ['mnist', 0.4],
    ['extra-conv', 0.1],
  ] as const)('of the preset %s has its normalisation as it was', (preset, widthMultiplier) => {
    const { graph, ...own } = createModel(preset, { widthMultiplier, classes: 3 });
    expect(importOnnx(exportOnnx({ graph, ...own }, { lrn: 'conv' })).graph.nodes).toEqual(
      graph.nodes,
    );
  });

  test('with normalisation of every kind comes back from a convolution', () => {
    const lrn = { alpha: 2e-5, beta: 0.75, k: 2 };
    const own = chainOf((chain) =>
      chain
        .lrn('odd', { ...lrn, size: 3 })
        .lrn('even', { ...lrn, size: 2 })
        .lrn('one', { ...lrn, size: 1 })
        .lrn('grouped', { ...lrn, size: 2, groups: 2 })
        .lrn('grouped-one', { ...lrn, size: 1, groups: 4 })
        .lrn('nothing', { ...lrn, alpha: 0, size: 1 }),
    );
    const bytes = exportOnnx(own, { lrn: 'conv' });
    const back = importOnnx(bytes);
    expect(back.graph.nodes).toEqual(own.graph.nodes);
    expect(exportOnnx(back, { lrn: 'conv' })).toEqual(bytes);
  });

  test('with a maximum that is rounded up comes back with pads that say the same', () => {
    const own = chainOf((chain) =>
      chain.maxPool('pool1', { kernel: 2, stride: 2, ceilMode: true }),
    );
    const back = importOnnx(exportOnnx(own));
    expect(back.graph.nodes[1]?.attributes).toMatchObject({ pads: [0, 0, 1, 1], ceilMode: false });
    expect(exportOnnx(back)).toEqual(exportOnnx(own));
  });
});

/** Layers and parameters in their order. */
function namesOf({ nodes, parameters }: Graph): readonly string[] {
  return [...nodes.map(({ op, name }) => `${op} ${name}`), ...parameters.map(({ name }) => name)];
}

/** Where a last window would reach beyond the picture, a file says so by pads. */
function isRounded(node: Node): boolean {
  return (node.op === 'MaxPool' || node.op === 'AveragePool') && node.attributes.ceilMode;
}

describe('weights', () => {
  test('are views of the file where it is aligned, else copies', () => {
    const bytes = encodeModel(model);
    const data = [0, 1, 2, 3].map((shift) => {
      const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
      shifted.set(bytes);
      const weight = importOnnx(shifted).weights.get('fc8.bias')?.data;
      return { weight, isView: weight?.buffer === shifted.buffer };
    });
    expect(data.filter(({ isView }) => isView)).toHaveLength(1);
    for (const { weight } of data) expect(weight).toEqual(data[0]?.weight);
  });

  test('are views wherever they lie, if the bytes may be changed', () => {
    const bytes = encodeModel(model);
    const expected = [...importOnnx(bytes).weights];
    for (const shift of [0, 1, 2, 3]) {
      const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
      shifted.set(bytes);
      const { weights } = importOnnx(shifted, { ownsBytes: true });
      expect([...weights]).toEqual(expected);
      for (const { data } of weights.values()) {
        // The length of a short one in front of it takes too little room.
        if (data.byteLength >= 128) expect(data.buffer).toBe(shifted.buffer);
      }
    }
  });

  test('of an unknown past are zero by their initialiser', () => {
    const [first] = importOnnx(encodeModel(model)).graph.parameters;
    expect(first?.initializer).toEqual({ kind: 'constant', value: 0 });
  });

  test.each([
    ['uint16', 4],
    ['string', 8],
    ['type 99', 99],
  ])('of %s are refused by name', (name, dataType) => {
    expect(refusal(() => readWeight('fc8.bias', { dataType }))).toContain(
      `UNSUPPORTED: fc8.bias is ${name}, but weights are read as floats`,
    );
  });

  test('of int8 are none unless a node makes floats of them', () => {
    const integers = { dataType: DataType.int8, rawData: Uint8Array.of(1, 2, 3) };
    expect(refusal(() => readWeight('fc8.bias', integers))).toContain('UNSUPPORTED');
  });

  const none = new Uint8Array();
  // 1, -2 and 0.333, by IEEE 754: halves 0x3c00 0xc000 0x3554, brain floats 0x3f80 0xc000 0x3eaa.
  test.each<[string, Partial<TensorProto>, readonly number[]]>([
    [
      'halves',
      { dataType: 10, rawData: Uint8Array.of(0, 0x3c, 0, 0xc0, 0x54, 0x35) },
      [1, -2, 0x154 / 1024 / 4 + 0.25],
    ],
    [
      'halves in a list of varints',
      {
        dataType: 10,
        rawData: none,
        int32Data: Uint8Array.of(0x80, 0x78, 0x80, 0x80, 0x03, 0xd4, 0x6a),
      },
      [1, -2, 0x154 / 1024 / 4 + 0.25],
    ],
    [
      'brain floats',
      { dataType: 16, rawData: Uint8Array.of(0x80, 0x3f, 0, 0xc0, 0xaa, 0x3e) },
      [1, -2, 0x2a / 128 / 4 + 0.25],
    ],
    [
      'doubles',
      { dataType: 11, rawData: new Uint8Array(Float64Array.of(1, -2, 1 / 3).buffer) },
      [1, -2, Math.fround(1 / 3)],
    ],
    [
      'a list of doubles',
      {
        dataType: 11,
        rawData: none,
        doubleData: new Uint8Array(Float64Array.of(1, -2, 1 / 3).buffer),
      },
      [1, -2, Math.fround(1 / 3)],
    ],
    [
      'a list of floats',
      { rawData: none, floatData: new Uint8Array(Float32Array.of(1, -2, 3).buffer) },
      [1, -2, 3],
    ],
  ])('come in %s', (_name, change, expected) => {
    expect([...(readWeight('fc8.bias', change).weights.get('fc8.bias')?.data ?? [])]).toEqual(
      expected,
    );
  });

  test('that stand in two places, or of which there are too few, are refused', () => {
    const floatData = new Uint8Array(12);
    expect(refusal(() => readWeight('fc8.bias', { floatData }))).toContain('in two places');
    const short = { dataType: 10, rawData: none, int32Data: Uint8Array.of(1, 2) };
    expect(refusal(() => readWeight('fc8.bias', short))).toContain('another length');
    const endless = { ...short, int32Data: new Uint8Array(40).fill(0x80) };
    expect(refusal(() => readWeight('fc8.bias', endless))).toContain('another length');
  });

  test.each(['../../etc/passwd', 'subdir/../../weights.bin', '/etc/passwd', 'weights.bin'])(
    'in another file are refused and not opened: %s',
    (location) => {
      const externalData = [{ key: 'location', value: location }];
      const expected = `UNSUPPORTED: fc8.bias is in another file, ${JSON.stringify(location)}`;
      expect(refusal(() => readWeight('fc8.bias', { dataLocation: 1, externalData }))).toContain(
        expected,
      );
      expect(refusal(() => readWeight('fc8.bias', { externalData }))).toContain(expected);
      expect(refusal(() => readWeight('fc8.bias', { dataLocation: 1 }))).toContain('UNSUPPORTED');
    },
  );

  test('with odd keys and enormous lengths in their external data are refused', () => {
    const externalData = [
      { key: '__proto__', value: '{}' },
      { key: 'length', value: '999999999999999999' },
      { key: 'location', value: 'x'.repeat(100_000) },
    ];
    const message = refusal(() => readWeight('fc8.bias', { externalData }));
    expect(message.length).toBeLessThan(400);
  });

  test.each([
    ['fewer bytes than dims', { dims: [4] }, 'fc8.bias is [4]: 16 bytes, but its raw_data has 12.'],
    ['no bytes', { rawData: new Uint8Array() }, 'its raw_data has 0'],
    ['dims whose product overflows', { dims: [2 ** 40, 2 ** 40] }, 'fc8.bias is [1099511627776'],
    [
      'dims that wrap to the right size in 64 bits',
      { dims: [2 ** 33, 2 ** 31, 3] },
      'but its raw_data has 12',
    ],
  ])('with %s are refused', (_name, change, expected) => {
    const message = refusal(() => readWeight('fc8.bias', change));
    expect(message).toContain('INVALID_MODEL');
    expect(message).toContain(expected);
  });

  test('twice under one name are refused', () => {
    const [first] = model.graph.initializer;
    const initializer = first ? [...model.graph.initializer, first] : [];
    expect(refusal(() => readGraph({ initializer }))).toBe(
      'INVALID_MODEL: There are two weights named "conv1.weight".',
    );
  });

  test('that nothing uses are left out, and not looked at', () => {
    const extra = { dims: [2 ** 40], dataType: 99, name: 'extra', externalData: [] };
    const initializer = [...model.graph.initializer, extra];
    expect(readGraph({ initializer }).weights.has('extra')).toBe(false);
  });

  test('listed as inputs, as older files do, are weights all the same', () => {
    const input = [...model.graph.input, makeTensorInfo('fc8.bias', 'float32', [3])];
    expect(readGraph({ input }).graph.input.name).toBe('image');
  });
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
