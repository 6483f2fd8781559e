import { createModel, createRandom, type Model, type Tensor } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { FileTensor, WeightFile } from '../weight-file.ts';
import { examineWeights } from './examine-weights.ts';
import { guessColourOrder, measureFirstFilters } from './first-filters.ts';
import { measureFlattenOrder } from './flatten-order.ts';
import { measureTensor } from './tensor-statistics.ts';

function fileOf(
  model: Model,
  change: (name: string, tensor: Tensor) => Tensor = (_, t) => t,
): WeightFile {
  const tensors = [...model.weights].map(([name, tensor]): [string, FileTensor] => {
    const { shape, data } = change(name, tensor);
    return [name, { dtype: 'float32', shape, toFloat32: () => data }];
  });
  return {
    format: 'pytorch',
    tensors: new Map(tensors),
    convention: { conv: 'OIHW', linear: 'out-in', flatten: 'CHW', channels: null },
    notes: [],
  };
}

const model = createModel('caffe-alexnet', { widthMultiplier: 1 / 32, classes: 3, seed: 1 });
const checkOf = (file: WeightFile, name: string) =>
  examineWeights(file).checks.find((check) => check.name === name);

test('measures range, moments and what is no number', () => {
  const values = Float32Array.of(1, -3, 0, Number.NaN, Number.POSITIVE_INFINITY, 2);
  expect(measureTensor(values)).toEqual({
    min: -3,
    max: 2,
    mean: 0,
    std: Math.sqrt(14 / 4),
    zeros: 1 / 6,
    nans: 1,
    infinities: 1,
  });
  expect(measureTensor(new Float32Array())).toMatchObject({ min: 0, max: 0, std: 0, zeros: 0 });
});

describe('a file that is in order', () => {
  const examination = examineWeights(fileOf(model));
  test('is recognised', () => {
    const { preset, classes, parameters, dtypes, preprocessing } = examination;
    expect({ preset, classes, dtypes }).toEqual({
      preset: 'caffe-alexnet',
      classes: 3,
      dtypes: ['float32'],
    });
    expect(parameters).toBeGreaterThan(50_000);
    expect(preprocessing?.channels).toBe('BGR');
  });

  test('but fresh: its filters are noise, so that neither colours nor fc6 can be told', () => {
    expect(examination.checks.map(({ name, ok }) => `${name} ${ok}`)).toEqual([
      'format true',
      'numbers true',
      'range true',
      'network true',
      'filters true',
      'training false',
      'colours true',
      'fc6 true',
      'preprocessing false',
    ]);
    expect(examination.colourOrder?.order).toBeNull();
  });
});

describe('finds', () => {
  const edit =
    (layer: string, change: (data: Float32Array) => void) => (name: string, tensor: Tensor) => {
      if (name !== layer) return tensor;
      const data = tensor.data.slice();
      change(data);
      return { ...tensor, data };
    };

  test('NaNs and infinities, by the name of the array', () => {
    const file = fileOf(
      model,
      edit('fc7.weight', (data) => {
        data[3] = Number.NaN;
        data[4] = Number.NEGATIVE_INFINITY;
      }),
    );
    expect(checkOf(file, 'numbers')).toMatchObject({
      ok: false,
      detail: '1 arrays have numbers that are none; "fc7.weight" has 1 NaN and 1 infinite ones.',
    });
  });

  test('arrays that are the same throughout, or far too large', () => {
    expect(
      checkOf(
        fileOf(
          model,
          edit('conv3.weight', (data) => data.fill(0)),
        ),
        'range',
      ),
    ).toMatchObject({
      ok: false,
      detail: '"conv3.weight" has the same number throughout, 0.00.',
    });
    const file = fileOf(
      model,
      edit('fc6.weight', (data) => {
        data[0] = 5000;
      }),
    );
    expect(checkOf(file, 'range')?.detail).toContain('these are no weights of an AlexNet');
  });

  test('dead filters: zero, constant and faint', () => {
    const size = 3 * 11 * 11;
    const file = fileOf(
      model,
      edit('conv1.weight', (data) => {
        data.fill(0, 0, size);
        for (let i = size; i < 2 * size; i += 1) data[i] = (data[i] ?? 0) * 1e-5;
      }),
    );
    expect(checkOf(file, 'filters')).toMatchObject({
      ok: true,
      detail: `Filters that do nothing: conv1: 1 zero, 1 almost zero of ${model.weights.get('conv1.weight')?.shape[0]}.`,
    });
    const broken = fileOf(
      model,
      edit('fc7.weight', (data) => data.fill(0.5, 0, data.length - 128)),
    );
    expect(checkOf(broken, 'filters')?.ok).toBe(false);
  });

  test('a file of another network', () => {
    const file = { ...fileOf(model), tensors: new Map([...fileOf(model).tensors].slice(4)) };
    const { preset, imported, checks } = examineWeights(file);
    expect([preset, imported]).toEqual([null, null]);
    expect(checks.at(-1)).toMatchObject({ name: 'network', ok: false });
    expect(checks.at(-1)?.detail).toContain('of no AlexNet that is known here');
  });
});

describe('the order of the colours', () => {
  /** Smooth filters whose channels have these energies. */
  function filters(energies: readonly number[], count = 32): Tensor {
    const [C, K] = [energies.length, 11];
    const data = new Float32Array(count * C * K * K);
    for (let o = 0; o < count; o += 1) {
      for (const [c, energy] of energies.entries()) {
        for (let i = 0; i < K * K; i += 1) {
          data[(o * C + c) * K * K + i] = Math.sqrt(energy) * Math.sin(o + (i % K) / 2);
        }
      }
    }
    return { shape: [count, C, K, K], data };
  }
  const guess = (tensor: Tensor) => guessColourOrder(measureFirstFilters(tensor), 11);

  test.each([
    // Shares of the first convolution of SqueezeNet 1.1, open_nsfw, MobileNet v2 and Inception v3.
    ['RGB', [0.333, 0.467, 0.2]],
    ['BGR', [0.189, 0.502, 0.309]],
    ['RGB', [0.296, 0.529, 0.175]],
    ['RGB', [0.43, 0.331, 0.239]],
    // Of a network that was trained on flowers alone.
    [null, [0.338, 0.287, 0.375]],
  ] as const)('%s: %s', (order, energies) => {
    const found = guess(filters(energies));
    expect(found.order).toBe(order);
    expect(found.reason).toContain('%');
  });

  test('is not told of few filters, of noise, of grey pictures', () => {
    expect(guess(filters([0.6, 0.3, 0.1], 8)).reason).toContain('too few');
    expect(guess(filters([1])).reason).toBe('the pictures are grey');
    const noise = filters([0.6, 0.3, 0.1]);
    const random = createRandom(3);
    const shaken = { ...noise, data: noise.data.map((value) => value * random.normal()) };
    expect(guess(shaken).reason).toContain('noise');
  });

  test('is held against what is assumed', () => {
    const large = createModel('caffe-alexnet', { widthMultiplier: 1 / 4, classes: 3 });
    const count = large.weights.get('conv1.weight')?.shape[0] ?? 0;
    const file = fileOf(large, (name, tensor) =>
      name === 'conv1.weight' ? filters([0.5, 0.3, 0.2], count) : tensor,
    );
    expect(checkOf(file, 'colours')).toMatchObject({
      ok: false,
      remedy: expect.stringContaining('--channel-order RGB'),
    });
  });
});

test('the order of the inputs of fc6 shows in how alike neighbours are', () => {
  const [out, channels, side] = [12, 64, 6];
  const pixels = side * side;
  const random = createRandom(5);
  const smooth = new Float32Array(out * channels * pixels);
  for (let row = 0; row < out * channels; row += 1) {
    const slope = random.normal();
    const offset = random.normal();
    for (let p = 0; p < pixels; p += 1)
      smooth[row * pixels + p] = offset + slope * (p % side) * 0.1;
  }
  const weight = { shape: [out, channels * pixels], data: smooth };
  const right = measureFlattenOrder(weight, { channels, pixels, taken: 'CHW' });
  expect(right.taken).toBeGreaterThan(0.8);
  expect(Math.abs(right.other)).toBeLessThan(0.3);
  // The same numbers, wrongly taken for HWC and turned to what then seems CHW.
  const turned = new Float32Array(smooth.length);
  for (let o = 0; o < out; o += 1)
    for (let p = 0; p < pixels; p += 1)
      for (let c = 0; c < channels; c += 1)
        turned[o * channels * pixels + c * pixels + p] =
          smooth[o * channels * pixels + p * channels + c] ?? 0;
  const wrong = measureFlattenOrder(
    { ...weight, data: turned },
    { channels, pixels, taken: 'HWC' },
  );
  expect(wrong.other).toBeGreaterThan(wrong.taken + 0.3);
});
