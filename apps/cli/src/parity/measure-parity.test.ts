import { AlexNetError, createModel, type Tensor } from '@alexnet/core';
import { expect, test } from 'vitest';
import { interpreter } from './interpreter.ts';
import { measureParity, type ParityRow } from './measure-parity.ts';
import type { Measurement, ParityRuntime, ParitySubject } from './runtime.ts';

const model = createModel('cifar-relu', { seed: 3, inputSize: 16, widthMultiplier: 0.25 });
const [channels = 3, height = 32, width = 32] = model.graph.input.shape;
const size = channels * height * width;
const input: Tensor = {
  shape: [2, channels, height, width],
  data: Float32Array.from({ length: 2 * size }, (_, i) => Math.sin(i)),
};
const subject: ParitySubject = {
  name: 'model.onnx',
  model,
  bytes: new Uint8Array(),
  precision: { compute: 'float32', weights: 'float32' },
  embedded: null,
  inputName: 'image',
  takesBytes: false,
  input,
  fileInput: input,
  batchSize: 2,
  taps: ['conv3', 'pool3', 'logits'].map((name) => ({ name, output: name })),
};

/** A runtime that is right, but for what is done to its values. */
function planted(spoil: (found: Measurement) => Measurement): ParityRuntime {
  return {
    id: 'planted',
    title: 'planted',
    device: 'abacus',
    tolerance: { share: 1e-5, reason: 'sums round' },
    measure: async (...args) => spoil(await interpreter.measure(...args)),
  };
}

function changeTap(name: string, change: (value: number, index: number) => number) {
  return planted((found) => {
    const values = Array.from(found.outputs.get(name) ?? []).map(change);
    return { ...found, outputs: new Map([...found.outputs, [name, values]]) };
  });
}

async function measure(
  runtime: ParityRuntime,
  options: { readonly share?: number; readonly subject?: ParitySubject } = {},
): Promise<ParityRow | undefined> {
  const { subject: given = subject, ...rest } = options;
  const rows = await measureParity(given, [interpreter, runtime], {
    settings: { python: null },
    ...rest,
  });
  expect(rows[0]).toMatchObject({ state: 'ran', runtime: 'interpreter', passed: true });
  return rows[1];
}

test('a runtime that is right passes', async () => {
  const row = await measure(planted((found) => found));
  expect(row).toMatchObject({ passed: true, maxRelativeError: 0, top1Agreement: 1 });
});

test('one that rounds otherwise passes within its tolerance, and not within a smaller one', async () => {
  const rounded = changeTap('logits', (value) => value * (1 + 1e-6));
  expect(await measure(rounded)).toMatchObject({ passed: true });
  expect(await measure(rounded, { share: 1e-9 })).toMatchObject({
    passed: false,
    tolerance: { share: 1e-9 },
  });
});

test.each(['conv3', 'pool3', 'logits'])('one wrong value at %s fails', async (tap) => {
  const row = await measure(changeTap(tap, (value, i) => (i === 7 ? value + 1 : value)));
  expect(row).toMatchObject({ state: 'ran', passed: false });
  const wrong = row?.state === 'ran' ? row.taps.filter((one) => one.maxRelativeError > 0) : [];
  expect(wrong.map(({ name }) => name)).toEqual([tap]);
});

test('a network upside down fails, and agrees on no picture', async () => {
  const row = await measure(changeTap('logits', (value) => -value));
  expect(row).toMatchObject({ passed: false, top1Agreement: 0 });
});

test('not a number fails', async () => {
  expect(await measure(changeTap('logits', () => Number.NaN))).toMatchObject({ passed: false });
});

test('no output fails', async () => {
  const row = await measure(planted((found) => ({ ...found, outputs: new Map() })));
  expect(row).toMatchObject({ state: 'failed', passed: false });
});

test('a file that computes in halves is given what halves need', async () => {
  const halves = changeTap('logits', (value) => value * (1 + 1e-3));
  const precision = { compute: 'float16', weights: 'float16' } as const;
  expect(await measure(halves)).toMatchObject({ passed: false });
  expect(await measure(halves, { subject: { ...subject, precision } })).toMatchObject({
    passed: true,
    tolerance: { share: 1e-2 },
  });
});

test('one that is not there is no failure, and says what to do', async () => {
  const row = await measure(
    planted(() => {
      throw new AlexNetError('MISSING_DEPENDENCY', { message: 'No abacus.', hint: 'Buy one.' });
    }),
  );
  expect(row).toEqual({
    state: 'not run',
    runtime: 'planted',
    device: 'abacus',
    reason: 'No abacus.',
    remedy: 'Buy one.',
    passed: true,
  });
});

test('one that breaks is a failure', async () => {
  const row = await measure(
    planted(() => {
      throw new Error('The beads fell off.');
    }),
  );
  expect(row).toMatchObject({ state: 'failed', reason: 'The beads fell off.', passed: false });
});
