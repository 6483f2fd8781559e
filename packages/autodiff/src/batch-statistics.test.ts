import { createGraphBuilder, type Graph, type Node } from '@alexnet/core';
import type { ModelProto } from '@alexnet/export';
import { describe, expect, test } from 'vitest';
import { buildForward } from './build-forward.ts';
import { buildTrainingStep, type TrainingStepOptions } from './build-training-step.ts';
import { checkInPlaceUpdate } from './check-in-place-update.ts';

const init = {
  weight: { kind: 'normal', mean: 0, std: 0.01 },
  bias: { kind: 'constant', value: 0 },
} as const;
const normalization = { epsilon: 0.001, momentum: 0.75 };

const graph = createGraphBuilder('normalised', [2, 5, 5])
  .conv('conv1', { channels: 4, kernel: 3, init })
  .batchNormalization('norm1', normalization)
  .relu('relu1')
  .flatten('flatten')
  .gemm('fc2', { features: 6, init })
  .batchNormalization('norm2', normalization)
  .gemm('fc3', { features: 3, init })
  .build();

const options: TrainingStepOptions = {
  batchSize: 4,
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0.0005 },
};

const STATISTICS = ['norm1.mean', 'norm1.variance', 'norm2.mean', 'norm2.variance'];

function updatedBy(step: ReturnType<typeof buildTrainingStep>): readonly string[] {
  return [...new Set(step.state.map(({ parameter }) => parameter))];
}

function opsUnder(model: ModelProto, scope: string): readonly string[] {
  return model.graph.node
    .filter(({ name = '' }) => name.startsWith(`${scope}/`))
    .map(({ opType }) => opType);
}

describe('running statistics', () => {
  test('are state without slots, behind what learns by gradient', () => {
    const { state, gradients } = buildTrainingStep(graph, options);
    expect(state.slice(-4)).toEqual(
      STATISTICS.map((parameter) => ({
        parameter,
        slot: null,
        input: parameter,
        output: `${parameter}/new`,
        shape: [parameter.startsWith('norm1') ? 4 : 6],
        offset: 0,
      })),
    );
    const learned = state.filter(({ parameter }) => !STATISTICS.includes(parameter));
    expect(learned).toHaveLength(2 * (graph.parameters.length - 4));
    expect(gradients).toEqual([]);
  });

  test('are the state of a step that gives gradients, and have none', () => {
    const { state, gradients } = buildTrainingStep(graph, { ...options, form: 'gradients' });
    expect(state.map(({ parameter }) => parameter)).toEqual(STATISTICS);
    const names = gradients.map(({ parameter }) => parameter);
    expect(names).toEqual(
      graph.parameters.map(({ name }) => name).filter((name) => !STATISTICS.includes(name)),
    );
  });

  test('may be updated in place, and are only read to be updated', () => {
    const { model, state } = buildTrainingStep(graph, options);
    checkInPlaceUpdate(model, state);
    for (const name of STATISTICS) {
      const readers = model.graph.node.filter(({ input }) => input.includes(name));
      expect(readers.map((node) => node.name)).toEqual([`${name}/update/Mul`]);
    }
  });

  test('are not counted among what can learn', () => {
    const trainable = (name: string) => STATISTICS.includes(name);
    expect(() => buildTrainingStep(graph, { ...options, trainable })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'None of the 10 parameters of normalised is trainable.',
      }),
    );
  });

  test('normalise in a forward pass', () => {
    const { model, parameters } = buildForward(graph, { batchSize: 'dynamic' });
    expect(opsUnder(model, 'norm1')).toEqual(['BatchNormalization']);
    expect(parameters.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['norm1.scale', 'norm1.bias', ...STATISTICS]),
    );
  });
});

describe('a frozen layer', () => {
  test.each([
    [['norm1.scale', 'norm1.bias']],
    [['norm1.mean', 'norm1.variance']],
    [['norm1.mean']],
    [['norm1.variance']],
    [['norm1.scale', 'norm1.bias', 'norm1.mean', 'norm1.variance']],
  ])('by %o normalises by its running statistics and keeps them', (frozen) => {
    const trainable = (name: string) => !frozen.includes(name);
    const step = buildTrainingStep(graph, { ...options, trainable });
    expect(opsUnder(step.model, 'norm1')).toContain('BatchNormalization');
    const updated = updatedBy(step);
    expect(updated).toEqual(expect.arrayContaining(['norm2.mean', 'norm2.variance']));
    for (const name of ['norm1.mean', 'norm1.variance', ...frozen]) {
      expect(updated).not.toContain(name);
    }
  });

  test.each(['norm1.scale', 'norm1.bias'])('%s alone does not make one', (frozen) => {
    const trainable = (name: string) => name !== frozen;
    const step = buildTrainingStep(graph, { ...options, trainable });
    expect(updatedBy(step)).toEqual(expect.arrayContaining(STATISTICS));
    expect(opsUnder(step.model, 'norm1')).not.toContain('BatchNormalization');
  });

  test('below all that learns costs no gradient', () => {
    const trainable = (name: string) => name.startsWith('fc3');
    const { model } = buildTrainingStep(graph, { ...options, trainable });
    expect(opsUnder(model, 'norm2')).toEqual(['BatchNormalization']);
    expect(opsUnder(model, 'pictures')).toEqual([]);
  });
});

describe('layers that share their arrays', () => {
  /** norm2 twice, the second time with scale and bias of its own or the same. */
  function twice(affine: 'norm2' | 'again'): Graph {
    const again: Node = {
      op: 'BatchNormalization',
      name: 'again',
      inputs: ['norm2', `${affine}.scale`, `${affine}.bias`, 'norm2.mean', 'norm2.variance'],
      output: 'again',
      attributes: normalization,
    };
    const own = ['again.scale', 'again.bias'].map((name) => ({
      name,
      shape: [6],
      initializer: init.bias,
    }));
    return {
      ...graph,
      parameters: [...graph.parameters, ...(affine === 'again' ? own : [])],
      nodes: graph.nodes.flatMap((node): readonly Node[] =>
        node.op === 'Gemm' && node.name === 'fc3'
          ? [again, { ...node, inputs: ['again', 'fc3.weight', 'fc3.bias'] }]
          : [node],
      ),
    };
  }

  test('update them one after the other', () => {
    const network = twice('norm2');
    const { model, state } = buildTrainingStep(network, options);
    expect(state.filter(({ parameter }) => parameter === 'norm2.mean')).toHaveLength(1);
    expect(opsUnder(model, 'norm2.mean/update').filter((op) => op === 'Add')).toHaveLength(2);
    checkInPlaceUpdate(model, state);
  });

  test('must not read a statistic while another updates it', () => {
    const trainable = (name: string) => !name.startsWith('again');
    expect(() => buildTrainingStep(twice('again'), { ...options, trainable })).toThrow(
      expect.objectContaining({
        code: 'INVALID_GRAPH',
        message:
          'norm2.mean is a running statistic that norm2 updates, but again reads it as well.',
      }),
    );
  });
});
