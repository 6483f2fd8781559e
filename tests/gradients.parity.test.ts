import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildForward,
  buildTrainingStep,
  type ConvolutionRecipe,
  checkInPlaceUpdate,
  type TrainingStepOptions,
} from '@alexnet/autodiff';
import { createNetwork, type Graph, isPresetId, sizeOf } from '@alexnet/core';
import { type Float64Tensor, interpret } from '@alexnet/core/interpret';
import { decodeModel } from '@alexnet/export';
import { probeBlockedChannels } from '@alexnet/train/ort';
import ort from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import {
  checksum,
  type GoldenCase,
  type GoldenNetwork,
  listedChecksums,
  readGolden,
} from './golden/golden-files.ts';
import { hashedFeeds, hashedParameters } from './golden/hashed-network.ts';
import { hashedValues } from './golden/hashed-values.ts';
import { TOLERANCES } from './golden/tolerances.ts';
import { withBatchStatistics } from './ops/batch-statistics.ts';
import { expectAllClose, expectRelativelyClose, expectSummary } from './ops/compare.ts';
import { asParameters, inputGradient, withInputAsParameter } from './ops/input-as-parameter.ts';
import {
  createSession,
  readFloats,
  runGradients,
  type StepResults,
  toTensors,
} from './ops/run-step.ts';

/** The standard operators, and those that this runtime has for this processor, if any. */
const blocked = await probeBlockedChannels(ort);
const CONVOLUTIONS: readonly (Pick<TrainingStepOptions, 'blockedChannels' | 'convolutions'> & {
  readonly name: string;
})[] = [
  { name: 'standard convolutions', convolutions: 'direct' },
  { name: 'convolutions through the Fourier transform', convolutions: 'fourier' },
  ...(blocked === null
    ? []
    : [
        {
          name: `convolutions in blocks of ${blocked} channels`,
          blockedChannels: blocked,
          convolutions: 'direct' as const,
        },
      ]),
];

const OPTIMIZER = { kind: 'sgd', momentum: 0.9, weightDecay: 0.0005 } as const;

test('golden files are those that the README lists', () => {
  const listed = listedChecksums().filter(({ name }) => name.startsWith('gradients/'));
  expect(listed.length).toBe(5);
  expect(listed.map(({ name }) => ({ name, sha256: checksum(name) }))).toEqual(listed);
});

/** Forced, where the number of products would never choose it for maps as small as these. */
const RECIPES = ['direct', 'fourier'] as const;

describe('gradients of each op', () => {
  const { cases } = readGolden('gradients/ops.json.gz');

  test('the cases reach every op', () => {
    const reached = new Set(cases.flatMap(({ graph }) => graph.nodes.map(({ op }) => op)));
    expect([...reached].sort()).toEqual(
      [
        'AdaptiveAveragePool',
        'AveragePool',
        'BatchNormalization',
        'Conv',
        'Dropout',
        'Flatten',
        'Gemm',
        'LRN',
        'MaxPool',
        'Relu',
        'Softmax',
        'SpatialLRN',
        'Tanh',
      ].sort(),
    );
  });

  describe.each(cases)('$name', (golden) => {
    test.each(recipesOf(golden))('agree with PyTorch in float64, %s', async (convolutions) => {
      const actual = await runCase(golden, convolutions);
      expectAllClose([actual.loss], [golden.loss], {
        name: 'loss',
        tolerance: TOLERANCES.loss * Math.abs(golden.loss),
      });
      expectRelativelyClose(actual.logits, golden.logits.data, 'logits', TOLERANCES.opGradient);
      for (const [name, gradient] of Object.entries(golden.gradients)) {
        const found = actual.gradients.get(name) ?? [];
        expectRelativelyClose(found, gradient.data, name, TOLERANCES.opGradient);
      }
      expect([...actual.statistics.keys()]).toEqual(Object.keys(golden.statistics));
      for (const [name, statistic] of Object.entries(golden.statistics)) {
        const found = actual.statistics.get(name) ?? [];
        expectRelativelyClose(found, statistic.data, name, TOLERANCES.opGradient);
      }
      const image = inputGradient(actual.gradients, golden.image.shape);
      expectRelativelyClose(image, golden.imageGradient.data, 'image', TOLERANCES.opGradient);
    });

    test('agree with finite differences of the interpreter', async () => {
      const actual = await runCase(golden, 'direct');
      const arrays = new Map([['image', golden.image], ...Object.entries(golden.parameters)]);
      for (const [name, { shape, data }] of arrays) {
        if (name !== 'image' && !(name in golden.gradients)) continue;
        const found =
          name === 'image'
            ? inputGradient(actual.gradients, shape)
            : (actual.gradients.get(name) ?? []);
        const expected = data.map((_value, i) => finiteDifference(golden, arrays, name, i));
        expectRelativelyClose(found, expected, name, TOLERANCES.finiteDifference);
      }
    });
  });
});

describe.each(['gradients/mini.json.gz', 'gradients/caffe-alexnet.json.gz'] as const)(
  '%s',
  (file) => {
    const golden = readGolden(file);

    test.each(CONVOLUTIONS)(
      'a whole step with $name agrees with PyTorch in float64',
      async ({ name: _name, ...recipe }) => {
        const graph = createGraph(golden);
        const { batchSize, pictures } = golden;
        const step = buildTrainingStep(graph, {
          batchSize,
          optimizer: OPTIMIZER,
          form: 'gradients',
          ...recipe,
        });
        const actual = await runGradients(
          step,
          hashedParameters(graph),
          hashedFeeds(step, pictures),
        );
        expectAllClose([actual.loss], [golden.loss], {
          name: 'loss',
          tolerance: TOLERANCES.loss * golden.loss,
        });
        expectSummary(actual.logits, golden.logits, {
          name: 'logits',
          seed: 2000,
          tolerance: TOLERANCES.networkGradient,
        });
        const names = Object.keys(golden.gradients);
        expect([...actual.gradients.keys()]).toEqual(names);
        for (const [index, name] of names.entries()) {
          const expected = golden.gradients[name];
          const found = actual.gradients.get(name);
          if (!expected || !found) throw new Error(`no gradient of ${name}`);
          expectSummary(found, expected, {
            name,
            seed: 3000 + index,
            tolerance: TOLERANCES.networkGradient,
          });
        }
      },
    );
  },
);

describe('onnxruntime, when it optimises a step,', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-step-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const presets = ['mini', 'mnist', 'torchvision'] as const;
  test.each(presets.flatMap((preset) => RECIPES.map((recipe) => [preset, recipe] as const)))(
    'leaves %s safe in place, convolutions %s',
    async (preset, convolutions) => {
      const { graph } = createNetwork(preset);
      const { model, state } = buildTrainingStep(graph, {
        batchSize: 2,
        optimizer: OPTIMIZER,
        convolutions,
      });
      const file = join(folder, `${preset}-${convolutions}.onnx`);
      const session = await createSession(model, { optimizedModelFilePath: file });
      await session.release();
      const optimized = decodeModel(readFileSync(file));
      expect(optimized.graph.node.length).toBeLessThan(model.graph.node.length);
      checkInPlaceUpdate(optimized, state);
    },
  );
});

describe('the forward pass with dropout off', () => {
  const { graph } = createNetwork('mini');
  const weights = hashedParameters(graph);

  test.each(['dynamic', 2] as const)(
    'with batch size %s agrees with the interpreter',
    async (batchSize) => {
      const forward = buildForward(graph, { batchSize });
      const image = {
        shape: [2, ...graph.input.shape],
        data: hashedValues(5, 2 * sizeOf(graph.input.shape), 100),
      };
      const session = await createSession(forward.model);
      const results = await session.run(toTensors(new Map([...weights, ['image', image]])));
      await session.release();
      const expected = interpret(graph, weights, image).get(graph.output);
      expectRelativelyClose(
        readFloats(results, 'logits'),
        expected?.data ?? [],
        'logits',
        TOLERANCES.networkGradient,
      );
    },
  );
});

/**
 * The transform's rounding is a share of a map's largest number: only where the case compares whole maps, not
 * what a pool has picked out of them, can a share of the largest number left be asked for.
 */
function recipesOf({ name }: GoldenCase): readonly ConvolutionRecipe[] {
  return name.startsWith('Conv') ? RECIPES : ['direct'];
}

async function runCase(golden: GoldenCase, convolutions: ConvolutionRecipe): Promise<StepResults> {
  const batchSize = golden.target.shape[0] ?? 0;
  const step = buildTrainingStep(withInputAsParameter(golden.graph, batchSize), {
    batchSize,
    optimizer: OPTIMIZER,
    form: 'gradients',
    convolutions,
    trainable: (parameter) => ![...golden.frozen, 'input.bias'].includes(parameter),
  });
  const { image, parameters } = asParameters(golden.image);
  const own = Object.entries(golden.parameters).map(
    ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
  );
  return runGradients(step, new Map([...parameters, ...own]), {
    image,
    target: Float32Array.from(golden.target.data),
    normalizer: golden.normalizer,
    masks: new Map(
      Object.entries(golden.masks).map(([node, { data }]) => [node, Float32Array.from(data)]),
    ),
  });
}

/** Central difference of the interpreter's loss by one element. */
function finiteDifference(
  golden: GoldenCase,
  arrays: ReadonlyMap<string, { shape: readonly number[]; data: readonly number[] }>,
  name: string,
  index: number,
): number {
  const h = 1e-4;
  const lossAt = (offset: number) => {
    const tensors = new Map<string, Float64Tensor>();
    for (const [key, { shape, data }] of arrays) {
      tensors.set(key, { shape, data: Float64Array.from(data) });
    }
    const moved = tensors.get(name)?.data;
    if (moved) moved[index] = (moved[index] ?? Number.NaN) + offset;
    return interpretLoss(golden, tensors);
  };
  return (lossAt(h) - lossAt(-h)) / (2 * h);
}

/** −Σ target · log softmax(logits) / normalizer, in float64. */
function interpretLoss(
  { graph, masks: given, target, normalizer, frozen }: GoldenCase,
  tensors: ReadonlyMap<string, Float64Tensor>,
): number {
  const image = tensors.get('image');
  const last = graph.nodes.at(-1);
  const logitsName = last?.op === 'Softmax' ? last.inputs[0] : graph.output;
  if (!image) throw new Error('a case without an image');
  const masks = new Map(
    Object.entries(given).map(([node, { shape, data }]) => [
      node,
      { shape, data: Float64Array.from(data) },
    ]),
  );
  const [rows = 0, classes = 0] = target.shape;
  const isPicture = Array.from({ length: rows }, (_, n) =>
    target.data.slice(n * classes, (n + 1) * classes).some((share) => share !== 0),
  );
  const inTraining = withBatchStatistics(graph, tensors, { image, isPicture, frozen, masks });
  const taps = [logitsName];
  const values = interpret(inTraining.graph, inTraining.arrays, image, { taps, masks });
  const logits = values.get(logitsName)?.data ?? new Float64Array();
  let sum = 0;
  for (let n = 0; n < rows; n++) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const max = Math.max(...row);
    const logSum = Math.log(row.reduce((total, value) => total + Math.exp(value - max), 0)) + max;
    for (const [j, value] of row.entries()) {
      sum += (target.data[n * classes + j] ?? 0) * (value - logSum);
    }
  }
  return -sum / normalizer;
}

function createGraph({ preset, classes }: GoldenNetwork): Graph {
  if (!isPresetId(preset)) throw new Error(`unknown preset ${preset}`);
  return createNetwork(preset, { classes }).graph;
}
