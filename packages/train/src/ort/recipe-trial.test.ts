import type { ConvolutionLayer } from '@alexnet/autodiff';
import { decodeModel } from '@alexnet/export';
import * as ortCommon from 'onnxruntime-common';
import { expect, test } from 'vitest';
import type { OrtModule } from './ort-module.ts';
import { measureRecipe } from './recipe-trial.ts';

const extent = { batch: 32, channels: 64, height: 13, width: 13 };
const LAYER: ConvolutionLayer = {
  name: 'conv3',
  geometry: {
    x: extent,
    dy: extent,
    kernel: [3, 3],
    strides: [1, 1],
    pads: [1, 1, 1, 1],
    group: 1,
  },
  wanted: { data: true, weight: true },
};

/**
 * A runtime whose runs move a clock on by what their operators cost.
 *
 * @param paceOf - what the n-th timed moment multiplies every cost by
 */
function playRuntime(costs: Readonly<Record<string, number>>, paceOf = (_run: number) => 1) {
  let nowMs = 0;
  let runs = 0;
  let open = 0;
  let mostOpen = 0;
  const create = async (bytes: Uint8Array) => {
    const { node } = decodeModel(bytes).graph;
    const costMs = node.reduce((sum, { opType }) => sum + (costs[opType] ?? 0), 1);
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    return {
      run: async () => {
        nowMs += costMs * paceOf(runs);
        runs += 1;
        return {};
      },
      release: async () => {
        open -= 1;
      },
    };
  };
  const ort: unknown = { ...ortCommon, InferenceSession: { create } };
  return {
    options: {
      ort: ort as OrtModule,
      blockedChannels: null,
      clock: { now: () => nowMs, pause: async () => {} },
    },
    openSessions: () => ({ open, mostOpen }),
  };
}

test('goes by the clock', async () => {
  const slowProducts = playRuntime({ MatMul: 100, Conv: 1, ConvTranspose: 2 });
  expect(await measureRecipe(LAYER, slowProducts.options)).toEqual({
    forward: 'direct',
    data: 'turned',
    weight: 'columns',
  });
  const slowConvolutions = playRuntime({ Conv: 1000, Gather: 1000 });
  expect(await measureRecipe(LAYER, slowConvolutions.options)).toEqual({
    forward: 'fourier',
    data: 'fourier',
    weight: 'fourier',
  });
});

test('a machine that is slower from a moment on is so for both sides', async () => {
  for (let moment = 0; moment < 40; moment += 5) {
    const { options } = playRuntime({ Conv: 20, Gather: 20 }, (run) => (run < moment ? 1 : 3));
    expect(await measureRecipe(LAYER, options)).toMatchObject({ forward: 'fourier' });
  }
});

test('never has more than two sessions, and none in the end', async () => {
  const { options, openSessions } = playRuntime({ Conv: 5, MatMul: 5 });
  await measureRecipe(LAYER, options);
  expect(openSessions()).toEqual({ open: 0, mostOpen: 2 });
});
