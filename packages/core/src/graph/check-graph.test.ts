import { describe, expect, test } from 'vitest';
import { createNetwork } from '../model/create-model.ts';
import { PRESET_IDS } from '../presets/index.ts';
import { checkGraph } from './check-graph.ts';
import type { Graph, Node } from './graph.ts';
import { parseGraph } from './parse-graph.ts';

const { graph } = createNetwork('mini');

/** `mini` with one node changed. */
function withNode(name: string, change: (node: Node) => unknown): unknown {
  return { ...graph, nodes: graph.nodes.map((node) => (node.name === name ? change(node) : node)) };
}

describe('checkGraph', () => {
  test('a weight of the wrong shape is named with what is expected and what is there', () => {
    const broken: Graph = {
      ...graph,
      parameters: graph.parameters.map((p) =>
        p.name === 'conv2.weight' ? { ...p, shape: [16, 4, 5, 5] } : p,
      ),
    };
    expect(() => checkGraph(broken)).toThrowError(
      expect.objectContaining({
        code: 'SHAPE_MISMATCH',
        message: 'conv2 expects 8 input channels but pool1 gives 6.',
      }),
    );
  });

  test('a bias of the wrong length is named', () => {
    const broken: Graph = {
      ...graph,
      parameters: graph.parameters.map((p) => (p.name === 'fc7.bias' ? { ...p, shape: [9] } : p)),
    };
    expect(() => checkGraph(broken)).toThrowError(/fc7\.bias is \[9\], but fc7 has 256 outputs/);
  });

  test.each([
    {
      what: 'a missing input',
      node: (n: Node) => ({ ...n, inputs: ['nowhere'] }),
      says: /pool5 reads "nowhere", which does not exist/,
    },
    {
      what: 'a cycle',
      node: (n: Node) => ({ ...n, inputs: ['relu7'] }),
      says: /pool5 reads "relu7" before it is made/,
    },
    {
      what: 'a name twice',
      node: (n: Node) => ({ ...n, name: 'conv1' }),
      says: /Two nodes are called "conv1"/,
    },
    {
      what: 'a value twice',
      node: (n: Node) => ({ ...n, output: 'conv1' }),
      says: /Two values are called "conv1"/,
    },
  ])('$what is refused', ({ node, says }) => {
    expect(() => parseGraph(withNode('pool5', node))).toThrowError(says);
  });

  test('an output that nothing makes is refused', () => {
    expect(() => checkGraph({ ...graph, output: 'scores' })).toThrowError(
      /"scores" is made by no node/,
    );
  });
});

describe('parseGraph', () => {
  test.each(PRESET_IDS)('%s survives JSON', (preset) => {
    const original = createNetwork(preset).graph;
    expect(parseGraph(JSON.parse(JSON.stringify(original)))).toEqual(original);
  });

  test.each([
    { what: 'no object', value: 3, says: /the value should be an object, but is 3/ },
    {
      what: 'an unknown op',
      value: withNode('relu1', (n) => ({ ...n, op: 'Gelu' })),
      says: /relu1 is a "Gelu"/,
    },
    {
      what: 'too few inputs',
      value: withNode('conv1', (n) => ({ ...n, inputs: ['image'] })),
      says: /conv1 \(Conv\) has 1 inputs, but needs 3/,
    },
    {
      what: 'an attribute of the wrong kind',
      value: withNode('conv1', (n) => ({ ...n, attributes: { ...n.attributes, strides: [0, 4] } })),
      says: /nodes\.0\.attributes\.strides\.0 should be a whole number of at least 1, but is 0/,
    },
    {
      what: 'a missing attribute',
      value: withNode('norm1', (n) => ({ ...n, attributes: { size: 5 } })),
      says: /alpha should be a number, but is missing/,
    },
  ])('$what is refused with its place', ({ value, says }) => {
    expect(() => parseGraph(value)).toThrowError(says);
  });
});
