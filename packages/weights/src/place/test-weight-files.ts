import {
  createModel,
  isAlexNetError,
  type Model,
  type PresetId,
  type PresetOptions,
  presets,
  sizeOf,
  type Tensor,
} from '@alexnet/core';
import { expect } from 'vitest';
import type { FileTensor, LayoutConvention, WeightFile, WeightFormat } from '../weight-file.ts';

const TORCH: LayoutConvention = {
  conv: 'OIHW',
  linear: 'out-in',
  flatten: 'CHW',
  channels: null,
};
const TENSORFLOW: LayoutConvention = {
  conv: 'HWIO',
  linear: 'in-out',
  flatten: 'HWC',
  channels: null,
};

export interface Manner {
  readonly format: WeightFormat;
  readonly convention: LayoutConvention;
  /** What the file calls a parameter of the network. */
  name(parameter: string): string;
}

/** A random model's weights as a file has them; written by hand, element by element. */
export function fileOf(model: Model, { format, convention, name }: Manner): WeightFile {
  const tensors = [...model.weights].map(([parameter, tensor]): [string, FileTensor] => {
    return [name(parameter), toFile(tensor, convention, flattenedOf(model, parameter))];
  });
  return { format, convention, tensors: new Map(tensors), notes: [] };
}

/** [C, H, W] of what a dense layer flattens. */
export function flattenedOf({ graph }: Model, parameter: string): readonly number[] | undefined {
  const dense = graph.nodes.filter(({ op }) => op === 'Gemm');
  if (dense[0]?.inputs[1] !== parameter) return undefined;
  const conv = graph.nodes.findLast(({ op }) => op === 'Conv');
  const [C = 1] = graph.parameters.find(({ name }) => name === conv?.inputs[1])?.shape ?? [];
  const [, features = 0] = graph.parameters.find(({ name }) => name === parameter)?.shape ?? [];
  const side = Math.sqrt(features / C);
  return [C, side, side];
}

function toFile(
  { shape, data }: Tensor,
  { conv, linear, flatten }: LayoutConvention,
  maps: readonly number[] | undefined,
): FileTensor {
  const make = (moved: readonly number[], values: Float32Array): FileTensor => {
    return { dtype: 'float32', shape: moved, toFloat32: () => values };
  };
  const [O = 0, I = 0, H = 1, W = 1] = shape;
  if (shape.length === 4 && conv === 'HWIO') {
    const values = new Float32Array(data.length);
    for (let o = 0; o < O; o += 1)
      for (let i = 0; i < I; i += 1)
        for (let h = 0; h < H; h += 1)
          for (let w = 0; w < W; w += 1)
            values[((h * W + w) * I + i) * O + o] = data[((o * I + i) * H + h) * W + w] ?? 0;
    return make([H, W, I, O], values);
  }
  if (shape.length !== 2) return make(shape, data);
  const ordered = maps && flatten === 'HWC' ? new Float32Array(data) : data;
  const [C = 0, Y = 0, X = 0] = maps ?? [];
  if (maps && flatten === 'HWC') {
    for (let o = 0; o < O; o += 1)
      for (let c = 0; c < C; c += 1)
        for (let y = 0; y < Y; y += 1)
          for (let x = 0; x < X; x += 1)
            ordered[o * I + (y * X + x) * C + c] = data[o * I + (c * Y + y) * X + x] ?? 0;
  }
  if (linear === 'out-in') return make(shape, ordered);
  const turned = new Float32Array(data.length);
  for (let o = 0; o < O; o += 1)
    for (let i = 0; i < I; i += 1) turned[i * O + o] = ordered[o * I + i] ?? 0;
  return make([I, O], turned);
}

export const core: Manner['name'] = (parameter) => parameter;
export const TORCHVISION_LAYERS: Readonly<Record<string, string>> = {
  conv1: 'features.0',
  conv2: 'features.3',
  conv3: 'features.6',
  conv4: 'features.8',
  conv5: 'features.10',
  fc6: 'classifier.1',
  fc7: 'classifier.4',
  fc8: 'classifier.6',
};
export const torchvisionName: Manner['name'] = (parameter) => {
  const [layer = '', role] = parameter.split('.');
  return `${TORCHVISION_LAYERS[layer]}.${role}`;
};
export const pytorch: Manner = { format: 'pytorch', convention: TORCH, name: torchvisionName };
export const keras: Manner = {
  format: 'keras-h5',
  convention: TENSORFLOW,
  name: (parameter) => {
    const [layer = '', role = ''] = parameter.split('.');
    const roles: Readonly<Record<string, string>> = {
      weight: 'kernel',
      bias: layer.startsWith('bn') ? 'beta' : 'bias',
      scale: 'gamma',
      mean: 'moving_mean',
      variance: 'moving_variance',
    };
    const number = Number(layer.replace(/\D+/, ''));
    const first = layer.startsWith('fc') ? 6 : 1;
    const kind = layer.startsWith('conv')
      ? 'conv2d'
      : layer.startsWith('fc')
        ? 'dense'
        : 'batch_normalization';
    const suffix = number > first ? `_${number - first}` : '';
    return `${kind}${suffix}/${kind}${suffix}/${roles[role]}:0`;
  },
};
export const numpyDict: Manner = {
  format: 'numpy-dict',
  convention: { ...TENSORFLOW, channels: 'BGR' },
  name: (parameter) => parameter.replace('.weight', '/0').replace('.bias', '/1'),
};

export function modelOf(preset: PresetId, options: PresetOptions = {}): Model {
  // Where a layer of one channel is left, nothing tells a kernel from a matrix.
  const divisor = preset === 'mini' ? 1 : preset.startsWith('cifar') ? 8 : 24;
  const widthMultiplier = presets[preset].defaults.widthMultiplier / divisor;
  return createModel(preset, { widthMultiplier, classes: 7, ...options, seed: 3 });
}

export function expectSame(actual: Model, expected: Model): void {
  expect(actual.weights.size).toBe(expected.weights.size);
  for (const [name, { shape, data }] of expected.weights) {
    const found = actual.weights.get(name);
    expect(found?.shape, name).toEqual(shape);
    expect(
      data.findIndex((value, index) => value !== found?.data[index]),
      name,
    ).toBe(-1);
  }
  expect(actual.graph.nodes.map(({ op, attributes }) => [op, attributes])).toEqual(
    expected.graph.nodes.map(({ op, attributes }) => [op, attributes]),
  );
}

export function refusal(work: () => unknown): { code: string; message: string; hint: string } {
  try {
    work();
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    return { code: error.code, message: error.message, hint: error.hint ?? '' };
  }
  throw new Error('Nothing was refused.');
}

/** A file with zeros in these shapes. */
export function zeros(
  shapes: Readonly<Record<string, readonly number[]>>,
  { format, convention }: Pick<Manner, 'format' | 'convention'> = pytorch,
): WeightFile {
  const tensors = Object.entries(shapes).map(([name, shape]): [string, FileTensor] => {
    return [name, { dtype: 'float32', shape, toFloat32: () => new Float32Array(sizeOf(shape)) }];
  });
  return { format, convention, tensors: new Map(tensors), notes: [] };
}

/** The same file with some arrays more, fewer or under other names. */
export function change(
  file: WeightFile,
  edit: (entry: readonly [string, FileTensor]) => readonly (readonly [string, FileTensor])[],
): WeightFile {
  return { ...file, tensors: new Map([...file.tensors].flatMap(edit)) };
}

export const reshape = (tensor: FileTensor, shape: readonly number[]): FileTensor => ({
  ...tensor,
  shape,
});
