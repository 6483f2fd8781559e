import { createNetwork, PRESET_IDS } from '@alexnet/core';
import { createOnnxBuilder, type OnnxBuilder } from '@alexnet/export';
import { describe, expect, test } from 'vitest';
import { buildTrainingStep } from './build-training-step.ts';
import { checkInPlaceUpdate } from './check-in-place-update.ts';
import type { OptimizerConfig } from './optimizers/index.ts';
import type { StateArray } from './training-step.ts';

const optimizers: readonly OptimizerConfig[] = [
  { kind: 'sgd', momentum: 0.9, weightDecay: 0.0005 },
  { kind: 'sgd', momentum: 0, weightDecay: 0 },
  { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
];

describe.each(PRESET_IDS)('%s', (preset) => {
  test.each(optimizers)('may be updated in place with %o', (optimizer) => {
    const { graph } = createNetwork(preset);
    const { model, state } = buildTrainingStep(graph, { batchSize: 3, optimizer });
    expect(state.length).toBeGreaterThanOrEqual(graph.parameters.length);
    checkInPlaceUpdate(model, state);

    // The same once more, by node order: no reader of an array stands behind the node that replaces it.
    for (const { input, output } of state) {
      const writer = model.graph.node.findIndex((node) => node.output.includes(output));
      const lastReader = model.graph.node.findLastIndex((node) => node.input.includes(input));
      expect(lastReader, input).toBeLessThanOrEqual(writer);
    }
  });
});

describe('a planted violation is reported', () => {
  const state: readonly StateArray[] = [
    { parameter: 'w', slot: null, input: 'w', output: 'w/new', shape: [2], offset: 0 },
  ];
  /** w/new = w + 2·w, and what is planted. */
  function check(plant: (builder: OnnxBuilder) => void, writer = 'Add'): void {
    const builder = createOnnxBuilder('planted');
    builder.input('w', 'float32', [2]);
    builder.op('Reshape', ['w', builder.ints(2)], {}, { output: 'view' });
    const twice = builder.op('Mul', ['view', builder.scalar(2)]);
    builder.op(writer, ['w', twice], {}, { output: 'w/new' });
    builder.output('w/new', 'float32', [2]);
    plant(builder);
    checkInPlaceUpdate(builder.build(), state);
  }

  test('none in a clean model', () => {
    check(() => {});
  });

  test('a reader that the new value does not depend on', () => {
    expect(() => check((builder) => builder.op('Neg', ['w'], {}, { name: 'late' }))).toThrow(
      'late may read w after w/new has been written over it',
    );
  });

  test('a reader of a view', () => {
    expect(() => check((builder) => builder.op('Neg', ['view'], {}, { name: 'late' }))).toThrow(
      'late may read w after w/new has been written over it',
    );
  });

  test('a writer that reads other elements than it writes', () => {
    expect(() => check(() => {}, 'MatMul')).toThrow(
      'w/new is written by a MatMul, which is not elementwise',
    );
  });

  test('a state array that is no output, or that nothing writes', () => {
    const builder = createOnnxBuilder('planted');
    builder.input('w', 'float32', [2]);
    builder.op('Add', ['w', 'w'], {}, { output: 'w/new' });
    builder.output(builder.op('Neg', ['w/new'], {}, { output: 'y' }), 'float32', [2]);
    expect(() => checkInPlaceUpdate(builder.build(), state)).toThrow('w/new is not an output');
    const missing = state.map((array) => ({ ...array, output: 'v/new' }));
    expect(() => checkInPlaceUpdate(builder.build(), missing)).toThrow('nothing writes v/new');
  });
});
