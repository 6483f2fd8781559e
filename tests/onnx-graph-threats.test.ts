import { createModel } from '@alexnet/core';
import {
  AttributeType,
  createOnnxBuilder,
  encodeModel,
  type GraphProto,
  importOnnx,
  listExternalFiles,
  type NodeProto,
  readOnnxMetadata,
  scanOnnxMetadata,
  type TensorProto,
  toOnnx,
} from '@alexnet/export';
import { describe, expect, test } from 'vitest';
import { refusal } from './refusal.ts';

// The published attacks through the graph and the encoding of ONNX files, by their names, on all that reads them.

const model = createModel('mini', { widthMultiplier: 0.01, classes: 3 });
const proto = toOnnx(model);

describe('ONNX graph', () => {
  const withGraph = (change: Partial<GraphProto>) =>
    encodeModel({ ...proto, graph: { ...proto.graph, ...change } });
  const changeNode = (name: string, change: Partial<NodeProto>) =>
    withGraph({
      node: proto.graph.node.map((node) => (node.name === name ? { ...node, ...change } : node)),
    });
  const changeWeight = (name: string, change: Partial<TensorProto>) =>
    withGraph({
      initializer: proto.graph.initializer.map((tensor) =>
        tensor.name === name ? { ...tensor, ...change } : tensor,
      ),
    });

  test('cycles', async () => {
    const bytes = changeNode('relu1', { input: ['norm1'] });
    expect(await refusal(() => importOnnx(bytes))).toContain('a cycle, or nodes out of order');
    const self = changeNode('relu1', { input: ['relu1'] });
    expect(await refusal(() => importOnnx(self))).toContain('a cycle');
  });

  test('dangling names', async () => {
    const bytes = changeNode('relu1', { input: ['conv9'] });
    expect(await refusal(() => importOnnx(bytes))).toContain('which does not exist');
  });

  test('duplicate names', async () => {
    const { initializer, node, input } = proto.graph;
    expect(
      await refusal(() => importOnnx(withGraph({ initializer: [...initializer, ...initializer] }))),
    ).toContain('There are two weights named');
    const twice = changeNode('relu2', { output: ['relu1'] });
    expect(await refusal(() => importOnnx(twice))).toContain('which there is already');
    expect(await refusal(() => importOnnx(withGraph({ node: [...node, ...node] })))).toContain(
      'INVALID_MODEL',
    );
    expect(await refusal(() => importOnnx(withGraph({ input: [...input, ...input] })))).toMatch(
      /^(INVALID_MODEL|UNSUPPORTED)/,
    );
  });

  test.each([50, 99, 5000])('recursion through sub-graphs, %i deep', async (depth) => {
    let inner: GraphProto = { node: [], initializer: [], input: [], output: [] };
    // Encoded by hand from the inside: the encoder itself would recurse.
    const bytes: Uint8Array[] = [];
    if (depth > 100) {
      const graph = nestGraphs(depth);
      bytes.push(Uint8Array.from([8, 9]), field(7, graph));
    } else {
      for (let level = 0; level < depth; level += 1) {
        const attribute = {
          name: 'then_branch',
          g: inner,
          floats: [],
          ints: [],
          type: AttributeType.graph,
        };
        const node = { opType: 'If', input: ['x'], output: [`y${level}`], attribute: [attribute] };
        inner = { ...inner, node: [node] };
      }
      bytes.push(
        encodeModel({
          ...proto,
          graph: { ...proto.graph, node: [...inner.node, ...proto.graph.node] },
        }),
      );
    }
    const whole = Buffer.concat(bytes);
    expect(await refusal(() => importOnnx(whole))).toMatch(/^INVALID_MODEL/);
  });

  test.each<[string, readonly number[]]>([
    ['beyond 2⁵³', [2 ** 40, 2 ** 40]],
    ['to the right size in 64 bits', [2 ** 33, 2 ** 31, 3]],
    ['to nothing in 64 bits', [2 ** 32, 2 ** 32, 3]],
    ['beyond all numbers', Array.from({ length: 200 }, () => 2 ** 52)],
  ])('dims whose product overflows, %s', async (_name, dims) => {
    const bytes = changeWeight('fc8.bias', { dims });
    const before = process.memoryUsage().arrayBuffers;
    expect(await refusal(() => importOnnx(bytes))).toContain('INVALID_MODEL: fc8.bias ');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2e6);
  });

  test('a weight without elements, one of whose lengths is enormous', async () => {
    const conv = proto.graph.node.find(({ opType }) => opType === 'Conv');
    const [x = '', weight = ''] = conv?.input ?? [];
    // Without a bias in the file, it has one zero for each channel.
    const use = changeNodes((nodes) =>
      nodes.map((old) => (old === conv ? { ...old, input: [x, weight] } : old)),
    );
    const initializer = use.initializer.map((tensor) =>
      tensor.name === weight
        ? { ...tensor, dims: [2 ** 28, 3, 0, 1], rawData: new Uint8Array() }
        : tensor,
    );
    const before = process.memoryUsage().arrayBuffers;
    const bytes = encodeModel({ ...proto, graph: { ...use, initializer } });
    expect(await refusal(() => importOnnx(bytes))).toContain('which has no elements');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2e6);
  });

  test('an input of channels that no byte stands for, each of which is scaled', async () => {
    const builder = createOnnxBuilder('wide');
    const x = builder.input('x', 'float32', ['N', 2 ** 26, 1, 1]);
    const weights = { dtype: 'float32', shape: [1, 1, 1, 1], data: new Float32Array(1) } as const;
    const kernel = builder.initializer('kernel', weights);
    const scaled = builder.op('Mul', [x, builder.scalar(2)]);
    builder.op('Conv', [scaled, kernel], { pads: { ints: [1, 1, 1, 1] } }, { output: 'y' });
    builder.output('y', 'float32', ['N', 1, 3, 3]);
    const bytes = encodeModel(builder.build());
    const before = process.memoryUsage().arrayBuffers;
    expect(await refusal(() => importOnnx(bytes))).toContain('67108864 channels; 1024');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2e6);
  });

  test('a constant that asks for more than memory', async () => {
    const shape = BigInt64Array.from([2n ** 20n, 2n ** 20n]);
    const rawData = new Uint8Array(shape.buffer);
    const lengths = { name: 'lengths', dims: [2], dataType: 7, rawData, externalData: [] };
    const node = { opType: 'ConstantOfShape', input: ['lengths'], output: ['huge'], attribute: [] };
    const { initializer } = proto.graph;
    const use = changeNodes((nodes) => [
      node,
      ...nodes.map((old) => (old.name === 'fc8' ? { ...old, input: ['flatten', 'huge'] } : old)),
    ]);
    const bytes = encodeModel({
      ...proto,
      graph: { ...use, initializer: [...initializer, lengths] },
    });
    expect(await refusal(() => importOnnx(bytes))).toContain('asks for 1099511627776 numbers');
  });

  function changeNodes(change: (nodes: readonly NodeProto[]) => readonly NodeProto[]): GraphProto {
    return { ...proto.graph, node: change(proto.graph.node) };
  }
});

/** A length-delimited field. */
function field(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

/** Graphs in attributes of graphs. */
function nestGraphs(depth: number): Uint8Array {
  let graph: Uint8Array = new Uint8Array();
  for (let level = 0; level < depth; level += 1) {
    const attribute = Buffer.concat([field(1, Buffer.from('body')), field(6, graph)]);
    graph = field(1, Buffer.concat([field(4, Buffer.from('Loop')), field(5, attribute)]));
  }
  return graph;
}

describe('protobuf', () => {
  const scan = (bytes: Uint8Array) =>
    scanOnnxMetadata({
      byteLength: bytes.length,
      read: async (offset, length) => bytes.slice(offset, offset + length),
    });
  /** All that decodes bytes. */
  const decoders = { importOnnx, readOnnxMetadata, scanOnnxMetadata: scan, listExternalFiles };
  const cases = Object.entries(decoders);
  const start = Uint8Array.from([8, 9]);

  test.each(cases)(
    'CVE-2022-25878, CVE-2023-36665: __proto__ and constructor in %s',
    async (_name, decode) => {
      const names = ['__proto__', 'constructor', '__proto__.polluted', 'toString'];
      const metadataProps = [
        ...proto.metadataProps,
        ...names.map((key) => ({ key, value: '{"polluted":true}' })),
      ];
      const { graph } = proto;
      const extra = names.map((name) => ({ name, dims: [0], dataType: 1, externalData: [] }));
      const initializer = [...graph.initializer, ...extra];
      await decode(encodeModel({ ...proto, metadataProps, graph: { ...graph, initializer } }));
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
      expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    },
  );

  test.each(cases)('groups nested 100,000 deep in %s', async (_name, decode) => {
    const groups = Uint8Array.from({ length: 200_000 }, (_, index) => (index % 2 ? 0x06 : 0xa3));
    expect(await refusal(() => decode(Buffer.concat([start, groups])))).toContain('INVALID_MODEL');
  });

  test.each(cases)('varints without end in %s', async (_name, decode) => {
    for (const place of [[8], [0x3a], [0x3a, 20, 0x2a]]) {
      const endless = Buffer.concat([start, Uint8Array.from(place), Buffer.alloc(1000, 0xff)]);
      expect(await refusal(() => decode(endless))).toContain('INVALID_MODEL');
    }
  });

  test.each(cases)('lengths over 2³¹ in %s', async (_name, decode) => {
    for (const length of [2 ** 31, 2 ** 32 + 10, 2 ** 53]) {
      for (const place of [[0x3a], [0x3a, 12, 0x2a], [0x3a, 20, 0x2a, 18, 0x4a], [0x72]]) {
        const bytes = Buffer.concat([
          start,
          Uint8Array.from(place),
          varint(length),
          Buffer.alloc(30, 8),
        ]);
        const before = process.memoryUsage().arrayBuffers;
        expect(await refusal(() => decode(bytes))).toContain('INVALID_MODEL');
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2e6);
      }
    }
  });
});
