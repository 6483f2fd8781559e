import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, type Model, parseGraph } from '@alexnet/core';
import {
  DataLocation,
  encodeModel,
  listExternalFiles,
  type ModelProto,
  type TensorProto,
  toOnnx,
} from '@alexnet/export';
import { readOnnxFile, writeOnnxFile } from '@alexnet/export/node';
import { loadModel } from '@alexnet/runtime-node';
import { readWeights } from '@alexnet/weights';
import { openWeightSource } from '@alexnet/weights/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refusal } from './refusal.ts';

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
