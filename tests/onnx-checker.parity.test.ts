import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  createGraphBuilder,
  createNetwork,
  createTensor,
  type Graph,
  inferShapes,
  type JsonReader,
  type Model,
  numberedLabels,
  PRESET_IDS,
  type Preprocessing,
  type PresetId,
  readJson,
  type Shape,
} from '@alexnet/core';
import { encodeModel, toOnnx } from '@alexnet/export';
import { writeOnnxFile } from '@alexnet/export/node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { requireOrSkip } from './require.ts';

// ONNX's own library (PyPI: onnx) accepts every preset, with its strictest checks.

const PYTHON = process.env.ALEXNET_PYTHON ?? '';
const SCRIPT = fileURLToPath(new URL('python/onnx_checker.py', import.meta.url));
const MISSING = 'ALEXNET_PYTHON is not set: the path of a Python that has onnx installed.';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-checker-'));
});
beforeEach((context) => requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** At a quarter of their width: they have the 61 million weights of others here, and would only move more zeros. */
const NARROW: readonly PresetId[] = [
  ...(['paper', 'paper-code', 'extra-conv', 'ungrouped', 'caffenet', 'guerzhoy'] as const),
  ...(['onnx-zoo', 'one-weird-trick', 'slim-v2'] as const),
];

function createBlankModel(preset: PresetId): Model {
  const options = NARROW.includes(preset) ? { widthMultiplier: 0.25 } : {};
  const { graph, preprocessing } = createNetwork(preset, options);
  return fillWithZeros(graph, preset, preprocessing);
}

/** All weights zero: of no matter to the checker, and made at once. */
function fillWithZeros(graph: Graph, preset: PresetId | null, preprocessing: Preprocessing): Model {
  const weights = new Map(graph.parameters.map(({ name, shape }) => [name, createTensor(shape)]));
  const classes = inferShapes(graph).get(graph.output)?.[1] ?? 0;
  const labels = numberedLabels(classes);
  const metadata = {
    preset,
    labels,
    preprocessing,
    provenance: { origin: 'initialized' },
  } as const;
  return { graph, weights, metadata };
}

async function check(file: string): Promise<JsonReader> {
  const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, file]);
  return readJson(JSON.parse(stdout), { code: 'PARITY', what: 'The report of onnx_checker.py' });
}

/** ONNX finds the shape of every value, and that of each layer's output is ours. */
function checkValues(report: JsonReader, graph: Graph, shapes: ReadonlyMap<string, Shape>): void {
  const found = new Map(
    report
      .field('values')
      .items()
      .map((value) => [
        value.field('name').string(),
        value
          .field('shape')
          .items()
          .map((dimension) => dimension.value()),
      ]),
  );
  const values = new Set([...graph.nodes.map(({ output }) => output), ...shapes.keys()]);
  for (const { name } of [graph.input, ...graph.parameters]) values.delete(name);
  for (const name of values) {
    const [batch, ...shape] = found.get(name) ?? [];
    expect(shape, name).toEqual(shapes.get(name)?.slice(1));
    // The groups of an LRN are pictures of their own: behind it, the batch has a name that ONNX makes up.
    expect(batch).toMatch(hasGroups(graph) ? /^(N|unk__\d+)$/ : /^N$/);
  }
  for (const [, ...shape] of found.values()) expect(shape).not.toContain(0);
}

function hasGroups({ nodes }: Graph): boolean {
  return nodes.some(({ op, attributes }) => op === 'LRN' && attributes.groups > 1);
}

describe.each(['logits', 'probabilities'] as const)('with %s', (output) => {
  // The softmax at the end is the same for all: the small presets show it.
  const presets = output === 'logits' ? PRESET_IDS : (['mini', 'mnist'] as const);

  test.each(presets)('%s', async (preset) => {
    const model = createBlankModel(preset);
    const file = join(folder, `${preset}.onnx`);
    const { sha256 } = await writeOnnxFile(file, model, { output });
    const report = await check(file);
    await rm(file);

    const shapes = new Map(inferShapes(model.graph));
    const classes = model.metadata.labels.length;
    expect(report.field('irVersion').value()).toBe(9);
    expect(report.field('opset').value()).toEqual([['', 20]]);
    expect(report.field('inputs').value()).toEqual([
      { name: 'image', elemType: 1, shape: ['N', ...model.graph.input.shape] },
    ]);
    expect(report.field('outputs').value()).toMatchObject([{ name: output, elemType: 1 }]);
    if (output === 'probabilities') shapes.set(output, [1, classes]);
    checkValues(report, model.graph, shapes);
    expect(report.field('metadata').field('alexnet.preset').string()).toBe(preset);
    // Byte for byte what protobuf's own library writes.
    expect(report.field('sha256').string()).toBe(sha256);
  });
});

test('every op, in every form that it takes in a file', async () => {
  const lrn = { alpha: 0.1, beta: 0.75, k: 1 };
  const padded = { pads: 1, countIncludePad: true, ceilMode: true };
  const init = {
    weight: { kind: 'constant', value: 0 },
    bias: { kind: 'constant', value: 0 },
  } as const;
  const graph = createGraphBuilder('every-op', [4, 30, 28])
    .averagePool('average', { kernel: [3, 2], stride: [2, 1] })
    .averagePool('average-padded', { kernel: 3, stride: 2, ...padded })
    .maxPool('max-up', { kernel: 2, stride: [1, 2], ceilMode: true })
    .maxPool('max-dropped', { kernel: 2, stride: 2, pads: [1, 1, 1, 1], ceilMode: true })
    .batchNormalization('batch', { epsilon: 1e-5, momentum: 0.9 })
    .tanh('tanh')
    .lrn('even', { ...lrn, size: 4 })
    .lrn('even-groups', { ...lrn, size: 2, groups: 2 })
    .spatialLrn('spatial', { ...lrn, size: 5 })
    .spatialLrn('spatial-even', { ...lrn, size: 2 })
    .adaptiveAveragePool('any-size', [3, 5])
    .adaptiveAveragePool('same-size', [3, 5])
    .adaptiveAveragePool('divided', [3, 1])
    .lrn('groups', { ...lrn, size: 3, groups: 2 })
    .flatten('flatten')
    .batchNormalization('batch6', { epsilon: 1e-5, momentum: 0.9 })
    .gemm('fc', { features: 3, init })
    .build();
  const file = join(folder, 'every-op.onnx');
  await writeOnnxFile(file, fillWithZeros(graph, null, createNetwork('mini').preprocessing));
  checkValues(await check(file), graph, inferShapes(graph));
});

test('a planted fault is found: fc6 without its transposition', async () => {
  const { graph, ...model } = toOnnx(createBlankModel('mini'));
  const node = graph.node.map((old) => (old.name === 'fc6' ? { ...old, attribute: [] } : old));
  const file = join(folder, 'wrong.onnx');
  await writeFile(file, encodeModel({ ...model, graph: { ...graph, node } }));
  await expect(check(file)).rejects.toThrow('(op_type:Gemm, node name: fc6)');
});
