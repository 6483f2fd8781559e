import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, isAlexNetError, type Model, parseGraph } from '@alexnet/core';
import {
  AttributeType,
  DataLocation,
  encodeModel,
  type GraphProto,
  importOnnx,
  listExternalFiles,
  type ModelProto,
  type NodeProto,
  readOnnxMetadata,
  scanOnnxMetadata,
  type TensorProto,
  toOnnx,
} from '@alexnet/export';
import { readOnnxFile, writeOnnxFile } from '@alexnet/export/node';
import { loadModel } from '@alexnet/runtime-node';
import { readWeights } from '@alexnet/weights';
import { openWeightSource } from '@alexnet/weights/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

// The published attacks through ONNX files, by their names, on all that reads or writes such files. An outside file
// holds the very weights that the model wants: a reader that followed the path would be content.

const model = createModel('mini', { widthMultiplier: 0.01, classes: 3 });
const MOVED = 'fc6.weight';
const proto = toOnnx(model);
const values = proto.graph.initializer.find(({ name }) => name === MOVED)?.rawData;
const weight = values ?? new Uint8Array();

let root: string;
let folder: string;
let file: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-threats-'));
  folder = join(root, 'models');
  file = join(folder, 'model.onnx');
  await mkdir(join(folder, 'sub'), { recursive: true });
  for (const place of [join(root, 'secret'), join(folder, 'sub', 'secret')]) {
    await writeFile(place, weight);
  }
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** @throws what is none of ours, or comes without a hint */
async function refusal(step: () => unknown): Promise<string> {
  try {
    await step();
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    expect(error.hint).toMatch(/\w{2}/);
    expect(error.message.length).toBeLessThan(1000);
    return `${error.code}: ${error.message}`;
  }
  throw new Error('It was accepted.');
}

/** All that reads a model's weights from beside it. */
const READERS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  readOnnxFile: (path) => readOnnxFile(path),
  readWeights: async (path) => readWeights(await openWeightSource(path)),
  loadModel: async (path) => (await loadModel(path, { device: 'cpu' })).dispose(),
};
const readers = Object.entries(READERS);

type Entries = readonly (readonly [key: string, value: string])[];

/** The model with one weight in another file. */
function moveApart(entries: Entries): ModelProto {
  const externalData = entries.map(([key, value]) => ({ key, value }));
  const move = ({ rawData: _, ...tensor }: TensorProto): TensorProto => ({
    ...tensor,
    externalData,
    dataLocation: DataLocation.external,
  });
  const { graph } = proto;
  const initializer = graph.initializer.map((tensor) =>
    tensor.name === MOVED ? move(tensor) : tensor,
  );
  return { ...proto, graph: { ...graph, initializer } };
}

const writeApart = (entries: Entries) => writeFile(file, encodeModel(moveApart(entries)));

describe('control: a plain name beside the model', () => {
  test.each(readers)('%s reads it', async (_name, read) => {
    await writeApart([['location', 'weights.bin']]);
    await writeFile(join(folder, 'weights.bin'), weight);
    await read(file);
  });
});

describe.each<[cve: string, location: () => string]>([
  ['CVE-2022-25882: external data with ../', () => '../secret'],
  ['CVE-2022-25882: external data with ../, for Windows', () => '..\\secret'],
  ['CVE-2024-27318: nested sub/../../, which a prefix check misses', () => 'sub/../../secret'],
  ['CVE-2024-27318: a folder of its own', () => 'sub/secret'],
  ['CVE-2024-27318: ./ in front', () => './../secret'],
  ['CVE-2026-27489: an absolute path', () => join(root, 'secret')],
  ['CVE-2026-27489: a drive', () => 'C:secret'],
  ['CVE-2026-27489: an address', () => 'file:///etc/passwd'],
  ['CVE-2022-25882: a name that ends early for C', () => 'secret\u0000.bin'],
])('%s', (_cve, location) => {
  test.each(readers)('is not read by %s', async (_name, read) => {
    await writeApart([['location', location()]]);
    expect(await refusal(() => read(file))).toContain('no plain name of a file beside the model');
  });
});

describe('CVE-2026-27489, onnx/onnx#7686: a link as external data', () => {
  const links = { symbolic: symlink, hard: link } as const;
  const cases = Object.entries(links).flatMap(([kind, make]) =>
    readers.map(([name, read]) => [kind, name, make, read] as const),
  );
  test.each(cases)('a %s one is not read by %s', async (_kind, _name, make, read) => {
    await writeApart([['location', 'weights.bin']]);
    await make(join(root, 'secret'), join(folder, 'weights.bin'));
    expect(await refusal(() => read(file))).toContain('is a link to a file');
  });
});

describe('CVE-2026-34445: odd keys and enormous lengths in the external-data entries', () => {
  test.each(readers)('odd keys become properties of nothing for %s', async (_name, read) => {
    const odd = ['__proto__', 'constructor', 'basepath', 'rawData', 'toString', ''];
    await writeApart([
      ['location', 'weights.bin'],
      ...odd.map((key) => [key, '{"polluted":true}'] as const),
    ]);
    await writeFile(join(folder, 'weights.bin'), weight);
    // onnxruntime refuses keys that it does not know.
    if (read === READERS.loadModel)
      expect(await refusal(() => read(file))).toContain('INVALID_MODEL');
    else await read(file);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  const numbers = [
    '999999999999',
    '1e9',
    '-1',
    '0x10',
    '9'.repeat(100_000),
    '18446744073709551616',
  ];
  const cases = ['length', 'offset'].flatMap((key) =>
    numbers.flatMap((number) =>
      readers.map(([name, read]) => [key, number.slice(0, 20), name, number, read] as const),
    ),
  );
  test.each(cases)(
    'a %s of %s allocates nothing in %s',
    async (key, _short, _name, number, read) => {
      await writeApart([
        ['location', 'weights.bin'],
        [key, number],
      ]);
      await writeFile(join(folder, 'weights.bin'), weight);
      const before = process.memoryUsage().arrayBuffers;
      expect(await refusal(() => read(file))).toContain('INVALID_MODEL');
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2e6);
    },
  );

  test.each(readers)('a key twice, and more keys than there are, stop %s', async (_name, read) => {
    await writeFile(join(folder, 'weights.bin'), weight);
    await writeApart([
      ['location', 'weights.bin'],
      ['location', '../secret'],
    ]);
    expect(await refusal(() => read(file))).toContain('has two entries "location"');
    const many = Array.from({ length: 1000 }, (_, index) => [`key${index}`, ''] as const);
    await writeApart([['location', 'weights.bin'], ...many]);
    expect(await refusal(() => read(file))).toContain('has 1001 entries');
  });
});

describe('CVE-2025-51480: writing external data', () => {
  const SHARDED = { externalData: true, shardSizeBytes: 5000 } as const;
  const listAll = async () => (await readdir(root, { recursive: true })).sort();
  const restore = async (from: Model) => {
    const { files } = await writeOnnxFile(join(folder, 'sub', 'model.onnx'), from, SHARDED);
    for (const { name } of files) await rm(join(folder, 'sub', name));
    await rm(join(folder, 'sub', 'model.onnx'));
    return files.map(({ name }) => name);
  };

  test('with ../ in every name that a model carries stays in its folder', async () => {
    const rename = (name: string) => `../../${name}`;
    const { graph } = model;
    const evil: Model = {
      ...model,
      graph: parseGraph({
        ...graph,
        name: '../evil',
        parameters: graph.parameters.map((p) => ({ ...p, name: rename(p.name) })),
        nodes: graph.nodes.map((node) => ({
          ...node,
          inputs: node.inputs.map((name) => (model.weights.has(name) ? rename(name) : name)),
        })),
      }),
      weights: new Map([...model.weights].map(([name, tensor]) => [rename(name), tensor])),
    };
    const before = await listAll();
    const { files } = await writeOnnxFile(file, evil, SHARDED);
    const made = ['model.onnx', ...files.map(({ name }) => name)].map((name) =>
      join('models', name),
    );
    expect(await listAll()).toEqual([...before, ...made].sort());
    for (const name of listExternalFiles(await readFile(file))) {
      expect(name).toMatch(/^model\.onnx\.data-\d{5}-[0-9a-f]{8}$/);
    }
  });

  test.each([
    ['the model', (names: readonly string[]) => [...names, 'model.onnx'].at(-1)],
    ['the first file', (names: readonly string[]) => names[0]],
    ['the last file', (names: readonly string[]) => names.at(-1)],
  ])('over a symbolic link in the place of %s is refused', async (_what, pick) => {
    const name = pick(await restore(model)) ?? '';
    const before = await listAll();
    await symlink(join(root, 'secret'), join(folder, name));
    expect(await refusal(() => writeOnnxFile(file, model, SHARDED))).toContain(`${name} is a link`);
    expect(new Uint8Array(await readFile(join(root, 'secret')))).toEqual(weight);
    await rm(join(folder, name));
    expect(await listAll()).toEqual(before);
  });

  test('over a hard link leaves its other name as it was', async () => {
    const [first = ''] = await restore(model);
    for (const name of [first, 'model.onnx']) await link(join(root, 'secret'), join(folder, name));
    await writeOnnxFile(file, model, SHARDED);
    expect(new Uint8Array(await readFile(join(root, 'secret')))).toEqual(weight);
    await readOnnxFile(file);
  });

  test('over a model that lists files outside removes none of them', async () => {
    const sha256 = '0'.repeat(64);
    const list = JSON.stringify([{ name: '../secret', bytes: 1, sha256 }]);
    const metadataProps = [...proto.metadataProps, { key: 'alexnet.files', value: list }];
    await writeFile(file, encodeModel({ ...proto, metadataProps }));
    await writeOnnxFile(file, model, SHARDED);
    expect(new Uint8Array(await readFile(join(root, 'secret')))).toEqual(weight);
  });
});

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
