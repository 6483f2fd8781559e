// Update rules, twenty steps each, on TensorFlow and on onnxruntime: the losses agree to four digits.
import { createModel, createRandom, createTensor, type Graph, type Node } from '@alexnet/core';
import { createTargets, type EngineFactory } from '@alexnet/train';
import { loadOnnxRuntime, startTfjsEngine } from '@alexnet/train/node';
import { createOrtEngine } from '@alexnet/train/ort';
import { beforeEach, describe, expect, test } from 'vitest';
import { type GoldenRun, readGolden } from './golden/golden-files.ts';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectRelativelyClose } from './ops/compare.ts';
import { requireTensorFlow } from './ops/tensorflow.ts';

beforeEach(requireTensorFlow);

const BATCH = 4;
const CLASSES = 10;
/** Those that PyTorch, Keras and timm have taken: every optimiser, and every rule beside it. */
const { runs } = readGolden('gradients/optimizers.json.gz');
/** Of smooth layers alone: two engines part for good where a value lies within rounding of a kink. */
const { graph: rectified, weights } = createModel('mini', { seed: 1 });
const graph: Graph = { ...rectified, nodes: rectified.nodes.map(smoothen) };
const ort = await loadOnnxRuntime();

/** `mini` with tanh in place of what rectifies, and means in place of maxima. */
function smoothen(node: Node): Node {
  if (node.op === 'Relu') return { ...node, op: 'Tanh' };
  if (node.op !== 'MaxPool') return node;
  return {
    ...node,
    op: 'AveragePool',
    attributes: { ...node.attributes, countIncludePad: false },
  };
}

async function train(createEngine: EngineFactory, golden: GoldenRun) {
  const { update: rule, factors = {}, learningRates } = golden;
  const engine = await createEngine({
    graph,
    batchSize: BATCH,
    rule,
    factors,
    state: weights,
    frozen: [],
    seed: 1,
  });
  const losses: number[] = [];
  for (const [index, learningRate] of learningRates.entries()) {
    const step = index + 1;
    const { data: images } = createTensor([BATCH, ...graph.input.shape]);
    createRandom(step).fillNormal(images);
    const labels = Array.from({ length: BATCH }, (_, row) => (row + step) % CLASSES);
    const { rows } = createTargets(labels, { batchSize: BATCH, classes: CLASSES });
    const input = { images, targets: rows, normalizer: BATCH, learningRate, step };
    losses.push((await engine.step(input)).loss);
  }
  const state = await engine.readState();
  await engine.dispose();
  return { losses, state };
}

/** ‖a − b‖ / ‖b‖: Adam divides by the root of what may be nearly nothing, so that single numbers may part. */
function relativeDistance(a: ArrayLike<number>, b: Float32Array): number {
  const squares = b.reduce((sum, value) => sum + value ** 2, 0);
  const differences = b.reduce((sum, value, i) => sum + ((a[i] ?? Number.NaN) - value) ** 2, 0);
  return Math.sqrt(differences / squares);
}

test('every optimiser has a run', () => {
  const kinds = new Set(runs.map(({ update }) => update.optimizer.kind));
  expect([...kinds].sort()).toEqual(['adam', 'adamw', 'lars', 'rmsprop', 'sgd']);
});

describe('twenty steps', () => {
  test.each(runs)('$name', async (golden) => {
    const found = await train((options) => startTfjsEngine({ ...options, device: 'cpu' }), golden);
    const expected = await train(
      (options) => createOrtEngine({ ...options, ort, device: 'cpu' }),
      golden,
    );
    expect(found.losses).toHaveLength(20);
    for (const [index, loss] of expected.losses.entries()) {
      const name = `loss of step ${index + 1}`;
      const tolerance = AGREEMENT_TOLERANCES.tfjsLoss;
      expectRelativelyClose([found.losses[index] ?? Number.NaN], [loss], name, tolerance);
    }
    expect([...found.state.keys()].sort()).toEqual([...expected.state.keys()].sort());
    for (const [name, { data }] of expected.state) {
      const distance = relativeDistance(found.state.get(name)?.data ?? [], data);
      expect(distance, name).toBeLessThan(AGREEMENT_TOLERANCES.tfjsState);
    }
  });
});
