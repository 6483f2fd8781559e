import { readFileSync } from 'node:fs';
import { createModel, type Model, sizeOf, type Tensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { exportOnnx, toOnnx } from '@alexnet/export';
import {
  EXPORT_FORMATS,
  exportWeights,
  type ImportWeightsOptions,
  importWeights,
  type ReadWeightsOptions,
  readWeights,
  type WeightSource,
} from '@alexnet/weights';
import { openWeightSource } from '@alexnet/weights/node';
import { describe, expect, test } from 'vitest';
import { checksum, listedChecksums } from './golden/golden-files.ts';
import { hashedValues } from './golden/hashed-values.ts';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { filesOf, imageOf, modelOf, readImportCases } from './import-cases.ts';
import { expectAllClose, largest } from './ops/compare.ts';
import { runForward } from './ops/run-forward.ts';

// Weight files of every format, read, recognised and placed: their logits are the origin framework's.

interface Image {
  readonly shape: readonly number[];
  readonly seed: number;
  readonly bound: number;
}

const pathOf = (name: string) => new URL(`golden/weights/${name}`, import.meta.url).pathname;
const readJson = (name: string) => JSON.parse(readFileSync(pathOf(name), 'utf8'));

async function importFile(
  path: string,
  placing: ImportWeightsOptions = {},
  reading: ReadWeightsOptions = {},
) {
  const source = await openWeightSource(path);
  return importWeights(await readWeights(source, reading), { source: source.name, ...placing });
}

function expectLogits(
  { graph, weights }: Model,
  { shape, seed, bound }: Image,
  expected: readonly number[],
  name: string,
): void {
  const picture: Tensor = { shape, data: hashedValues(seed, sizeOf(shape), bound) };
  const found = interpret(graph, weights, picture).get(graph.output)?.data ?? [];
  expectAllClose(found, expected, {
    name,
    tolerance: AGREEMENT_TOLERANCES.weights * largest(expected),
  });
}

test('golden files are those that the README lists', () => {
  const listed = listedChecksums().filter(({ name }) => name.startsWith('weights/place/'));
  expect(listed.length).toBe(10);
  expect(listed.map(({ name }) => ({ name, sha256: checksum(name) }))).toEqual(listed);
});

describe('by names and shapes alone', () => {
  interface PlaceCase {
    readonly file: string;
    readonly preset: string;
    readonly options: ImportWeightsOptions;
    readonly image: Image;
    readonly logits: readonly number[];
  }
  const { cases }: { cases: readonly PlaceCase[] } = readJson('place/place.json');

  test.each(cases)('$file', async ({ file, preset, options, image, logits }) => {
    const { model, report } = await importFile(pathOf(`place/${file}`), options);
    expect([report.preset, report.classes]).toEqual([preset, 5]);
    expectLogits(model, image, logits, file);
  });

  test('there is a case for each of several formats', () => {
    expect(cases.map(({ file }) => file).length).toBe(9);
  });

  test('an imported network computes the same in onnxruntime', async () => {
    const [found] = cases;
    if (!found) throw new Error('no case');
    const { model } = await importFile(pathOf(`place/${found.file}`));
    const { shape, seed, bound } = found.image;
    const picture = { shape, data: hashedValues(seed, sizeOf(shape), bound) };
    const values = await runForward(toOnnx(model), picture, ['logits']);
    const tolerance = AGREEMENT_TOLERANCES.weights * largest(found.logits);
    expectAllClose(values.get('logits') ?? [], found.logits, { name: found.file, tolerance });
  });
});

describe('files that describe their network', () => {
  interface CaffeCase {
    readonly name: string;
    readonly model: string;
    readonly prototxt: string | null;
    readonly preset: string | null;
    readonly image: Image;
    readonly expected: Readonly<Record<string, readonly number[]>>;
  }
  const caffe: { readonly cases: readonly CaffeCase[] } = readJson('caffe/caffe.json');

  test.each(caffe.cases)(
    'Caffe: $name',
    async ({ model: file, prototxt, preset, image, expected }) => {
      const text =
        prototxt === null ? undefined : readFileSync(pathOf(`caffe/${prototxt}`), 'utf8');
      const { model, report } = await importFile(
        pathOf(`caffe/${file}`),
        {},
        text === undefined ? {} : { prototxt: text },
      );
      expect(report.preset).toBe(preset);
      // A Softmax at the end is part of no preset.
      const last = model.graph.nodes.at(-1)?.op === 'Softmax' ? 'prob' : undefined;
      const scores = last ? expected[last] : (expected.fc8 ?? Object.values(expected).at(-1));
      expectLogits(model, image, scores ?? [], file);
    },
  );

  const tfjs: {
    readonly image: Image;
    readonly cases: readonly { name: string; expected: number[] }[];
  } = readJson('tfjs/tfjs.json');

  test.each(tfjs.cases)('TensorFlow.js: $name', async ({ name, expected }) => {
    const { model } = await importFile(pathOf(`tfjs/${name}/model.json`));
    expectLogits(model, tfjs.image, expected, name);
  });

  const onnx = readImportCases('imports/torch.json.gz').filter(({ refused }) => !refused);

  test.each(onnx)('ONNX: $name', async (found) => {
    const files = filesOf(found);
    const source: WeightSource = {
      name: 'model.onnx',
      bytes: new Uint8Array(modelOf(found)),
      sibling: async (name) => files.get(name) ?? null,
    };
    const reading = found.inputShape ? { inputShape: found.inputShape } : {};
    const { model, report } = importWeights(await readWeights(source, reading));
    expect(report.preset).toBe(found.preset);
    const values = interpret(model.graph, model.weights, imageOf(found)).get(model.graph.output);
    const tolerance = AGREEMENT_TOLERANCES.weights * largest(found.expected);
    expectAllClose(values?.data ?? [], found.expected, { name: found.name, tolerance });
  });
});

describe('what is written here', () => {
  const SUFFIXES: Readonly<Record<(typeof EXPORT_FORMATS)[number], string>> = {
    safetensors: 'a.safetensors',
    npz: 'a.npz',
    'numpy-dict': 'a.npy',
    pytorch: 'a.pth',
    'keras-weights': 'a.weights.h5',
    'keras-h5': 'a.h5',
  };

  async function roundTrip(model: Model, format: (typeof EXPORT_FORMATS)[number]) {
    const bytes = new Uint8Array(Buffer.concat(exportWeights(model, format)));
    const source = { name: SUFFIXES[format], bytes, sibling: async () => null };
    return importWeights(await readWeights(source)).model;
  }

  test.each(EXPORT_FORMATS)('%s comes back with the same numbers', async (format) => {
    for (const preset of ['caffe-alexnet', 'torchvision'] as const) {
      const options = { widthMultiplier: 1 / 32, classes: 3, seed: 5 } as const;
      const model = createModel(preset, options);
      const found = await roundTrip(model, format);
      expect(found.metadata.preset).toBe(preset);
      for (const [name, { shape, data }] of model.weights) {
        expect(found.weights.get(name)?.shape, name).toEqual(shape);
        expect(Buffer.compare(bytesOf(found.weights.get(name)?.data), bytesOf(data)), name).toBe(0);
      }
    }
  });

  test('batch normalisations too, where the format has a place for them', async () => {
    const model = createModel('keras-bn', { widthMultiplier: 1 / 16, seed: 5 });
    for (const format of EXPORT_FORMATS) {
      if (format === 'numpy-dict') {
        expect(() => exportWeights(model, format)).toThrowError(/bn1 is a batch normalisation/);
        continue;
      }
      const found = await roundTrip(model, format);
      expect(found.metadata.preset, format).toBe('keras-bn');
      for (const [name, { data }] of model.weights) {
        expect(Buffer.compare(bytesOf(found.weights.get(name)?.data), bytesOf(data)), name).toBe(0);
      }
    }
  });

  test('ONNX is read as weights too', async () => {
    const model = createModel('mini');
    const source = { name: 'm.onnx', bytes: exportOnnx(model), sibling: async () => null };
    const { model: found, report } = importWeights(await readWeights(source));
    expect(report).toMatchObject({ preset: 'mini', knowsPreprocessing: true });
    expect(found.graph.nodes).toEqual(model.graph.nodes);
  });
});

function bytesOf(values: Float32Array | undefined): Uint8Array {
  return values
    ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    : new Uint8Array();
}
