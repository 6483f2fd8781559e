import { createGraphBuilder, type Graph } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { toDot } from './dot.ts';

const init = {
  weight: { kind: 'constant', value: 0 },
  bias: { kind: 'constant', value: 0 },
} as const;

const small = createGraphBuilder('small', [3, 9, 9])
  .conv('conv1', { channels: 8, kernel: [3, 5], stride: 2, pads: [0, 0, 1, 1], group: 1, init })
  .relu('relu1')
  .maxPool('pool1', { kernel: 2, stride: 2 })
  .flatten('flatten')
  .gemm('fc2', { features: 4, init })
  .build();

/** Lines of DOT about nodes and edges. */
function bodyOf(dot: string): readonly string[] {
  return dot.split('\n').filter((line) => line.startsWith('  "'));
}

const LAYERS = [
  `"image input" [label="image\\n(Input)", shape=box, fillcolor="#6495ed", class="caffe-layer"];`,
  `"conv1 layer" [label="conv1\\n(Convolution)\\nkernel size: 3×5\\nstride: 2\\npad: 0 0 1 1", shape=box, fillcolor="#ff5050", class="caffe-convolution"];`,
  `"relu1 layer" [label="relu1\\n(ReLU)", shape=box, fillcolor="#90ee90", class="caffe-in-place"];`,
  `"pool1 layer" [label="pool1\\n(MAX Pooling)\\nkernel size: 2\\nstride: 2\\npad: 0", shape=box, fillcolor="#ff9900", class="caffe-pooling"];`,
  `"flatten layer" [label="flatten\\n(Flatten)", shape=box, fillcolor="#6495ed", class="caffe-layer"];`,
  `"fc2 layer" [label="fc2\\n(InnerProduct)", shape=box, fillcolor="#cc33ff", class="caffe-inner-product"];`,
];
const BLOBS = ['image', 'conv1', 'pool1', 'flatten', 'logits'].map(
  (name) =>
    `"${name} blob" [label="${name}", shape=octagon, fillcolor="#e0e0e0", class="caffe-blob"];`,
);
const EDGES = [
  `"image input" -> "image blob" [label=" 3 "];`,
  `"image blob" -> "conv1 layer";`,
  `"conv1 layer" -> "conv1 blob" [label=" 8 "];`,
  // In place: there and back.
  `"conv1 blob" -> "relu1 layer";`,
  `"relu1 layer" -> "conv1 blob";`,
  `"conv1 blob" -> "pool1 layer";`,
  `"pool1 layer" -> "pool1 blob";`,
  `"pool1 blob" -> "flatten layer";`,
  `"flatten layer" -> "flatten blob";`,
  `"flatten blob" -> "fc2 layer";`,
  `"fc2 layer" -> "logits blob" [label=" 4 "];`,
];

test('layers, blobs and edges are those of draw_net', () => {
  const dot = toDot(small);
  expect(dot.startsWith('digraph "small" {\n  graph [rankdir=LR, bgcolor="#ffffff"];\n')).toBe(
    true,
  );
  expect(dot.endsWith('\n}\n')).toBe(true);
  expect(bodyOf(dot)).toEqual([...LAYERS, ...BLOBS, ...EDGES].map((line) => `  ${line}`));
});

test('labels stand in one line where the network runs up or down', () => {
  expect(toDot(small, { rankdir: 'BT' })).toContain(
    'label="conv1 (Convolution) kernel size: 3×5 stride: 2 pad: 0 0 1 1"',
  );
});

test('a dark page has light edges', () => {
  const dot = toDot(small, { theme: 'dark', background: 'transparent' });
  expect(dot).toContain('bgcolor="transparent"');
  expect(dot).toMatch(/edge \[.*color="#e9edf5"/);
});

describe('a layer works in place', () => {
  const relu = (name: string, input: string) =>
    ({ op: 'Relu', name, inputs: [input], output: name, attributes: {} }) as const;
  const graph = (nodes: Graph['nodes'], output: string): Graph => ({
    name: 'branches',
    input: { name: 'image', shape: [4] },
    parameters: [],
    nodes,
    output,
  });
  const flatten = (name: string, input: string) =>
    ({ op: 'Flatten', name, inputs: [input], output: name, attributes: {} }) as const;

  test('also behind another that does', () => {
    const chain = [flatten('a', 'image'), relu('r', 'a'), relu('s', 'r'), flatten('b', 's')];
    const body = bodyOf(toDot(graph(chain, 'b')));
    expect(body).toEqual(
      expect.arrayContaining([`  "a blob" -> "s layer";`, `  "s layer" -> "a blob";`]),
    );
    expect(body).toContain(`  "a blob" -> "b layer";`);
  });

  test.each([
    [
      'if nobody else reads what it reads',
      [flatten('a', 'image'), relu('r', 'a'), flatten('b', 'a')],
    ],
    ['if it does not read the picture', [relu('r', 'image'), flatten('b', 'r')]],
    ['if it does not make the output', [flatten('a', 'image'), relu('r', 'a')]],
  ])('only %s', (_when, nodes) => {
    const body = bodyOf(toDot(graph(nodes, nodes.at(-1)?.output ?? '')));
    expect(body).toContain(`  "r layer" -> "r blob";`);
  });
});

test('names may hold whatever a text can hold', () => {
  const { nodes, ...rest } = small;
  const [conv, ...others] = nodes;
  const named = {
    ...rest,
    name: 'a "b" \\',
    nodes: conv ? [{ ...conv, name: '<&>"\\N\n\\' }, ...others] : [],
  };
  const dot = toDot(named);
  expect(dot).toContain('digraph "a \\"b\\" \\\\" {');
  expect(dot).toContain('  "<&>\\"\\\\N \\\\ layer" [label="<&amp;>\\"\\\\N \\\\\\n(Convolution)');
});
