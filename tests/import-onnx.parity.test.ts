import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isAlexNetError, summarize } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { exportOnnx, type ImportedModel, importOnnx } from '@alexnet/export';
import { readOnnxFile } from '@alexnet/export/node';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { checksum, listedChecksums } from './golden/golden-files.ts';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import {
  filesOf,
  IMPORT_FILES,
  type ImportCase,
  imageOf,
  modelOf,
  readImportCases,
} from './import-cases.ts';
import { expectAllClose, largest } from './ops/compare.ts';
import { requireOrSkip } from './require.ts';

// Files of other programs become networks here that compute what those programs compute.

test('golden files are those that the README lists', () => {
  const listed = listedChecksums().filter(({ name }) => name.startsWith('imports/'));
  expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining([...IMPORT_FILES]));
  expect(listed.map(({ name }) => ({ name, sha256: checksum(name) }))).toEqual(listed);
});

const CASES = IMPORT_FILES.flatMap(readImportCases);
const READ = CASES.filter(({ refused }) => !refused);

function read(found: ImportCase): ImportedModel {
  const { inputShape } = found;
  const externalFiles = filesOf(found);
  return importOnnx(modelOf(found), { externalFiles, ...(inputShape ? { inputShape } : {}) });
}

function expectGolden(actual: ArrayLike<number>, { name, expected }: ImportCase): void {
  expectAllClose(actual, expected, {
    name,
    tolerance: AGREEMENT_TOLERANCES.importedOnnx * largest(expected),
  });
}

describe.each(READ)('$name', (found) => {
  test('computes what its writer computes', () => {
    const { graph, weights, metadata } = read(found);
    const output = interpret(graph, weights, imageOf(found)).get(graph.output);
    expectGolden(output?.data ?? [], found);
    expect(metadata.preset).toBe(found.preset);
  });

  test('goes on to onnxruntime, and comes back as the same bytes', async () => {
    const model = read(found);
    const isSoftmax = model.graph.nodes.at(-1)?.op === 'Softmax';
    const output = isSoftmax ? 'probabilities' : 'logits';
    const bytes = exportOnnx(model, { output });
    expect(exportOnnx(importOnnx(bytes), { output })).toEqual(bytes);
    const session = await InferenceSession.create(bytes, { executionProviders: ['cpu'] });
    const { data, shape } = imageOf(found);
    const result = await session.run({ image: new OrtTensor('float32', data, shape) });
    await session.release();
    expectGolden(floatsOf(result[output]), found);
  });
});

test.each(CASES.filter(({ refused }) => refused))('$name is refused by name', (found) => {
  try {
    read(found);
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.message).toContain(found.refused);
    return;
  }
  expect.fail('It was read.');
});

const DATA = resolve(process.env.ALEXNET_DATA ?? join(import.meta.dirname, '../../shared/data'));

test('the file that onnx tests itself with, in full size: 61 million weights out of 4 kB', async (context) => {
  const file = join(DATA, 'onnx-light/light_bvlc_alexnet.onnx');
  requireOrSkip(context, 'DATA', existsSync(file), `${file} is missing: the package onnx has it.`);
  const model = await readOnnxFile(file);
  expect(summarize(model.graph)).toMatchObject({
    parameters: 60_965_224,
    inputShape: [1, 3, 224, 224],
  });
  expect(model.metadata).toMatchObject({
    preset: 'onnx-zoo',
    provenance: { origin: 'imported', source: 'light_bvlc_alexnet.onnx' },
  });
  const session = await InferenceSession.create(exportOnnx(model, { output: 'probabilities' }));
  const image = { shape: [1, 3, 224, 224], data: new Float32Array(3 * 224 * 224).fill(1) };
  const result = await session.run({ image: new OrtTensor('float32', image.data, image.shape) });
  await session.release();
  // All weights are 0.02, so that all classes are alike: light_bvlc_alexnet_output_0.pb.
  const expected = new Float32Array(1000).fill(0.001);
  expectAllClose(floatsOf(result.probabilities), expected, {
    name: 'probabilities',
    tolerance: 1e-8,
  });
});

function floatsOf(tensor: OrtTensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new Error('onnxruntime did not give float32.');
}
