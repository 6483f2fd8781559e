import {
  createModel,
  createNetwork,
  type Graph,
  isPresetId,
  PRESET_IDS,
  type PresetId,
  parseGraph,
  type Tensor,
} from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { toOnnx } from '@alexnet/export';
import { describe, expect, test } from 'vitest';
import { checksum, listedChecksums, readGolden } from './golden/golden-files.ts';
import {
  DEPTHS,
  findDepths,
  makeArray,
  type ReferenceNetwork,
} from './golden/reference-network.ts';
import { REFERENCE_TOLERANCES } from './golden/tolerances.ts';
import { expectSummary } from './ops/compare.ts';
import { runForward } from './ops/run-forward.ts';

const onnx = readGolden('reference/onnx.json.gz');
const networks = [
  ...readGolden('reference/torch.json.gz').networks,
  ...readGolden('reference/tensorflow.json.gz').networks,
  ...onnx.networks,
];

test('golden files are those that the README lists', () => {
  const listed = listedChecksums().filter(({ name }) => name.startsWith('reference/'));
  expect(listed.length).toBe(3);
  expect(listed.map(({ name }) => ({ name, sha256: checksum(name) }))).toEqual(listed);
});

/** This project's own: nobody else has written them. */
const OWN: readonly string[] = ['mini', 'compact', 'compact-bn'];

test('every preset that is not our own is here', () => {
  const reached = new Set(networks.map(({ preset }) => preset));
  const foreign = PRESET_IDS.filter((id) => !OWN.includes(id));
  expect([...reached].sort()).toEqual(foreign.sort());
});

describe.each(networks)('$preset $options, by $source,', (golden) => {
  const preset = presetOf(golden);
  const { graph } = createNetwork(preset, golden.options);
  const depths = findDepths(graph);
  const image = makeArray(golden.image);

  test('has the same parameters', () => {
    const describeAll = (parameters: readonly { name: string; shape: readonly number[] }[]) =>
      parameters.map(({ name, shape }) => `${name.split('.').at(-1)} ${shape.join('×')}`);
    expect(describeAll(graph.parameters)).toEqual(describeAll(golden.parameters));
  });

  test('gives the same at five depths, interpreted', () => {
    const weights = makeWeights(golden, graph);
    const values = interpret(graph, weights, image, { taps: Object.values(depths) });
    const tolerance = REFERENCE_TOLERANCES[golden.precision];
    compare((name) => values.get(name)?.data, golden, depths, tolerance);
  });

  test('gives the same at five depths, exported to ONNX', async () => {
    const model = toOnnx({
      ...createModel(preset, golden.options),
      weights: makeWeights(golden, graph),
    });
    const values = await runForward(model, image, Object.values(depths));
    compare((name) => values.get(name), golden, depths, REFERENCE_TOLERANCES.onnxruntime);
  });
});

/** One attribute of one node of a preset, as somebody could mistake it. */
const MISTAKES = [
  { preset: 'caffe-alexnet', node: 'norm2', attributes: { k: 2 } },
  { preset: 'caffe-alexnet', node: 'norm1', attributes: { alpha: 1e-4 } },
  { preset: 'paper-code', node: 'norm2', attributes: { groups: 1 } },
  { preset: 'paper-code', node: 'cnorm2', attributes: { size: 3 } },
  { preset: 'tflearn', node: 'norm5', attributes: { size: 5 } },
  { preset: 'guerzhoy', node: 'conv1', attributes: { pads: [3, 3, 5, 5] } },
  { preset: 'mnist', node: 'pool2', attributes: { pads: [1, 1, 0, 0] } },
  { preset: 'onnx-zoo', node: 'pool5', attributes: { pads: [1, 1, 0, 0] } },
  { preset: 'keras-bn', node: 'bn8', attributes: { epsilon: 1e-5 } },
] as const;

test.each(MISTAKES)('$preset with a mistake in $node is noticed', (mistake) => {
  const golden = networks.find(({ preset }) => preset === mistake.preset);
  if (!golden) throw new Error(`no reference of ${mistake.preset}`);
  const { graph } = createNetwork(mistake.preset, golden.options);
  const changed = parseGraph({
    ...graph,
    nodes: graph.nodes.map((node) =>
      node.name === mistake.node
        ? { ...node, attributes: { ...node.attributes, ...mistake.attributes } }
        : node,
    ),
  });
  expect(changed).not.toEqual(graph);
  const depths = findDepths(changed);
  const values = interpret(changed, makeWeights(golden, changed), makeArray(golden.image), {
    taps: Object.values(depths),
  });
  const tolerance = REFERENCE_TOLERANCES[golden.precision];
  expect(() => compare((name) => values.get(name)?.data, golden, depths, tolerance)).toThrow(
    'differ by more than',
  );
});

describe('onnx-zoo', () => {
  test("has the zoo's nodes, attributes and weights", () => {
    const { nodes, parameters } = createNetwork('onnx-zoo').graph;
    const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]));
    const found = nodes.map(({ op, attributes, inputs }) => ({
      op,
      attributes: { ...attributes },
      weights: inputs.flatMap((name) => [shapes.get(name) ?? []]).filter((shape) => shape.length),
    }));
    expect(found).toEqual(onnx.structure.flatMap(translate));
  });
});

/** A node of the zoo's file in the terms of the IR. */
function translate({ op, attributes, weights }: (typeof onnx.structure)[number]) {
  const { strides, pads, kernel_shape: kernelShape } = attributes;
  switch (op) {
    case 'Conv':
      return [
        { op, attributes: { kernelShape, strides, pads, group: attributes.group ?? 1 }, weights },
      ];
    case 'MaxPool':
      return [{ op, attributes: { kernelShape, strides, pads, ceilMode: false }, weights }];
    case 'LRN': {
      const { size, alpha, beta, bias: k } = attributes;
      const perElement = expect.closeTo(Number(alpha) / Number(size), 11);
      return [{ op, attributes: { size, alpha: perElement, beta, k, groups: 1 }, weights }];
    }
    case 'Reshape':
      return [{ op: 'Flatten', attributes: {}, weights }];
    case 'Dropout':
      return [{ op, attributes, weights }];
    case 'Softmax': // The IR ends with the logits.
      return [];
    default:
      return [{ op, attributes: {}, weights }];
  }
}

function presetOf({ preset }: ReferenceNetwork): PresetId {
  if (!isPresetId(preset)) throw new Error(`unknown preset ${preset}`);
  return preset;
}

/** The reference's parameters in the graph's order, under the graph's names. */
function makeWeights({ parameters }: ReferenceNetwork, graph: Graph): ReadonlyMap<string, Tensor> {
  return new Map(
    graph.parameters.map(({ name }, index) => {
      const entry = parameters[index];
      if (!entry) throw new Error(`the reference has no ${name}`);
      return [name, makeArray(entry)];
    }),
  );
}

function compare(
  find: (name: string) => Float32Array | Float64Array | undefined,
  golden: ReferenceNetwork,
  names: Readonly<Record<string, string>>,
  tolerance: number,
): void {
  for (const [index, depth] of DEPTHS.entries()) {
    const name = names[depth] ?? depth;
    const actual = find(name) ?? new Float32Array();
    expectSummary(actual, golden.depths[depth], { name, seed: 5000 + index, tolerance });
  }
}
