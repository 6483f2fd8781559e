import {
  createGraphBuilder,
  createModel,
  type Graph,
  type GraphBuilder,
  initializeModel,
  type Model,
  type Node,
  PRESET_IDS,
} from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { ExportOptions } from './export-options.ts';
import { importOnnx } from './import-onnx.ts';
import { encodeModel } from './proto/codec.ts';
import { DataType, type TensorProto } from './proto/messages.ts';
import { model, readGraph, readWeight, refusal } from './test-onnx-files.ts';
import { exportOnnx } from './to-onnx.ts';
import { makeTensorInfo } from './value-info.ts';

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
