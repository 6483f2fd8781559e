import { createGraphBuilder, createNetwork, type Graph, inferShapes } from '@alexnet/core';
import { expect, test } from 'vitest';
import { poolBeforeRelu } from './pool-before-relu.ts';

const opsOf = ({ nodes }: Graph) => nodes.map(({ op }) => op);
const inputOf = ({ nodes }: Graph, name: string) =>
  nodes.find((node) => node.name === name)?.inputs[0];

test('swaps a Relu and the MaxPool right behind it', () => {
  const { graph } = createNetwork('torchvision');
  const swapped = poolBeforeRelu(graph);
  expect(opsOf(graph).slice(0, 4)).toEqual(['Conv', 'Relu', 'MaxPool', 'Conv']);
  expect(opsOf(swapped).slice(0, 4)).toEqual(['Conv', 'MaxPool', 'Relu', 'Conv']);
  expect(inputOf(swapped, 'pool1')).toBe('conv1');
  expect(inputOf(swapped, 'conv2')).toBe('pool1');
  expect(inferShapes(swapped).get('pool1')).toEqual(inferShapes(graph).get('pool1'));
  expect(inferShapes(swapped).get(graph.output)).toEqual(inferShapes(graph).get(graph.output));
});

test('leaves a Relu with a normalisation in between where it is', () => {
  const { graph } = createNetwork('caffe-alexnet');
  expect(opsOf(poolBeforeRelu(graph)).slice(0, 4)).toEqual(['Conv', 'Relu', 'LRN', 'MaxPool']);
});

test('leaves a Relu that others read, or that is the output', () => {
  const graph = createGraphBuilder('two', [1, 5, 5])
    .relu('relu1')
    .maxPool('pool1', { kernel: 2 })
    .build();
  const readTwice: Graph = {
    ...graph,
    nodes: [
      ...graph.nodes,
      { op: 'Flatten', name: 'flatten', inputs: ['relu1'], output: 'flatten', attributes: {} },
    ],
  };
  expect(poolBeforeRelu(readTwice)).toEqual(readTwice);
  const output = { ...graph, output: 'relu1' };
  expect(poolBeforeRelu(output)).toEqual(output);
});
