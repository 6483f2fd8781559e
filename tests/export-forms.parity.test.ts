import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createModel, type Tensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import {
  appendOutputs,
  createRangeCollector,
  decodeModel,
  type ExportOptions,
  exportOnnx,
  importOnnx,
  listRangedValues,
} from '@alexnet/export';
import { loadModel } from '@alexnet/runtime-node';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectRelativelyClose } from './ops/compare.ts';
import { makeNoise } from './ops/noise.ts';
import { requireOrSkip } from './require.ts';

// Each form that an export can take: ONNX's own library accepts it, and onnxruntime computes what the float64
// interpreter does.

const PYTHON = process.env.ALEXNET_PYTHON ?? '';
const MISSING = 'ALEXNET_PYTHON is not set: the path of a Python that has onnx installed.';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-forms-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const MODELS = {
  mini: createModel('mini', { widthMultiplier: 0.25, classes: 5, inputSize: 67, seed: 3 }),
  paperCode: createModel('paper-code', { widthMultiplier: 0.1, classes: 5, seed: 3 }),
  kerasBn: createModel('keras-bn', { widthMultiplier: 0.1, classes: 5, seed: 3 }),
} as const;

const FORMS: readonly ExportOptions[] = [
  { lrn: 'conv' },
  { weights: 'int8' },
  { weights: 'float16' },
  { lrn: 'conv', weights: 'int8', output: 'both', features: ['pool1', 'conv2'] },
  { dtype: 'float16' },
  { dtype: 'float16', lrn: 'conv', output: 'both', features: ['pool1', 'conv2'] },
];

describe.each(Object.entries(MODELS))('%s', (name, model) => {
  test.each(FORMS)('%j: computes the same', async (options) => {
    const bytes = exportOnnx(model, options);
    const { weights } = importOnnx(bytes);
    const input = makeNoise(model, 2);
    const expected = interpret(model.graph, weights, input, { taps: options.features ?? [] });
    const actual = await run(bytes, input);
    for (const value of ['logits', ...(options.features ?? [])]) {
      const data = expected.get(value)?.data ?? [];
      const tolerance =
        options.dtype === 'float16' ? AGREEMENT_TOLERANCES.halves : AGREEMENT_TOLERANCES.exportForm;
      expectRelativelyClose(floatsOf(actual[value]), data, value, tolerance);
    }
    expect(Object.keys(actual)).toHaveLength(
      1 + (options.output === 'both' ? 1 : 0) + (options.features?.length ?? 0),
    );
  });

  test('ONNX’s own library accepts every form', async (context) => {
    requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
    const files = FORMS.map((_, index) => join(folder, `${name}-${index}.onnx`));
    for (const [index, options] of FORMS.entries()) {
      await writeFile(files[index] ?? '', exportOnnx(model, options));
    }
    const reports = await runPython('onnx_checker.py', files);
    expect(reports.trim().split('\n')).toHaveLength(FORMS.length);
  });
});

describe('integers', () => {
  const model = MODELS.mini;
  const input = makeNoise(model, 4);

  async function quantized(): Promise<Uint8Array> {
    const values = listRangedValues(model);
    const features = values.filter((name) => name !== 'image');
    const measured = await run(exportOnnx(model, { features }), input);
    const collector = createRangeCollector('min-max');
    collector.add('image', input.data);
    for (const name of features) collector.add(name, floatsOf(measured[name]));
    return exportOnnx(model, { dtype: 'int8', ranges: collector.finish() });
  }

  test('give nearly what floats give', async () => {
    const actual = floatsOf((await run(await quantized(), input)).logits);
    const expected = interpret(model.graph, model.weights, input).get('logits')?.data ?? [];
    expectRelativelyClose(actual, expected, 'logits', AGREEMENT_TOLERANCES.integers);
  });

  test('are those that ONNX’s own evaluator computes, step for step', async (context) => {
    requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
    const files = [join(folder, 'int8.onnx'), join(folder, 'int8.bin')] as const;
    const one = makeNoise(model, 1);
    const values = listRangedValues(model);
    const ranges = new Map(values.map((name) => [name, { min: -200, max: 200 }]));
    // Without LRN as an operator, which that evaluator gets wrong.
    await writeFile(files[0], exportOnnx(model, { dtype: 'int8', ranges, lrn: 'conv' }));
    await writeFile(files[1], new Uint8Array(one.data.buffer));
    expect((await runPython('onnx_checker.py', [files[0]])).trim()).not.toBe('');
    const { logits } = JSON.parse(await runPython('run_reference.py', files));
    const actual = floatsOf(
      (await run(exportOnnx(model, { dtype: 'int8', ranges, lrn: 'conv' }), one)).logits,
    );
    expectRelativelyClose(actual, logits, 'logits', AGREEMENT_TOLERANCES.integers);
  });
});

test('a runtime gives layers of a network in halves as float32', async () => {
  const { mini } = MODELS;
  const [, height = 0, width = 0] = mini.graph.input.shape;
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 37) % 256);
  const picture = { width, height, channels: 3, pixels } as const;
  const featuresOf = async (options: ExportOptions): Promise<Tensor> => {
    const model = await loadModel(exportOnnx(mini, options), { features: ['conv5'] });
    const [features] = await model.features('conv5', [picture]);
    await model.dispose();
    return features ?? { shape: [], data: new Float32Array() };
  };
  const [half, single] = [await featuresOf({ dtype: 'float16' }), await featuresOf({})];
  expect(half.shape).toEqual(single.shape);
  expectRelativelyClose(half.data, single.data, 'conv5', AGREEMENT_TOLERANCES.halves);
});

test('halves computed as halves are near the float64 interpreter', async (context) => {
  requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
  // onnxruntime computes in float32 on processors; onnx's own evaluator in numpy's halves (and its LRN is not ONNX's).
  const model = MODELS.mini;
  const bytes = exportOnnx(model, { dtype: 'float16', lrn: 'conv', features: ['norm1'] });
  const input = makeNoise(model, 1);
  const files = [join(folder, 'half.onnx'), join(folder, 'half.bin')] as const;
  await writeFile(files[0], bytes);
  await writeFile(files[1], new Uint8Array(input.data.buffer));
  const actual = JSON.parse(await runPython('run_reference.py', files));
  const { weights } = importOnnx(bytes);
  const expected = interpret(model.graph, weights, input, { taps: ['norm1'] });
  for (const name of ['norm1', 'logits']) {
    expectRelativelyClose(
      actual[name],
      expected.get(name)?.data ?? [],
      name,
      AGREEMENT_TOLERANCES.halves,
    );
  }
});

describe('operator sets', () => {
  const OPSETS = Array.from({ length: 14 }, (_, index) => 13 + index);

  test.each(OPSETS)('%d: every model computes the same', async (opset) => {
    for (const [name, model] of Object.entries(MODELS)) {
      const input = makeNoise(model, 1);
      const expected = await run(exportOnnx(model, { output: 'both' }), input);
      const actual = await run(exportOnnx(model, { output: 'both', opset }), input);
      for (const value of ['logits', 'probabilities']) {
        expectRelativelyClose(
          floatsOf(actual[value]),
          floatsOf(expected[value]),
          `${value} of ${name}`,
          AGREEMENT_TOLERANCES.lrnForm,
        );
      }
    }
  });

  test('ONNX’s own library accepts each, in the file format of its time', async (context) => {
    requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
    const files: string[] = [];
    for (const opset of OPSETS) {
      for (const [name, model] of Object.entries(MODELS)) {
        const file = join(folder, `${name}-opset-${opset}.onnx`);
        await writeFile(file, exportOnnx(model, { opset, weights: 'int8', lrn: 'conv' }));
        files.push(file);
      }
    }
    const reports = (await runPython('onnx_checker.py', files)).trim().split('\n');
    // onnx/helper.py of onnx 1.23, VERSION_TABLE.
    const formats = [7, 7, 8, 8, 8, 8, 9, 9, 10, 10, 11, 12, 13, 13];
    const found = reports.map((line) => {
      const { irVersion, opset } = JSON.parse(line);
      return [opset[0][1], irVersion];
    });
    expect(found).toEqual(
      OPSETS.flatMap((opset, index) => Object.keys(MODELS).map(() => [opset, formats[index]])),
    );
  });
});

test('a batch of fixed length, and a format of the caller’s choice', async () => {
  const bytes = exportOnnx(MODELS.mini, { batch: 3, irVersion: 8 });
  const session = await InferenceSession.create(bytes, { executionProviders: ['cpu'] });
  expect(session.inputMetadata).toMatchObject([{ shape: [3, 3, 67, 67] }]);
  expect(session.outputMetadata).toMatchObject([{ shape: [3, 5] }]);
  await session.release();
  expect(decodeModel(bytes).irVersion).toBe(8);
});

test('normalisation as a convolution is that of the operator, layer by layer', async () => {
  const model = MODELS.mini;
  const features = model.graph.nodes.flatMap(({ op, output }) => (op === 'LRN' ? [output] : []));
  expect(features).toHaveLength(2);
  const input = makeNoise(model, 2);
  const native = await run(exportOnnx(model, { features }), input);
  const conv = await run(exportOnnx(model, { features, lrn: 'conv' }), input);
  for (const name of features) {
    expectRelativelyClose(
      floatsOf(conv[name]),
      floatsOf(native[name]),
      name,
      AGREEMENT_TOLERANCES.lrnForm,
    );
  }
});

/** What onnxruntime-web runs on WebGPU. @see js/web/docs/webgpu-operators.md of github.com/microsoft/onnxruntime */
const WEBGPU: readonly string[] = [
  ...['Add', 'AveragePool', 'Conv', 'Div', 'Flatten', 'Gemm', 'MatMul', 'MaxPool', 'Mul', 'Pow'],
  ...['Relu', 'Reshape', 'Softmax', 'Tanh'],
];
/** What onnxruntime takes away when it loads a file. */
const REMOVED: readonly string[] = ['Dropout', 'Identity'];

test.each(['paper-code', 'caffenet', 'mini', 'torchvision'] as const)(
  '%s as a convolution needs nothing that WebGPU lacks',
  (preset) => {
    const model = createModel(preset, { widthMultiplier: 0.02, classes: 3 });
    const { graph } = decodeModel(exportOnnx(model, { lrn: 'conv', output: 'both' }));
    const operators = new Set(graph.node.map(({ opType }) => opType));
    expect([...WEBGPU, ...REMOVED]).toEqual(expect.arrayContaining([...operators]));
  },
);

describe('outputs that are appended', () => {
  const bytes = exportOnnx(MODELS.mini);
  const appended = appendOutputs(bytes, ['conv5', 'fc7']);

  test('are what the layers give, in onnxruntime', async () => {
    const input = makeNoise(MODELS.mini, 2);
    const { graph, weights } = MODELS.mini;
    const expected = interpret(graph, weights, input, { taps: ['conv5', 'fc7'] });
    const actual = await run(appended, input);
    for (const name of ['conv5', 'fc7', 'logits']) {
      const { data = [], shape } = expected.get(name) ?? {};
      expect(actual[name]?.dims).toEqual(shape);
      expectRelativelyClose(floatsOf(actual[name]), data, name, AGREEMENT_TOLERANCES.exportForm);
    }
  });

  test('are outputs for ONNX’s own library, once it has found their shapes', async (context) => {
    requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
    const file = join(folder, 'appended.onnx');
    await writeFile(file, appended);
    expect(JSON.parse(await runPython('check_appended.py', [file]))).toEqual([
      ['logits', 1, ['N', 5]],
      ['conv5', 1, ['N', 64, 3, 3]],
      ['fc7', 1, ['N', 1024]],
    ]);
  });
});

async function run(
  bytes: Uint8Array,
  { data, shape }: Tensor,
): Promise<InferenceSession.OnnxValueMapType> {
  const session = await InferenceSession.create(bytes, { executionProviders: ['cpu'] });
  const result = await session.run({ image: new OrtTensor('float32', data, shape) });
  await session.release();
  return result;
}

async function runPython(script: string, files: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL(`python/${script}`, import.meta.url));
  const { stdout } = await promisify(execFile)(PYTHON, [path, ...files]);
  return stdout;
}

function floatsOf(value: InferenceSession.OnnxValueMapType[string] | undefined): Float32Array {
  if (value instanceof OrtTensor && value.data instanceof Float32Array) return value.data;
  throw new Error('onnxruntime did not give float32.');
}
