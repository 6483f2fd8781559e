import { createNetwork } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { WeightFile } from '../weight-file.ts';
import { importWeights } from './import-weights.ts';
import { expectSame, modelOf, pytorch, zeros } from './test-weight-files.ts';

describe('a file that describes its network', () => {
  test('is read as it says, and named by the preset that it is', () => {
    const model = modelOf('caffenet');
    const graph = {
      ...model.graph,
      name: 'theirs',
      nodes: model.graph.nodes.map((node) => ({ ...node, name: `my-${node.name}` })),
    };
    const file: WeightFile = {
      ...zeros({}, { ...pytorch, format: 'caffemodel' }),
      network: { graph, metadata: {}, readWeights: () => model.weights },
    };
    const { model: found, report } = importWeights(file);
    expect(report.preset).toBe('caffenet');
    expect(found.graph.name).toBe('caffenet');
    expectSame(found, model);
  });

  test('keeps its own network where that is no preset', () => {
    const model = modelOf('caffe-alexnet');
    const graph = createNetwork('caffe-alexnet', { widthMultiplier: 1 / 24, classes: 7 }).graph;
    const odd = {
      ...graph,
      nodes: graph.nodes.map((node) =>
        node.op === 'LRN' ? { ...node, attributes: { ...node.attributes, size: 3 } } : node,
      ),
    };
    const file: WeightFile = {
      ...zeros({}),
      network: { graph: odd, metadata: {}, readWeights: () => model.weights },
    };
    const { model: found, report } = importWeights(file, { skip: ['fc8'], classes: 2 });
    expect(report.preset).toBeNull();
    expect(found.graph.nodes.find(({ op }) => op === 'LRN')?.attributes).toMatchObject({ size: 3 });
    expect(found.weights.get('fc8.weight')?.shape[0]).toBe(2);
  });
});
