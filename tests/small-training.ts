// A training of a few steps on noise, for engines that are held against each other.
import { createModel, createRandom, createTensor, type Model } from '@alexnet/core';
import {
  createTargets,
  type EngineOptions,
  type EngineState,
  type StepInput,
  type TrainingEngine,
} from '@alexnet/train';
import { expect } from 'vitest';
import { expectRelativelyClose } from './ops/compare.ts';

const BATCH = 2;
const CLASSES = 3;

const smallModel: Model = createModel('mini', {
  classes: CLASSES,
  inputSize: 67,
  widthMultiplier: 0.25,
  init: 'he',
  seed: 4,
});

export const smallTraining: EngineOptions = {
  graph: smallModel.graph,
  batchSize: BATCH,
  rule: { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } },
  state: smallModel.weights,
  frozen: [],
  seed: 1,
};

export interface SmallResult {
  readonly losses: readonly number[];
  /** Of the last step's batch, after it. */
  readonly scores: readonly number[];
  readonly state: EngineState;
}

/**
 * Takes steps on an engine, which is disposed of.
 *
 * @param calls - the numbers of the steps; several in one call where the engine has a loop
 */
export async function takeSmallSteps(
  engine: TrainingEngine,
  calls: readonly (readonly number[])[],
): Promise<SmallResult> {
  const losses: number[] = [];
  for (const steps of calls) {
    const inputs = steps.map(inputOf);
    if (engine.loop) losses.push(...(await engine.loop.run(inputs)).map(({ loss }) => loss));
    else for (const input of inputs) losses.push((await engine.step(input)).loss);
  }
  const { images } = inputOf(calls.at(-1)?.at(-1) ?? 0);
  const scores = [...(await engine.forward(images))];
  const state = await engine.readState();
  await engine.dispose();
  return { losses, scores, state };
}

export function expectSameTraining(
  found: SmallResult,
  expected: SmallResult,
  tolerance: number,
): void {
  expectRelativelyClose(found.losses, expected.losses, 'losses', tolerance);
  expectRelativelyClose(found.scores, expected.scores, 'scores', tolerance);
  expect([...found.state.keys()].sort()).toEqual([...expected.state.keys()].sort());
  for (const [name, { shape, data }] of expected.state) {
    const other = found.state.get(name) ?? createTensor([0]);
    expect(other.shape, name).toEqual(shape);
    expectRelativelyClose(other.data, data, name, tolerance);
  }
}

export function expectSameBits(found: EngineState, expected: EngineState): void {
  expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, { data }] of expected) {
    const other = found.get(name)?.data ?? new Float32Array();
    expect(Buffer.from(other.buffer).equals(Buffer.from(data.buffer)), name).toBe(true);
  }
}

function inputOf(step: number): StepInput {
  const { data: images } = createTensor([BATCH, ...smallModel.graph.input.shape]);
  createRandom(step).fillNormal(images);
  const labels = [0, step % CLASSES];
  const { rows: targets } = createTargets(labels, { batchSize: BATCH, classes: CLASSES });
  return { images, targets, normalizer: BATCH, learningRate: 0.01, step };
}
