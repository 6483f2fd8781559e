import { createGraphBuilder, createNetwork, type Graph } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { buildTrainingStep } from './build-training-step.ts';
import { choosePartSize, cutIntoRows } from './row-parts.ts';

const normal = { kind: 'normal', mean: 0, std: 0.1 } as const;
const init = { weight: normal, bias: normal };
const graph = createGraphBuilder('tiny', [1, 4, 4])
  .flatten('flatten') // 16
  .gemm('fc6', { features: 10, init })
  .gemm('fc7', { features: 3, init })
  .build();

describe('cutIntoRows', () => {
  test('large matrices are cut at whole rows, the last part is what is left', () => {
    // 160 numbers at 16 a row, 64 a part: four rows each.
    expect(cutIntoRows(graph, graph.parameters, { size: 64 })).toEqual(
      new Map([
        [
          'fc6.weight',
          [
            { name: 'fc6.weight[0:4]', shape: [4, 16], offset: 0 },
            { name: 'fc6.weight[4:8]', shape: [4, 16], offset: 64 },
            { name: 'fc6.weight[8:10]', shape: [2, 16], offset: 128 },
          ],
        ],
      ]),
    );
  });

  test('parts of many rows have a multiple of 48', () => {
    const wide = createGraphBuilder('wide', [4]).gemm('fc6', { features: 200, init }).build();
    const rowsOf = (size: number) =>
      cutIntoRows(wide, wide.parameters, { size })
        .get('fc6.weight')
        ?.map(({ shape: [rows] }) => rows);
    // 4 numbers a row: 260 are 65 rows, 400 are 100.
    expect(rowsOf(260)).toEqual([48, 48, 48, 48, 8]);
    expect(rowsOf(400)).toEqual([96, 96, 8]);
  });

  test('rows lie in blocks where columns come in whole blocks, all but those that fill none', () => {
    const network = createGraphBuilder('blocks', [32])
      .gemm('fc6', { features: 96, init })
      .gemm('fc7', { features: 90, init })
      .gemm('fc8', { features: 40, init })
      .build();
    const cut = (size: number) => cutIntoRows(network, network.parameters, { size, rowBlock: 8 });
    const summary = (parameter: string, size: number) =>
      cut(size)
        .get(parameter)
        ?.map(({ shape: [rows], rowBlock }) => [rows, rowBlock]);
    // 32 numbers a row: 1280 are 40 rows, of tiles of four blocks; 512 are 16, two blocks.
    expect(summary('fc6.weight', 1280)).toEqual([
      [32, 8],
      [32, 8],
      [32, 8],
    ]);
    expect(summary('fc6.weight', 512)).toEqual(Array.from({ length: 6 }, () => [16, 8]));
    expect(summary('fc6.weight', 1)).toEqual(Array.from({ length: 12 }, () => [8, 8]));
    // 96 numbers a row, 90 rows: 88 in blocks, two more.
    expect(summary('fc7.weight', 4320)).toEqual([
      [32, 8],
      [32, 8],
      [24, 8],
      [2, undefined],
    ]);
    const [, , , last] = cut(4320).get('fc7.weight') ?? [];
    expect(last).toMatchObject({ name: 'fc7.weight[88:90]', offset: 88 * 96 });
    // 90 numbers a row.
    expect(summary('fc8.weight', 1800)).toEqual([
      [20, undefined],
      [20, undefined],
    ]);
  });

  test('a row is never cut', () => {
    const parts = cutIntoRows(graph, graph.parameters, { size: 1 }).get('fc7.weight');
    expect(parts?.map(({ shape }) => shape)).toEqual([
      [1, 10],
      [1, 10],
      [1, 10],
    ]);
  });

  test('a matrix that two layers share stays whole', () => {
    const [flatten, fc6, fc7] = graph.nodes;
    if (!flatten || fc6?.op !== 'Gemm' || fc7?.op !== 'Gemm') throw new Error('another graph');
    const twice: Graph = {
      ...graph,
      nodes: [flatten, fc6, { ...fc6, name: 'again', output: 'again' }, fc7],
    };
    expect(cutIntoRows(twice, graph.parameters, { size: 64 }).has('fc6.weight')).toBe(false);
  });

  test('convolutions stay whole', () => {
    const { graph: mini } = createNetwork('mini');
    const names = [...cutIntoRows(mini, mini.parameters, { size: 10 }).keys()];
    expect(names).toEqual(['fc6.weight', 'fc7.weight', 'fc8.weight']);
  });
});

describe('a step in parts', () => {
  const optimizer = { kind: 'sgd', momentum: 0.9, weightDecay: 0.0005 } as const;

  test('has an array for each part and each slot', () => {
    const { state } = buildTrainingStep(graph, { batchSize: 2, optimizer, partSize: 64 });
    const arrays = state.filter(({ parameter }) => parameter === 'fc6.weight');
    expect(arrays.map(({ input, offset }) => [input, offset])).toEqual([
      ['fc6.weight[0:4]', 0],
      ['fc6.weight[0:4]/momentum', 0],
      ['fc6.weight[4:8]', 64],
      ['fc6.weight[4:8]/momentum', 64],
      ['fc6.weight[8:10]', 128],
      ['fc6.weight[8:10]/momentum', 128],
    ]);
  });

  test('a rule that looks at whole parameters, and gradients by themselves, are not cut', () => {
    const lars = {
      kind: 'lars',
      momentum: 0.9,
      weightDecay: 0,
      trustCoefficient: 0.001,
    } as const;
    const whole = (options: Partial<Parameters<typeof buildTrainingStep>[1]>) =>
      buildTrainingStep(graph, { batchSize: 2, optimizer, partSize: 64, ...options })
        .model.graph.input.map(({ name }) => name)
        .includes('fc6.weight');
    expect(whole({})).toBe(false);
    expect(whole({ optimizer: lars })).toBe(true);
    expect(whole({ form: 'gradients' })).toBe(true);
    expect(whole({ trainable: (parameter) => parameter !== 'fc6.weight' })).toBe(true);
  });

  test('full-size networks are cut, small ones are not', () => {
    const cut = (preset: 'torchvision' | 'mini') => {
      const { graph } = createNetwork(preset);
      return cutIntoRows(graph, graph.parameters, { size: choosePartSize(32) }).size;
    };
    expect(cut('torchvision')).toBe(3);
    expect(cut('mini')).toBe(0);
  });

  test('the parts of a large batch are larger', () => {
    expect(choosePartSize(1)).toBe(choosePartSize(128));
    expect(choosePartSize(512)).toBe(4 * choosePartSize(128));
  });
});
