import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createModel, createRandom, type Model, type Tensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { createRangeCollector, exportOnnx, listRangedValues, type Ranges } from '@alexnet/export';
import {
  readFileBytes,
  readOnnxFile,
  type WriteOnnxOptions,
  writeOnnxFile,
} from '@alexnet/export/node';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectRelativelyClose } from './ops/compare.ts';
import { makeNoise } from './ops/noise.ts';
import { requireOrSkip } from './require.ts';

// Other programs read what we write, and compute what the float64 interpreter does: docs/onnx.md has the table.

const PYTHON = process.env.ALEXNET_READERS_PYTHON ?? '';
const MISSING =
  'ALEXNET_READERS_PYTHON is not set: a Python with the packages of tests/python/readers.txt, which `node scripts/python-venv.mjs readers` makes.';

const PROGRAMS = ['onnxruntime', 'opencv', 'openvino'] as const;
type Program = (typeof PROGRAMS)[number];

interface Form {
  readonly options: WriteOnnxOptions;
  /** Largest error, of the largest logit. */
  readonly tolerance: number;
}

// Measured: float32 1.8e-6 at most (OpenCV), halves 4.3e-4 (OpenCV), integers 0.018 (OpenVINO).
const FLOAT = AGREEMENT_TOLERANCES.exportForm;
const HALF = AGREEMENT_TOLERANCES.halves;
const INTEGER = AGREEMENT_TOLERANCES.integers;

const FORMS: Readonly<Record<string, Form>> = {
  default: { options: {}, tolerance: FLOAT },
  'lrn conv': { options: { lrn: 'conv' }, tolerance: FLOAT },
  'weights int8': { options: { weights: 'int8' }, tolerance: FLOAT },
  'weights float16': { options: { weights: 'float16' }, tolerance: FLOAT },
  'lrn conv, weights int8': { options: { lrn: 'conv', weights: 'int8' }, tolerance: FLOAT },
  'dtype float16': { options: { dtype: 'float16' }, tolerance: HALF },
  'dtype int8': { options: { dtype: 'int8' }, tolerance: INTEGER },
  'oldest operators': { options: { opset: 13 }, tolerance: FLOAT },
  'newest operators': { options: { opset: 26 }, tolerance: FLOAT },
  'fixed batch': { options: { batch: 1 }, tolerance: FLOAT },
  'more outputs': { options: { output: 'both', features: ['conv2'] }, tolerance: FLOAT },
  'external data': { options: { externalData: true, shardSizeBytes: 2 ** 17 }, tolerance: FLOAT },
  'embed preprocessing': { options: { embed: 'preprocessing' }, tolerance: FLOAT },
  'embed resize': { options: { embed: 'resize' }, tolerance: FLOAT },
};

/** What a program cannot read, by its own limits, and what it says: the table of docs/onnx.md. */
interface Refusal {
  readonly program: Program;
  readonly form: string;
  /** All unless given. */
  readonly models?: readonly string[];
  readonly message: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    program: 'opencv',
    form: 'dtype int8',
    models: ['paper-code', 'keras-bn', 'tflearn'],
    message: /pool2_int8_layer|argTensor/,
  },
  { program: 'opencv', form: 'embed resize', message: /resize2_layer/ },
];

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
beforeEach((context) => requireOrSkip(context, 'READERS_PYTHON', PYTHON !== '', MISSING));
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(Object.entries(MODELS))(
  '%s in every form',
  async (name, model) => {
    const cases: Case[] = [];
    for (const [form, { options }] of Object.entries(FORMS)) {
      const path = join(folder, `${name} ${form}`);
      cases.push(await makeCase(model, { path, options }));
    }
    const answers = await runReaders(cases);
    for (const [index, [form, { tolerance }]] of Object.entries(FORMS).entries()) {
      for (const program of PROGRAMS) {
        const answer = answers[index]?.[program] ?? 'nothing';
        const label = `${program}: ${form} of ${name}`;
        const refusal = REFUSALS.find(
          (each) =>
            each.program === program && each.form === form && (each.models?.includes(name) ?? true),
        );
        if (refusal) expect(answer, label).toMatch(refusal.message);
        else if (typeof answer === 'string') expect.fail(`${label}: ${answer}`);
        else expectRelativelyClose(answer, cases[index]?.expected[program] ?? [], label, tolerance);
      }
    }
  },
  300_000,
);

/** What every program is given, and the logits that each gives: all the same but for what docs/onnx.md lists. */
interface Case {
  readonly file: string;
  readonly input: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly expected: Readonly<Record<Program, ArrayLike<number>>>;
}

function sameForAll(expected: ArrayLike<number>): Case['expected'] {
  return { onnxruntime: expected, opencv: expected, openvino: expected };
}

async function makeCase(
  model: Model,
  { path, options }: { readonly path: string; readonly options: WriteOnnxOptions },
): Promise<Case> {
  const [file, inputFile] = [`${path}.onnx`, `${path}.bin`];
  const input = makeNoise(model, 1);
  const ranges = options.dtype === 'int8' ? { ranges: measureRanges(model, input) } : {};
  await writeOnnxFile(file, model, { ...options, ...ranges });
  if (options.embed !== undefined) return makePictureCase(model, { file, inputFile, options });
  await writeFile(inputFile, new Uint8Array(input.data.buffer));
  // With the weights that are in the file: those of a small form are rounded.
  const { graph, weights } = await readOnnxFile(file);
  const expected = interpret(graph, weights, input).get(graph.output)?.data ?? [];
  return {
    file,
    input: inputFile,
    dtype: 'float32',
    shape: input.shape,
    expected: sameForAll(expected),
  };
}

/** A picture of noise, as bytes; larger than the network's where the file resizes it. */
async function makePictureCase(
  model: Model,
  {
    file,
    inputFile,
    options,
  }: { readonly file: string; readonly inputFile: string; readonly options: WriteOnnxOptions },
): Promise<Case> {
  const [, height = 1, width = 1] = model.graph.input.shape;
  const isAnySize = options.embed === 'resize';
  const sides = isAnySize ? ([height + 90, width + 61] as const) : ([height, width] as const);
  const random = createRandom(5);
  const pixels = Uint8Array.from({ length: sides[0] * sides[1] * 3 }, () => random.integer(256));
  await writeFile(inputFile, pixels);
  const image = new OrtTensor('uint8', pixels, [1, ...sides, 3]);
  const expected = sameForAll(await runHere(await readFileBytes(file), image));
  const picture = { file, input: inputFile, dtype: 'uint8', shape: image.dims };
  if (!isAnySize) return { ...picture, expected };
  // OpenVINO passes over Resize's "antialias".
  const openvino = await runHere(exportOnnx(withoutAntialias(model), options), image);
  return { ...picture, expected: { ...expected, openvino } };
}

function withoutAntialias(model: Model): Model {
  const { resize, ...rest } = model.metadata.preprocessing;
  const plain = resize.mode === 'none' ? resize : { ...resize, antialias: false };
  return { ...model, metadata: { ...model.metadata, preprocessing: { ...rest, resize: plain } } };
}

async function runHere(bytes: Uint8Array, image: OrtTensor): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes, { executionProviders: ['cpu'] });
  const { logits } = await session.run({ image });
  await session.release();
  if (logits?.data instanceof Float32Array) return logits.data;
  throw new Error('onnxruntime gave no logits.');
}

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
  cases: readonly Case[],
): Promise<readonly Readonly<Record<string, readonly number[] | string>>[]> {
  const list = join(folder, 'cases.json');
  const requests = cases.map(({ expected, ...request }) => request);
  await writeFile(list, JSON.stringify(requests));
  const script = fileURLToPath(new URL('python/run_readers.py', import.meta.url));
  const { stdout } = await promisify(execFile)(PYTHON, [script, list], { maxBuffer: 2 ** 26 });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line));
}
