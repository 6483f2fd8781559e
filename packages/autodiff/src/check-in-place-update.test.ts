import { createNetwork, PRESET_IDS, sizeOf } from '@alexnet/core';
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

test.each(optimizers)('may be updated by stages with %o', (optimizer) => {
  const { graph } = createNetwork('torchvision');
  const options = { batchSize: 8, optimizer, blockedChannels: 8 };
  const { model, state } = buildTrainingStep(graph, { ...options, inStages: true });
  checkInPlaceUpdate(model, state);
  const staged = state.filter(({ stages }) => stages !== undefined);
  // Of the matrices in blocks, the momenta alone.
  const isKept = optimizer.kind === 'sgd' && optimizer.momentum > 0;
  expect(staged.length > 0).toBe(isKept);
  for (const { slot, stages = [], shape, rowBlock } of staged) {
    expect(slot).toBe('momentum');
    expect(rowBlock).toBe(8);
    for (const stage of stages) expect(sizeOf(stage.shape)).toBe(sizeOf(shape));
  }
  const plain = buildTrainingStep(graph, options);
  expect(plain.state.every(({ stages }) => stages === undefined)).toBe(true);
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
      'w/new is written by a MatMul, which does not read w element by element',
    );
  });

  describe('on the way', () => {
    const staged: readonly StateArray[] = state.map((array) => ({
      ...array,
      shape: [1, 8, 1, 1],
      stages: [{ output: 'twice', shape: [1, 8, 1, 1] }],
    }));
    /** w/new = 2·w + image ∗ kernel, by way of 2·w, and what is planted. */
    function checkStages(
      operands: readonly string[],
      plant: (builder: OnnxBuilder) => void = () => {},
    ): void {
      const builder = createOnnxBuilder('planted');
      for (const name of ['w', 'image']) builder.input(name, 'float32', [1, 8, 1, 1]);
      builder.input('kernel', 'float32', [8, 8, 1, 1]);
      builder.op('Mul', ['w', builder.scalar(2)], {}, { output: 'twice' });
      builder.op('Conv', operands, {}, { output: 'w/new', domain: 'com.microsoft.nchwc' });
      for (const name of ['twice', 'w/new']) builder.output(name, 'float32', [1, 8, 1, 1]);
      plant(builder);
      checkInPlaceUpdate(builder.build(), staged);
    }

    test('none in what a blocked convolution adds to', () => {
      checkStages(['image', 'kernel', '', 'twice']);
    });

    test('a convolution of what it writes over', () => {
      expect(() => checkStages(['twice', 'kernel'])).toThrow(
        'w/new is written by a Conv, which does not read twice element by element',
      );
    });

    test('a reader of the array that a stage has been written over', () => {
      const plant = (builder: OnnxBuilder) => builder.op('Neg', ['w'], {}, { name: 'late' });
      expect(() => checkStages(['image', 'kernel', '', 'twice'], plant)).toThrow(
        'late may read w after twice has been written over it',
      );
    });

    test('a reader of a stage that the next value does not depend on', () => {
      const plant = (builder: OnnxBuilder) => builder.op('Neg', ['twice'], {}, { name: 'late' });
      expect(() => checkStages(['image', 'kernel', '', 'twice'], plant)).toThrow(
        'late may read twice after w/new has been written over it',
      );
    });

    test('a writer that reads the array itself, where a stage lies by then', () => {
      expect(() => checkStages(['w', 'kernel', '', 'twice'])).toThrow(
        'may read w after twice has been written over it',
      );
    });
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
