import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  countClasses,
  createGraphBuilder,
  createModel,
  createRandom,
  createTensor,
  type Graph,
  type Model,
  numberedLabels,
  PRESET_IDS,
  sizeOf,
  type Tensor,
} from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import {
  importWeights,
  readTfjsLayers,
  registerResponseNormalization,
  TFJS_QUANTIZATIONS,
  type TfjsFile,
  writeTfjsLayers,
} from '@alexnet/weights';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from './browser/serve.ts';
import { hashedValues } from './golden/hashed-values.ts';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose, largest } from './ops/compare.ts';

// Layers models that are written here are loaded and run by TensorFlow.js itself, and read back.

/** As in `@tensorflow/tfjs`, which is made of these packages. */
const tf = { ...core, ...layers };

let folder = '';
beforeAll(async () => {
  // Without it, it advertises its native packages on the console.
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
  registerResponseNormalization(tf);
  folder = await mkdtemp(join(tmpdir(), 'alexnet-tfjs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** All but the network of the 2012 code, which TensorFlow.js has no layers for. */
const presets = PRESET_IDS.filter((id) => id !== 'paper-code');

describe.each(presets)('%s', (id) => {
  const width = id === 'mini' ? {} : { widthMultiplier: 1 / 16 };
  const model = createModel(id, { seed: 3, classes: 7, init: 'he', ...width });

  test('TensorFlow.js computes the same', async () => {
    const files = writeTfjsLayers(model, { lrn: 'class' });
    await expectSameOutputs(files, model, id);
  });

  test('comes back as it was', async () => {
    const { model: back } = await readBack(writeTfjsLayers(model, { lrn: 'class' }));
    expect(back.graph.nodes).toEqual(model.graph.nodes);
    expect(back.graph.parameters.map(({ name, shape }) => ({ name, shape }))).toEqual(
      model.graph.parameters.map(({ name, shape }) => ({ name, shape })),
    );
    expect(back.metadata).toEqual({ ...model.metadata, preset: expect.any(String) });
    expectSameWeights(back, model);
  });
});

/** What the weights are is not asked for: they are filled. */
const init = () => {
  return { weight: { kind: 'constant', value: 0 }, bias: { kind: 'constant', value: 0 } } as const;
};

const own: Readonly<Record<string, Graph>> = {
  'padding on two sides, strides, pixels that are not square, four groups': createGraphBuilder(
    'padded',
    [4, 13, 18],
  )
    .conv('conv1', { init, channels: 8, kernel: [3, 4], stride: [2, 3], pads: [0, 0, 3, 2] })
    .tanh('tanh1')
    .conv('conv1_1', { init, channels: 12, kernel: 3, pads: [2, 0, 1, 3], group: 4 })
    .flatten('flatten')
    .gemm('fc', { init, features: 5 })
    .build(),
  'pools that round up': createGraphBuilder('ceiled', [3, 12, 12])
    .conv('conv1', { init, channels: 6, kernel: 1 })
    .relu('relu1')
    .maxPool('pool1', { kernel: 3, stride: 2, ceilMode: true })
    .averagePool('pool2', { kernel: 3, stride: 2, ceilMode: true })
    .averagePool('pool3', { kernel: 2, stride: 1, pads: 1, countIncludePad: true })
    .averagePool('pool4', { kernel: 3, stride: 1, pads: 1, countIncludePad: true })
    .adaptiveAveragePool('mean', 1)
    .flatten('flatten')
    .gemm('fc', { init, features: 4 })
    .softmax('probabilities')
    .build(),
  'normalised, behind dense layers too': createGraphBuilder('normalised', [3, 8, 8])
    .batchNormalization('norm0', { epsilon: 0.01, momentum: 0.8 })
    .conv('conv1', { init, channels: 4, kernel: 3, pads: 1, group: 1 })
    .maxPool('pool1', { kernel: 3, stride: 2, pads: [0, 0, 1, 1] })
    .flatten('flatten')
    .gemm('fc1', { init, features: 6 })
    .batchNormalization('norm1', { epsilon: 1e-3, momentum: 0.9 })
    .gemm('fc2', { init, features: 3 })
    .build(),
  'features in place of pictures': createGraphBuilder('head', [10])
    .gemm('fc1', { init, features: 6 })
    .dropout('drop1', 0.25)
    .relu('relu1')
    .gemm('fc2', { init, features: 3 })
    .build(),
};

test.each(Object.entries(own))('a network of its own: %s', async (name, graph) => {
  const model = fill(graph);
  const files = writeTfjsLayers(model);
  await expectSameOutputs(files, model, name);
  const { model: back, report } = await readBack(files);
  expect(report.notes).toEqual([]);
  const picture = pictureOf(graph, 2);
  expectAllClose(outputOf(back, picture), outputOf(model, picture), { name, tolerance: 1e-12 });
});

test.each(TFJS_QUANTIZATIONS)(
  'kernels in %s are the same numbers to both',
  async (quantization) => {
    const model = createModel('compact-bn', { seed: 1, classes: 5, init: 'he' });
    const files = writeTfjsLayers(model, { quantization });
    const { model: back } = await readBack(files);
    await expectSameOutputs(files, back, quantization);
    const step = { float16: 2 ** -11, uint8: 1 / 255, uint16: 1 / 65535 }[quantization];
    for (const [name, { data }] of model.weights) {
      const stored = back.weights.get(name)?.data ?? new Float32Array();
      const span = 2 * largest(data);
      const tolerance = name.endsWith('.weight') ? span * step : 0;
      expectAllClose(stored, data, { name, tolerance });
    }
  },
);

test('over http, in files of 4 MiB', async () => {
  const graph = createGraphBuilder('wide', [3, 32, 32])
    .flatten('flatten')
    .gemm('fc1', { init, features: 1024 })
    .gemm('fc2', { init, features: 5 })
    .build();
  const model = fill(graph);
  for (const { name, bytes } of writeTfjsLayers(model)) await writeFile(join(folder, name), bytes);
  const { url, requests } = await serve({ folders: { '/': folder } });
  const loaded = await tf.loadLayersModel(`${url}/model.json`);
  const shards = requests.filter((request) => request.endsWith('.bin'));
  // 4 · (3072 · 1024 + 1024 · 5 + 1029) bytes
  expect(shards.length).toBe(4);
  expect(loaded.getUserDefinedMetadata()).toEqual({ alexnet: model.metadata });
  await expectOutputsOf(loaded, model, 'wide');
});

test('saved again by TensorFlow.js, it is the same model', async () => {
  const model = createModel('mini', { seed: 2 });
  const loaded = await load(writeTfjsLayers(model, { lrn: 'class' }));
  const saved: TfjsFile[] = [];
  await loaded.save(
    tf.io.withSaveHandler(async ({ weightData, weightSpecs, ...description }) => {
      const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      const text = JSON.stringify({ ...description, weightsManifest });
      saved.push({ name: 'weights.bin', bytes });
      saved.push({ name: 'model.json', bytes: new TextEncoder().encode(text) });
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const { model: back } = await readBack(saved);
  expect(back.graph.nodes).toEqual(model.graph.nodes);
  expect(back.metadata).toEqual(model.metadata);
  expectSameWeights(back, model);
});

/** Weights of which none is like another. */
function fill(graph: Graph): Model {
  const weights = new Map(
    graph.parameters.map(({ name, shape }, index): [string, Tensor] => {
      const values = hashedValues(index + 1, sizeOf(shape), 0.5);
      const isVariance = name.endsWith('.variance');
      return [name, { shape, data: isVariance ? values.map((value) => value + 1) : values }];
    }),
  );
  const { metadata } = createModel('mini');
  const labels = numberedLabels(countClasses(graph));
  return { graph, weights, metadata: { ...metadata, preset: null, labels } };
}

function pictureOf({ input }: Graph, count: number): Tensor {
  const picture = createTensor([count, ...input.shape]);
  const random = createRandom(5);
  for (const index of picture.data.keys()) picture.data[index] = 2 * random.uniform() - 1;
  return picture;
}

function outputOf({ graph, weights }: Model, picture: Tensor): ArrayLike<number> {
  return interpret(graph, weights, picture).get(graph.output)?.data ?? [];
}

async function expectSameOutputs(
  files: readonly TfjsFile[],
  model: Model,
  name: string,
): Promise<void> {
  await expectOutputsOf(await load(files), model, name);
}

async function expectOutputsOf(
  loaded: layers.LayersModel,
  model: Model,
  name: string,
): Promise<void> {
  const picture = pictureOf(model.graph, 2);
  const expected = outputOf(model, picture);
  const axes = picture.shape.length === 4 ? [0, 2, 3, 1] : [0, 1];
  const output = tf.tidy(() =>
    loaded.predict(tf.transpose(tf.tensor(picture.data, [...picture.shape]), axes)),
  );
  if (Array.isArray(output)) throw new Error('several outputs');
  const tolerance = AGREEMENT_TOLERANCES.weightsTfjs * largest(expected);
  expectAllClose(await output.data(), expected, { name, tolerance });
  output.dispose();
  loaded.dispose();
}

/** As `tf.loadLayersModel` gets them from an address. */
function load(files: readonly TfjsFile[]): Promise<layers.LayersModel> {
  const description = JSON.parse(new TextDecoder().decode(files.at(-1)?.bytes));
  const weightData = Buffer.concat(files.slice(0, -1).map(({ bytes }) => bytes));
  const [{ weights: weightSpecs }] = description.weightsManifest;
  return tf.loadLayersModel(
    tf.io.fromMemory({
      ...description,
      weightSpecs,
      weightData: new Uint8Array(weightData).buffer,
    }),
  );
}

async function readBack(files: readonly TfjsFile[]): Promise<ReturnType<typeof importWeights>> {
  const all = new Map(files.map(({ name, bytes }) => [name, bytes]));
  const bytes = all.get('model.json') ?? new Uint8Array();
  const sibling = async (name: string) => all.get(name) ?? null;
  return importWeights(await readTfjsLayers({ name: 'model.json', bytes, sibling }));
}

function expectSameWeights(actual: Model, expected: Model): void {
  expect([...actual.weights.keys()]).toEqual([...expected.weights.keys()]);
  for (const [name, { shape, data }] of expected.weights) {
    const tensor = actual.weights.get(name);
    expect(tensor?.shape, name).toEqual(shape);
    expectAllClose(tensor?.data ?? [], data, { name, tolerance: 0 });
  }
}
