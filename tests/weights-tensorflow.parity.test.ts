import { readFileSync } from 'node:fs';
import {
  createNetwork,
  type Graph,
  type Shape,
  sizeOf,
  type Tensor,
  type Weights,
} from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { readTfCheckpoint, type WeightFile, type WeightSource } from '@alexnet/weights';
import { openWeightSource } from '@alexnet/weights/node';
import { describe, expect, test } from 'vitest';
import { checksum, listedChecksums } from './golden/golden-files.ts';
import { hashedValues } from './golden/hashed-values.ts';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose, largest } from './ops/compare.ts';

// TensorFlow's checkpoints, of Saver before and since 2017 and of tf.train.Checkpoint, hold here what TensorFlow reads.

interface TensorFlowGolden {
  readonly network: {
    readonly picture: { readonly shape: readonly number[]; readonly seed: number; bound: number };
    readonly expected: readonly number[];
  };
  /** By checkpoint and variable; the first few numbers, and the sum. */
  readonly checkpoints: Readonly<Record<string, Readonly<Record<string, GoldenVariable>>>>;
}

interface GoldenVariable {
  readonly dtype: string;
  readonly shape: readonly number[] | null;
  readonly values: readonly number[] | null;
  readonly sum: number | null;
}

const pathOf = (name: string) =>
  new URL(`golden/weights/tensorflow/${name}`, import.meta.url).pathname;
const golden: TensorFlowGolden = JSON.parse(readFileSync(pathOf('tensorflow.json'), 'utf8'));
const open = (name: string) => openWeightSource(pathOf(name));

test('golden files are those that the README lists', () => {
  const listed = listedChecksums().filter(({ name }) => name.startsWith('weights/tensorflow/'));
  expect(listed.length).toBe(16);
  expect(listed.map(({ name }) => ({ name, sha256: checksum(name) }))).toEqual(listed);
});

/** The names of the checkpoint's variables that are the network's. */
function namesOf(checkpoint: string): readonly string[] {
  return Object.keys(golden.checkpoints[checkpoint] ?? {}).filter((name) =>
    /(?:weights|biases)$/.test(name),
  );
}

function expectVariable(file: WeightFile, name: string, variable: GoldenVariable): void {
  const { shape, values, sum } = variable;
  const tensor = file.tensors.get(name);
  const found = [...(tensor?.toFloat32() ?? [])];
  expect(tensor?.shape, name).toEqual(shape);
  expect(found.slice(0, 4)).toEqual(values);
  expect(found.reduce((total, value) => total + value, 0)).toBeCloseTo(sum ?? Number.NaN, 4);
}

describe.each([
  { checkpoint: 'alexnet.ckpt', file: 'alexnet.ckpt.index' },
  { checkpoint: 'alexnet.ckpt', file: 'alexnet.ckpt.data-00000-of-00001' },
  { checkpoint: 'sharded.ckpt', file: 'sharded.ckpt.index' },
  { checkpoint: 'sharded.ckpt', file: 'sharded.ckpt.data-00002-of-00003' },
  { checkpoint: 'old.ckpt', file: 'old.ckpt' },
])('$file', ({ checkpoint, file }) => {
  test('has the variables of the network, and no others', async () => {
    const read = await readTfCheckpoint(await open(file));
    expect([...read.tensors.keys()].sort()).toEqual([...namesOf(checkpoint)].sort());
    expect(read.notes).toEqual([
      expect.stringMatching(/^Left out: \d+ variables of optimisers, moving averages/),
    ]);
    for (const name of namesOf(checkpoint)) {
      const variable = golden.checkpoints[checkpoint]?.[name];
      if (variable) expectVariable(read, name, variable);
    }
  });
});

test('an index that is packed with snappy, as TensorFlow 1.1 wrote them', async () => {
  const source = await open('packed.ckpt.index');
  const beside: WeightSource = {
    ...source,
    sibling: (name) => source.sibling(name.replace('packed', 'alexnet')),
  };
  const packed = await readTfCheckpoint(beside);
  const plain = await readTfCheckpoint(await open('alexnet.ckpt.index'));
  const valuesOf = ({ tensors }: WeightFile) =>
    [...tensors].map(([name, tensor]) => [name, tensor.shape, tensor.toFloat32()]);
  expect(valuesOf(packed)).toEqual(valuesOf(plain));
});

test('object-based checkpoints go by the names of the program, where these are told apart', async () => {
  const { tensors } = await readTfCheckpoint(await open('keras.index'));
  expect([...tensors.keys()].sort()).toEqual([
    'net/bn1/beta',
    'net/bn1/gamma',
    'net/bn1/moving_mean',
    'net/bn1/moving_variance',
    'net/conv1/bias',
    'net/conv1/kernel',
    'net/fc8/bias',
    'net/fc8/kernel',
  ]);
});

test('every type of number', async () => {
  const file = await readTfCheckpoint(await open('types.index'));
  const variables = Object.entries(golden.checkpoints.types ?? {});
  const unread = variables.filter(([, { values }]) => values === null);
  expect(file.tensors.size).toBe(variables.length - unread.length);
  for (const [key, variable] of variables) {
    const name = key.replace('/.ATTRIBUTES/VARIABLE_VALUE', '').replace('a..b.Sc', 'a.b/c');
    if (variable.values) expectVariable(file, name, variable);
  }
  expect(file.notes.at(-1)).toMatch(/"net\/complex", "net\/text"/);
});

test.each(['pieces.ckpt.index', 'old-pieces.ckpt'])(
  '%s: pieces are refused by name',
  async (file) => {
    await expect(readTfCheckpoint(await open(file))).rejects.toThrowError(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/"conv1\/weights": it is stored in.* pieces/),
      }),
    );
  },
);

test("the network computes TensorFlow's logits", async () => {
  const { tensors } = await readTfCheckpoint(await open('alexnet.ckpt.index'));
  const { picture, expected } = golden.network;
  const [, , height = 0] = picture.shape;
  const options = { classes: 5, inputSize: height, widthMultiplier: 1 / 64 } as const;
  const { graph } = createNetwork('caffe-alexnet', options);
  // These pools do not round up.
  const nodes = graph.nodes.map((node) =>
    node.op === 'MaxPool' ? { ...node, attributes: { ...node.attributes, ceilMode: false } } : node,
  );
  const parameters = graph.parameters.map((each) =>
    each.name === 'fc6.weight' ? { ...each, shape: [64, 4] } : each,
  );
  const image: Tensor = {
    shape: picture.shape,
    data: hashedValues(picture.seed, sizeOf(picture.shape), picture.bound),
  };
  const changed: Graph = { ...graph, nodes, parameters };
  const values = interpret(changed, place(changed, tensors), image);
  expectAllClose(values.get(graph.output)?.data ?? [], expected, {
    name: 'logits',
    tolerance: AGREEMENT_TOLERANCES.weightsTensorflow * largest(expected),
  });
});

/** pool5 is one pixel here: nothing is left of the order in which it is flattened. */
function place({ parameters }: Graph, tensors: WeightFile['tensors']): Weights {
  return new Map(
    parameters.map(({ name, shape }) => {
      const [layer, role] = name.split('.');
      const stored = tensors.get(`${layer}/${role === 'weight' ? 'weights' : 'biases'}`);
      const data = stored?.toFloat32() ?? new Float32Array();
      return [name, { shape, data: reverseAxes(data, shape) }] as const;
    }),
  );
}

/** HWIO to OIHW, [in, out] to [out, in]. */
function reverseAxes(data: Float32Array, shape: Shape): Float32Array {
  const [out = 1, channels = 1, height = 1, width = 1] = shape;
  const turned = new Float32Array(data.length);
  let to = 0;
  for (let o = 0; o < out; o++) {
    for (let c = 0; c < channels; c++) {
      for (let h = 0; h < height; h++) {
        for (let w = 0; w < width; w++) {
          turned[to++] = data[((h * width + w) * channels + c) * out + o] ?? 0;
        }
      }
    }
  }
  return turned;
}
