import { encodeMeanImage, type Preprocessing } from '@alexnet/core';
import type { Session } from '@alexnet/runtime';
import { expect, test } from 'vitest';
import { makeCheckInput } from './self-check.ts';

const session: Session = {
  info: {
    device: 'wasm',
    deviceReason: '',
    runtime: '',
    version: '',
    threads: 1,
    input: { name: 'image', shape: ['N', 3, 3, 2] },
    output: { name: 'logits', shape: ['N', 2] },
    outputs: [],
  },
  run: async () => new Map(),
  dispose: async () => {},
};

test('a model that is less a mean image is checked with the middle of it', () => {
  const values = Float32Array.from({ length: 3 * 5 * 4 }, (_, i) => 1000 * i);
  const preprocessing: Preprocessing = {
    resize: { mode: 'exact', height: 5, width: 4, filter: 'bilinear', antialias: true },
    crop: { height: 3, width: 2 },
    channels: 'RGB',
    scale: 1,
    mean: encodeMeanImage(values, { height: 5, width: 4 }),
    std: [1, 1, 1],
  };
  const check = makeCheckInput(session, preprocessing);
  expect(check.batchSize).toBe(1);
  // The made-up levels are below 256: a thousand and more is the mean's.
  const means = Array.from(check.values, (value) => Math.ceil(value / -1000));
  expect(means.slice(0, 6)).toEqual([5, 6, 9, 10, 13, 14]);
  expect(means.slice(12, 14)).toEqual([45, 46]);
});
