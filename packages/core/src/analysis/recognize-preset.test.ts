import { describe, expect, test } from 'vitest';
import type { Graph, Node } from '../graph/graph.ts';
import { createNetwork } from '../model/create-model.ts';
import { PRESET_IDS, type PresetId } from '../presets/index.ts';
import type { PresetOptions } from '../presets/preset.ts';
import { recognizePreset } from './recognize-preset.ts';

/** The graph under names that say nothing. */
function rename(graph: Graph): Graph {
  const names = new Map([[graph.input.name, 'x']]);
  for (const [index, { name }] of graph.parameters.entries()) names.set(name, `w${index}`);
  for (const [index, { output }] of graph.nodes.entries()) names.set(output, `v${index}`);
  const nameOf = (old: string) => names.get(old) ?? old;
  return {
    name: 'main_graph',
    input: { ...graph.input, name: 'x' },
    parameters: graph.parameters.map((parameter) => ({
      ...parameter,
      name: nameOf(parameter.name),
    })),
    nodes: graph.nodes.map((node, index) => renameNode(node, `n${index}`, nameOf)),
    output: nameOf(graph.output),
  };
}

function renameNode<N extends Node>(node: N, name: string, nameOf: (old: string) => string): N {
  return { ...node, name, inputs: node.inputs.map(nameOf), output: nameOf(node.output) };
}

function build(preset: PresetId, options: PresetOptions = {}): Graph {
  return rename(createNetwork(preset, options).graph);
}

/** Without nodes that have no effect in inference, as exporters leave them out. */
function withoutDropout(graph: Graph): Graph {
  const from = new Map<string, string>();
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const named = renameNode(node, node.name, (old) => from.get(old) ?? old);
    if (named.op !== 'Dropout') return [named];
    from.set(named.output, named.inputs[0]);
    return [];
  });
  return { ...graph, nodes };
}

/** Changes attributes of the first node of an op. */
function change(
  graph: Graph,
  op: Node['op'],
  attributes: Readonly<Record<string, unknown>>,
): Graph {
  const first = graph.nodes.find((node) => node.op === op);
  const nodes = graph.nodes.map((node) => {
    const changed: unknown = { ...node, attributes: { ...node.attributes, ...attributes } };
    return node === first ? (changed as Node) : node;
  });
  return { ...graph, nodes };
}

describe('a preset is recognised', () => {
  test.each(PRESET_IDS)('%s, as published, by other names', (preset) => {
    expect(recognizePreset(build(preset))?.preset).toBe(preset);
  });

  test('with other classes, at another size, as wide as one likes', () => {
    const options = { classes: 7, inputSize: 131, widthMultiplier: 1 / 32 };
    const found = recognizePreset(build('caffe-alexnet', options));
    expect(found?.preset).toBe('caffe-alexnet');
    expect(found?.network.graph.input.shape).toEqual([3, 131, 131]);
    expect(recognizePreset(build('mnist', { channels: 3 }))?.preset).toBe('mnist');
    expect(recognizePreset(build('caffe-alexnet', { groups: 1 }))?.preset).toBe('caffe-alexnet');
  });

  test('without its dropouts, and says which layer is which', () => {
    const found = recognizePreset(withoutDropout(build('torchvision')));
    expect(found?.preset).toBe('torchvision');
    // Behind the flatten of the preset comes a dropout, which is node 14.
    expect([...(found?.layers ?? [])].slice(-4)).toEqual([
      ['n16', 'relu6'],
      ['n18', 'fc7'],
      ['n19', 'relu7'],
      ['n20', 'fc8'],
    ]);
  });

  test('with rounding and padding that no window sees, and numbers as float32 has them', () => {
    const graph = build('caffe-alexnet');
    expect(recognizePreset(change(graph, 'MaxPool', { ceilMode: true }))?.preset).toBe(
      'caffe-alexnet',
    );
    const pads = [0, 0, 1, 1];
    expect(recognizePreset(change(graph, 'MaxPool', { pads }))?.preset).toBe('caffe-alexnet');
    const alpha = Math.fround(2e-5);
    expect(recognizePreset(change(graph, 'LRN', { alpha }))?.preset).toBe('caffe-alexnet');
  });
});

describe('a network of its own is not', () => {
  test.each<[string, Node['op'], Readonly<Record<string, unknown>>]>([
    ['another normalisation', 'LRN', { k: 1.5 }],
    ['other groups of it', 'LRN', { groups: 2 }],
    ['padding that windows see', 'MaxPool', { pads: [1, 1, 0, 0] }],
  ])('with %s', (_name, op, attributes) => {
    expect(recognizePreset(change(build('mini'), op, attributes))).toBeUndefined();
  });

  test('with one layer wider, or with pictures that are not square', () => {
    const graph = build('mini');
    const widen = (shape: readonly number[], from: number) =>
      shape.map((length) => (length === from ? length + 4 : length));
    const parameters = graph.parameters.map((p) => ({ ...p, shape: widen(p.shape, 256) }));
    expect(recognizePreset({ ...graph, parameters })?.preset).not.toBe('mini');
    expect(
      recognizePreset({ ...graph, input: { name: 'x', shape: [3, 227, 228] } }),
    ).toBeUndefined();
  });
});
