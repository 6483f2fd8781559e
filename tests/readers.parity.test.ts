import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createModel, type Model, type Tensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import {
  createRangeCollector,
  type ExportOptions,
  exportOnnx,
  importOnnx,
  listRangedValues,
  type Ranges,
} from '@alexnet/export';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { expectRelativelyClose } from './ops/compare.ts';
import { makeNoise } from './ops/noise.ts';
import { requireOrSkip } from './require.ts';

// Other programs read what we write, and compute what the float64 interpreter does: docs/onnx.md has the table.

const PYTHON = process.env.ALEXNET_READERS_PYTHON ?? '';
const MISSING =
  'ALEXNET_READERS_PYTHON is not set: a Python with the packages of tests/python/readers.txt.';

const PROGRAMS = ['onnxruntime', 'opencv', 'openvino'] as const;
type Program = (typeof PROGRAMS)[number];

interface Form {
  readonly options: ExportOptions;
  /** Largest error, of the largest logit. */
  readonly tolerance: number;
  /** What a program says that cannot read it: its limit, with the version of readers.txt. */
  readonly refused?: Partial<Record<Program, RegExp>>;
}

// Measured: float32 1.8e-6 at most (OpenCV), halves 4.3e-4 (OpenCV), integers 0.018 (OpenVINO).
const FLOAT = 1e-5;
const HALF = 2e-3;
const INTEGER = 0.05;

const FORMS: Readonly<Record<string, Form>> = {
  default: { options: {}, tolerance: FLOAT },
  'lrn conv': { options: { lrn: 'conv' }, tolerance: FLOAT },
  'weights int8': { options: { weights: 'int8' }, tolerance: FLOAT },
  'weights float16': { options: { weights: 'float16' }, tolerance: FLOAT },
  'dtype float16': { options: { dtype: 'float16' }, tolerance: HALF },
  'dtype int8': {
    options: { dtype: 'int8' },
    tolerance: INTEGER,
    refused: { opencv: /int8layers|argTensor/ },
  },
  'oldest operators': { options: { opset: 13 }, tolerance: FLOAT },
  'newest operators': { options: { opset: 26 }, tolerance: FLOAT },
  'fixed batch': { options: { batch: 1 }, tolerance: FLOAT },
  'more outputs': { options: { output: 'both', features: ['conv2'] }, tolerance: FLOAT },
};

const MODELS: Readonly<Record<string, Model>> = {
  mini: createModel('mini', { widthMultiplier: 0.1, classes: 5, seed: 3 }),
  'paper-code': createModel('paper-code', { widthMultiplier: 0.1, classes: 5, seed: 3 }),
  torchvision: createModel('torchvision', { widthMultiplier: 0.1, classes: 5, seed: 3 }),
  'keras-bn': createModel('keras-bn', { widthMultiplier: 0.1, classes: 5, seed: 3 }),
  tflearn: createModel('tflearn', { widthMultiplier: 0.1, classes: 5, seed: 3 }),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-readers-'));
});
beforeEach((context) => requireOrSkip(context, 'READERS', PYTHON !== '', MISSING));
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(Object.entries(MODELS))(
  '%s in every form',
  async (name, model) => {
    const input = makeNoise(model, 1);
    const forms = Object.entries(FORMS).map(([form, { options, ...rest }]) => {
      const ranges = options.dtype === 'int8' ? { ranges: measureRanges(model, input) } : {};
      return { form, bytes: exportOnnx(model, { ...options, ...ranges }), ...rest };
    });
    const inputFile = join(folder, `${name}.bin`);
    await writeFile(inputFile, new Uint8Array(input.data.buffer));
    const cases = forms.map(({ form }) => ({
      file: join(folder, `${name} ${form}.onnx`),
      input: inputFile,
      dtype: 'float32',
      shape: input.shape,
    }));
    for (const [index, { bytes }] of forms.entries()) {
      await writeFile(cases[index]?.file ?? '', bytes);
    }
    const answers = await runReaders(cases);
    for (const [index, { form, bytes, tolerance, refused = {} }] of forms.entries()) {
      const { graph, weights } = importOnnx(bytes);
      const expected = interpret(graph, weights, input).get(graph.output)?.data ?? [];
      for (const program of PROGRAMS) {
        const answer = answers[index]?.[program];
        const label = `${program}: ${form} of ${name}`;
        if (typeof answer === 'string')
          expect(answer, label).toMatch(refused[program] ?? /^never$/);
        else expectRelativelyClose(answer ?? [], expected, label, tolerance);
      }
    }
  },
  120_000,
);

/** Of the float64 interpreter, on the input that is compared. */
function measureRanges(model: Model, input: Tensor): Ranges {
  const values = listRangedValues(model);
  const taps = values.filter((value) => value !== 'image');
  const measured = interpret(model.graph, model.weights, input, { taps });
  const collector = createRangeCollector('min-max');
  collector.add('image', input.data);
  for (const tap of taps) collector.add(tap, Float32Array.from(measured.get(tap)?.data ?? []));
  return collector.finish();
}

async function runReaders(
  cases: readonly object[],
): Promise<readonly Readonly<Record<string, readonly number[] | string>>[]> {
  const list = join(folder, 'cases.json');
  await writeFile(list, JSON.stringify(cases));
  const script = fileURLToPath(new URL('python/run_readers.py', import.meta.url));
  const { stdout } = await promisify(execFile)(PYTHON, [script, list], { maxBuffer: 2 ** 26 });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line));
}
