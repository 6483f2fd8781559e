import {
  createModel,
  type Model,
  type ModelOptions,
  type PresetId,
  type PresetOptions,
} from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { DataType, encodeModel, type ModelProto, toOnnx } from '@alexnet/export';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose, largest } from './ops/compare.ts';
import { makeNoise } from './ops/noise.ts';

interface Case {
  readonly preset: PresetId;
  readonly options: PresetOptions & ModelOptions;
  readonly batchSizes: readonly number[];
}

const CASES: readonly Case[] = [
  { preset: 'mini', options: {}, batchSizes: [1, 3] },
  { preset: 'mini', options: { inputSize: 67, groups: 1 }, batchSizes: [1, 3] },
  { preset: 'paper', options: { widthMultiplier: 1 / 16, inputSize: 100 }, batchSizes: [1, 3] },
  {
    preset: 'caffe-alexnet',
    options: { widthMultiplier: 1 / 8, inputSize: 99 },
    batchSizes: [1, 3],
  },
  { preset: 'torchvision', options: { widthMultiplier: 1 / 16 }, batchSizes: [1, 3] },
  { preset: 'compact', options: { widthMultiplier: 1 / 4, inputSize: 64 }, batchSizes: [1, 3] },
  { preset: 'mnist', options: {}, batchSizes: [1, 3] },
  { preset: 'caffe-alexnet', options: {}, batchSizes: [1] },
];

describe.each(CASES)('$preset $options', ({ preset, options, batchSizes }) => {
  test('onnxruntime and the interpreter agree at three depths', async () => {
    const model = createModel(preset, { ...options, init: 'he', seed: 5 });
    const taps = chooseTaps(model);
    const session = await createSession(withTaps(toOnnx(model), taps));
    for (const batchSize of batchSizes) {
      const input = makeNoise(model, batchSize);
      const expected = interpret(model.graph, model.weights, input, { taps });
      const actual = await session.run({
        image: new OrtTensor('float32', input.data, input.shape),
      });
      for (const name of [...taps, 'logits']) {
        const { data = new Float64Array(), shape = [] } = expected.get(name) ?? {};
        expect(actual[name]?.dims).toEqual(shape);
        expectAllClose(floatsOf(actual[name]), data, {
          name: `${name} at batch ${batchSize}`,
          tolerance: AGREEMENT_TOLERANCES.onnxruntime * largest(data),
        });
      }
    }
    await session.release();
  });
});

test('probabilities add up to one, and follow the logits', async () => {
  const model = createModel('mini', { inputSize: 67 });
  const session = await createSession(toOnnx(model, { output: 'probabilities' }));
  expect(session.outputNames).toEqual(['probabilities']);
  const input = makeNoise(model, 2);
  const logits = interpret(model.graph, model.weights, input).get('logits')?.data ?? [];
  const exps = Array.from(logits, Math.exp);
  const rows = [exps.slice(0, 10), exps.slice(10)];
  const expected = rows.flatMap((row) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    return row.map((value) => value / total);
  });
  const { probabilities } = await session.run({
    image: new OrtTensor('float32', input.data, input.shape),
  });
  expectAllClose(floatsOf(probabilities), expected, {
    name: 'probabilities',
    tolerance: AGREEMENT_TOLERANCES.onnxruntime,
  });
  await session.release();
});

/** The last pool and the last hidden layer: a difference there says where it begins. */
function chooseTaps({ graph }: Model): readonly string[] {
  const pools = graph.nodes.filter(({ op }) => op === 'MaxPool');
  const layers = graph.nodes.filter(({ op }) => op === 'Gemm');
  return [pools.at(-1), layers.at(-2)].flatMap((node) => node?.output ?? []);
}

function withTaps(model: ModelProto, taps: readonly string[]): ModelProto {
  const type = { tensorType: { elemType: DataType.float } };
  const output = [...model.graph.output, ...taps.map((name) => ({ name, type }))];
  return { ...model, graph: { ...model.graph, output } };
}

function createSession(model: ModelProto): Promise<InferenceSession> {
  return InferenceSession.create(encodeModel(model), { executionProviders: ['cpu'] });
}

function floatsOf(tensor: OrtTensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new Error('onnxruntime did not give float32.');
}
