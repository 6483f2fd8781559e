// What the released 2012 code does otherwise than the paper, by hand: layers-145.cfg and layer-params-145.cfg.
import { createModel, type Tensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { toOnnx } from '@alexnet/export';
import { describe, expect, test } from 'vitest';
import { findDepths } from './golden/reference-network.ts';
import { REFERENCE_TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose } from './ops/compare.ts';
import { runForward } from './ops/run-forward.ts';

/** conv1 has two towers of 6 maps, conv2 two of 16. */
const created = createModel('paper-code', { widthMultiplier: 1 / 8, classes: 10 });

/**
 * Two biases a tower in conv1, both sides of the border; hundreds.
 *
 * Σ is the sum of the squares of the tower's maps from c − 2 to c + 2, in 10,000: the divisor is
 * (2 + 2e-5 · 10,000 Σ)^0.75 = (2 + 0.2 Σ)^0.75.
 */
const CONV1 = [
  { bias: 100, sum: 1 + 0 + 0 },
  { bias: 0, sum: 1 + 0 + 0 + 4 },
  { bias: 0, sum: 1 + 0 + 0 + 4 + 16 },
  { bias: 200, sum: 0 + 0 + 4 + 16 + 49 },
  { bias: -400, sum: 0 + 4 + 16 + 49 },
  { bias: 700, sum: 4 + 16 + 49 }, // The last map of tower a: does not see -500.
  { bias: -500, sum: 25 + 9 + 0 }, // The first map of tower b: does not see 700.
  { bias: 300, sum: 25 + 9 + 0 + 0 },
  { bias: 0, sum: 25 + 9 + 0 + 0 + 36 },
  { bias: 0, sum: 9 + 0 + 0 + 36 + 1 },
  { bias: 600, sum: 0 + 0 + 36 + 1 },
  { bias: -100, sum: 0 + 36 + 1 },
] as const;

/** Maps of conv2 whose biases are not 0: the last of tower a, the first of tower b, and one alone. */
const CONV2 = [
  { map: 7, bias: 500, sum: 25 },
  { map: 15, bias: 300, sum: 9 },
  { map: 16, bias: 400, sum: 16 },
] as const;

describe('paper-code with weights of 0: every map is its bias,', () => {
  const { graph } = created;
  const depths = findDepths(graph);

  test('norm1, then the pool, then ReLU; in stage 2 ReLU, norm2, the spatial norm, the pool', () => {
    expect(graph.nodes.slice(0, 9).map(({ op }) => op)).toEqual([
      ...['Conv', 'LRN', 'MaxPool', 'Relu'],
      ...['Conv', 'Relu', 'LRN', 'SpatialLRN', 'MaxPool'],
    ]);
  });

  test('negative maps count in norm1, which stays within its tower', async () => {
    const biases = CONV1.map(({ bias }) => bias);
    const expected = CONV1.map(({ bias, sum }) => Math.max(0, bias) / (2 + 0.2 * sum) ** 0.75);
    for (const { value, tolerance } of await run(depths.conv2, { 'conv1.bias': biases })) {
      expect(value.length).toBe(12 * 27 * 27);
      for (const [map, each] of expected.entries()) {
        const pixels = value.slice(map * 27 ** 2, (map + 1) * 27 ** 2);
        expectAllClose(pixels, new Array(27 ** 2).fill(each), {
          name: `map ${map} of stage 1`,
          tolerance: 300 * tolerance,
        });
      }
    }
  });

  test('the spatial norm sums 5×5 pixels of its own map, fewer at the border', async () => {
    const biases = new Array<number>(32).fill(0);
    for (const { map, bias } of CONV2) biases[map] = bias;
    for (const { value, tolerance } of await run(depths.conv3, { 'conv2.bias': biases })) {
      expect(value.length).toBe(32 * 13 * 13);
      for (const { map, bias, sum } of CONV2) {
        const norm2 = bias / (2 + 0.2 * sum) ** 0.75;
        // pool2 takes the largest, whose window holds the fewest pixels: of rows 0 to 2 it is row 0 with 3.
        const expected = [3 * 3, 3 * 5, 5 * 3, 5 * 5, 3 * 3].map(
          (pixels) => norm2 / (1 + (1e-3 / 25) * pixels * norm2 ** 2) ** 0.75,
        );
        const at = (row: number, column: number) => value[(map * 13 + row) * 13 + column] ?? 0;
        expectAllClose([at(0, 0), at(0, 6), at(6, 0), at(6, 6), at(12, 12)], expected, {
          name: `map ${map} of stage 2`,
          tolerance: 300 * tolerance,
        });
      }
    }
  });
});

/** One value of the interpreter and of onnxruntime, for a black picture. */
async function run(name: string, biases: Readonly<Record<string, readonly number[]>>) {
  const { graph } = created;
  const weights = new Map(
    graph.parameters.map(({ name: parameter, shape }): [string, Tensor] => {
      const data = new Float32Array(shape.reduce((size, length) => size * length, 1));
      data.set(biases[parameter] ?? []);
      return [parameter, { shape, data }];
    }),
  );
  const shape = [1, ...graph.input.shape];
  const image = { shape, data: new Float32Array(3 * 224 * 224) };
  const interpreted = interpret(graph, weights, image, { taps: [name] }).get(name);
  const exported = await runForward(toOnnx({ ...created, weights }), image, [name]);
  return [
    { value: interpreted?.data ?? new Float64Array(), tolerance: REFERENCE_TOLERANCES.float64 },
    {
      value: exported.get(name) ?? new Float32Array(),
      tolerance: REFERENCE_TOLERANCES.onnxruntime,
    },
  ];
}
