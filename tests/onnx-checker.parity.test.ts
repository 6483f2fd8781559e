import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  createNetwork,
  createTensor,
  inferShapes,
  type JsonReader,
  type Model,
  numberedLabels,
  PRESET_IDS,
  type PresetId,
  readJson,
} from '@alexnet/core';
import { encodeModel, toOnnx } from '@alexnet/export';
import { writeOnnxFile } from '@alexnet/export/node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { requireOrSkip } from './require.ts';

// ONNX's own library (PyPI: onnx) accepts every preset in full size, with its strictest checks.

const PYTHON = process.env.ALEXNET_PYTHON ?? '';
const SCRIPT = fileURLToPath(new URL('python/onnx_checker.py', import.meta.url));
const MISSING = 'ALEXNET_PYTHON is not set: the path of a Python that has onnx installed.';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-checker-'));
});
beforeEach((context) => requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** All weights zero: of no matter to the checker, and made at once. */
function createBlankModel(preset: PresetId): Model {
  const { graph, preprocessing } = createNetwork(preset);
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

describe.each(['logits', 'probabilities'] as const)('with %s', (output) => {
  // The softmax at the end is the same for all: the small presets show it.
  const presets = output === 'logits' ? PRESET_IDS : (['mini', 'mnist'] as const);

  test.each(presets)('%s', async (preset) => {
    const model = createBlankModel(preset);
    const file = join(folder, `${preset}.onnx`);
    const { sha256 } = await writeOnnxFile(file, model, { output });
    const report = await check(file);
    await rm(file);

    const shapes = inferShapes(model.graph);
    const classes = model.metadata.labels.length;
    expect(report.field('irVersion').value()).toBe(9);
    expect(report.field('opset').value()).toEqual([['', 20]]);
    expect(report.field('inputs').value()).toEqual([
      { name: 'image', elemType: 1, shape: ['N', ...model.graph.input.shape] },
    ]);
    expect(report.field('outputs').value()).toEqual([
      { name: output, elemType: 1, shape: ['N', classes] },
    ]);
    for (const value of report.field('values').items()) {
      const [, ...shape] = shapes.get(value.field('name').string()) ?? [1, classes];
      expect(value.value()).toMatchObject({ shape: ['N', ...shape] });
    }
    expect(report.field('values').items()).toHaveLength(
      model.graph.nodes.length + (output === 'logits' ? 0 : 1),
    );
    expect(report.field('metadata').field('alexnet.preset').string()).toBe(preset);
    // Byte for byte what protobuf's own library writes.
    expect(report.field('sha256').string()).toBe(sha256);
  });
});

test('a planted fault is found: fc6 without its transposition', async () => {
  const { graph, ...model } = toOnnx(createBlankModel('mini'));
  const node = graph.node.map((old) => (old.name === 'fc6' ? { ...old, attribute: [] } : old));
  const file = join(folder, 'wrong.onnx');
  await writeFile(file, encodeModel({ ...model, graph: { ...graph, node } }));
  await expect(check(file)).rejects.toThrow('(op_type:Gemm, node name: fc6)');
});
