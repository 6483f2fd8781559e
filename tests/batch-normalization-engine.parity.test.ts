// The onnxruntime engine with batch normalisation: running statistics are state, and what it evaluates with.

import { createTensor, type ModelMetadata, sizeOf } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import {
  decodeCheckpoint,
  type EngineState,
  encodeCheckpoint,
  type TrainingEngine,
  toModel,
} from '@alexnet/train';
import { createWorkerEngineFactory, loadOnnxRuntime } from '@alexnet/train/node';
import { createOrtEngine } from '@alexnet/train/ort';
import { describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectRelativelyClose } from './ops/compare.ts';
import {
  BATCH,
  batchStatistics,
  CLASSES,
  dataOf,
  graph,
  labelsOf,
  MOMENTUM,
  picturesOf,
  RULE,
  STATISTICS,
  targetsOf,
  weights,
} from './ops/normalised-network.ts';

const ort = await loadOnnxRuntime();

describe('the engine', () => {
  const options = {
    graph,
    batchSize: BATCH,
    rule: RULE,
    state: weights,
    frozen: [],
    seed: 1,
  };
  const create = (state: EngineState, inPlace?: boolean) =>
    createOrtEngine({
      ...options,
      state,
      ort,
      device: 'cpu',
      threads: 2,
      ...(inPlace === undefined ? {} : { inPlace }),
    });

  /** Every third batch is the last one of an epoch, two pictures short. */
  async function train(engine: TrainingEngine, steps: readonly number[]) {
    const losses: number[] = [];
    for (const step of steps) {
      const pictures = step % 3 === 0 ? BATCH - 2 : BATCH;
      const images = picturesOf(step, BATCH).fill(0, pictures * sizeOf(graph.input.shape));
      const targets = targetsOf(labelsOf(pictures), BATCH);
      const input = { images, targets, normalizer: pictures, learningRate: 0.05, step };
      losses.push((await engine.step(input)).loss);
    }
    const state = await engine.readState();
    const images = picturesOf(99, BATCH);
    const logits = await engine.forward(images.slice());
    await engine.dispose();
    return { losses, state, images, logits };
  }

  function expectSameBits(a: EngineState, b: EngineState): void {
    expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
    for (const name of a.keys()) {
      const bits = ({ buffer, byteOffset, byteLength }: Float32Array) =>
        Buffer.from(buffer, byteOffset, byteLength);
      expect(bits(dataOf(a, name)).equals(bits(dataOf(b, name))), name).toBe(true);
    }
  }

  test('in place, plain and in a thread of its own: the same bits', async () => {
    const steps = [1, 2, 3, 4];
    const plain = await train(await create(weights, false), steps);
    const inPlace = await train(await create(weights, true), steps);
    const threaded = await train(await createWorkerEngineFactory({ threads: 2 })(options), steps);
    for (const other of [inPlace, threaded]) {
      expect(other.losses).toEqual(plain.losses);
      expect(other.logits).toEqual(plain.logits);
      expectSameBits(other.state, plain.state);
    }
    for (const name of STATISTICS) {
      expect(dataOf(plain.state, name), name).not.toEqual(dataOf(weights, name));
    }
  });

  test('goes on from a checkpoint as if it had never stopped', async () => {
    const whole = await train(await create(weights), [1, 2, 3, 4, 5]);
    const first = await train(await create(weights), [1, 2, 3]);
    const metadata: ModelMetadata = {
      preset: null,
      labels: ['a', 'b', 'c'],
      preprocessing: {
        resize: { mode: 'none' },
        crop: null,
        channels: 'RGB',
        scale: 1,
        mean: [0, 0, 0],
        std: [1, 1, 1],
      },
      provenance: { origin: 'trained', seed: 1, steps: 3, epochs: 1 },
    };
    const progress = {
      step: 3,
      epochTotals: { count: 0, lossSum: 0, correct: 0 },
      best: null,
      plateau: { best: null, epochsSince: 0, drops: 0 },
    };
    const parts = encodeCheckpoint({ graph, metadata, state: first.state, progress });
    const saved = decodeCheckpoint(Buffer.concat(parts));
    expectSameBits(saved.state, first.state);
    const { weights: taken } = toModel(saved);
    expect([...taken.keys()]).toEqual(graph.parameters.map(({ name }) => name));

    const second = await train(await create(saved.state), [4, 5]);
    expect([...first.losses, ...second.losses]).toEqual(whole.losses);
    expectSameBits(second.state, whole.state);
  });

  test('evaluates with the running statistics', async () => {
    const { state, images, logits } = await train(await create(weights), [1, 2, 3, 4]);
    const image = createTensor([BATCH, ...graph.input.shape], images);
    const expected = interpret(graph, state, image).get(graph.output)?.data ?? [];
    expectRelativelyClose(logits, expected, 'logits', AGREEMENT_TOLERANCES.batchStatistics);
  });

  test('keeps the statistics of a frozen layer', async () => {
    const frozen = ['norm1.scale', 'norm1.bias'];
    const engine = await createOrtEngine({ ...options, frozen, ort, device: 'cpu', threads: 2 });
    const { state } = await train(engine, [1, 2]);
    for (const name of [...frozen, 'norm1.mean', 'norm1.variance']) {
      expect(dataOf(state, name), name).toEqual(dataOf(weights, name));
    }
    expect(dataOf(state, 'norm2.mean')).not.toEqual(dataOf(weights, 'norm2.mean'));
  });

  test('has statistics that follow every part of a batch that is cut into parts', async () => {
    const engine = await createOrtEngine({
      ...options,
      microBatches: 2,
      ort,
      device: 'cpu',
      threads: 2,
    });
    const images = picturesOf(1, BATCH);
    const targets = targetsOf(labelsOf(BATCH), BATCH);
    const half = BATCH / 2;
    const size = half * sizeOf(graph.input.shape);
    const shape = [half, ...graph.input.shape];
    const isPicture = Array.from({ length: half }, () => true);
    const [first, second] = [0, size].map((start) =>
      batchStatistics(createTensor(shape, images.slice(start, start + size)), isPicture),
    );
    await engine.step({ images, targets, normalizer: BATCH, learningRate: 0.05, step: 1 });
    const state = await engine.readState();
    await engine.dispose();
    for (const name of STATISTICS) {
      const follow = (before: Float64Array, batch: Float64Array | undefined) =>
        before.map((value, i) => MOMENTUM * value + (1 - MOMENTUM) * (batch?.[i] ?? Number.NaN));
      const start = Float64Array.from(dataOf(weights, name));
      const expected = follow(follow(start, first?.get(name)), second?.get(name));
      expectRelativelyClose(
        dataOf(state, name),
        expected,
        name,
        AGREEMENT_TOLERANCES.batchStatistics,
      );
    }
  });

  test('learns, and knows it in evaluation', async () => {
    const steps = Array.from({ length: 60 }, (_, i) => i + 1);
    const { losses, logits } = await train(await create(weights), steps);
    const average = (values: readonly number[]) =>
      values.reduce((a, b) => a + b, 0) / values.length;
    expect(average(losses.slice(-6))).toBeLessThan(average(losses.slice(0, 6)) / 4);
    const found = labelsOf(BATCH).map((_, n) => {
      const row = [...logits.subarray(n * CLASSES, (n + 1) * CLASSES)];
      return row.indexOf(Math.max(...row));
    });
    expect(found).toEqual(labelsOf(BATCH));
  });
});
