import { buildForward, buildTrainingStep, type StateArray } from '@alexnet/autodiff';
import { createGraphBuilder, createRandom, createTensor, sizeOf, type Tensor } from '@alexnet/core';
import { encodeModel } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import { pick } from '../pick.ts';
import { createStatefulSession, type StatePlacement } from './create-stateful-session.ts';
import type { OrtModule } from './ort-module.ts';
import { forBlocks, fromRowBlocks, toRowBlocks } from './row-blocks.ts';
import { floats, toTensors } from './state-arrays.ts';

/** Widths of vectors: AVX-512, then AVX2 and NEON. */
const SIZES = [16, 8] as const;
/** Channels and pictures of what is tried: whole blocks of either size. */
const CHANNELS = 16;
/** Of the fully connected layers, each in two parts of whole blocks. */
const WIDTH = 2 * CHANNELS;
const CLOSE = 1e-4;

/**
 * Channels in a block of this runtime's blocked convolutions, on this processor: found by trying them on a
 * small network, and on a step of two fully connected layers, and comparing with the standard operators. A wrong
 * size gives wrong numbers or an error.
 *
 * @returns null, never an error, where there are none
 */
export async function probeBlockedChannels(ort: OrtModule): Promise<number | null> {
  const run = async (size: number | null) => [
    await convolve(ort, size),
    ...(await takeStep(ort, size, 'outputs')),
  ];
  const expected = await run(null).catch(() => null);
  if (!expected) return null;
  for (const size of SIZES) {
    const found = await run(size).catch(() => null);
    if (areClose(found, expected)) return size;
  }
  return null;
}

/**
 * Whether this runtime writes right results where a state is written over stage by stage: tried on the same step.
 *
 * @returns false, never an error, where it does not
 */
export async function probeStages(ort: OrtModule, blockedChannels: number): Promise<boolean> {
  try {
    const expected = await takeStep(ort, blockedChannels, 'outputs');
    return areClose(await takeStep(ort, blockedChannels, 'in-stages'), expected);
  } catch {
    return false;
  }
}

const init = {
  weight: { kind: 'normal', mean: 0, std: 0.1 },
  bias: { kind: 'normal', mean: 0, std: 0.1 },
} as const;

/** The logits of two convolutions, the first of which has as many channels as a picture. */
async function convolve(ort: OrtModule, blockedChannels: number | null): Promise<Float32Array> {
  const graph = createGraphBuilder('probe', [3, 5, 5])
    .conv('conv1', { channels: CHANNELS, kernel: 5, pads: 2, init })
    .conv('conv2', { channels: WIDTH, kernel: 3, pads: 1, init })
    .flatten('flatten')
    .build();
  const { model, parameters } = buildForward(graph, { batchSize: 1, blockedChannels });
  const inputs = [{ name: 'image', shape: [1, 3, 5, 5] }, ...parameters];
  const session = await createSession(ort, encodeModel(model));
  try {
    const feeds = inputs.map(({ name, shape }) => [name, drawTensor(name, shape)] as const);
    const { logits } = await session.run(toTensors(ort, new Map(feeds)));
    return floats(logits);
  } finally {
    await session.release();
  }
}

/** Weights and momenta after a step of layers in parts, the second of which has a gradient of its input. */
async function takeStep(
  ort: OrtModule,
  blockedChannels: number | null,
  placement: StatePlacement,
): Promise<readonly Float32Array[]> {
  const graph = createGraphBuilder('probe', [WIDTH])
    .gemm('fc6', { features: WIDTH, init })
    .gemm('fc7', { features: WIDTH, init })
    .build();
  const { model, image, target, normalizer, scalars, state, loss } = buildTrainingStep(graph, {
    batchSize: CHANNELS,
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0.1 },
    partSize: (WIDTH * WIDTH) / 2,
    blockedChannels,
    inStages: placement === 'in-stages',
  });
  const session = await createStatefulSession({
    ort,
    placement,
    model: { model, state, results: [loss], shapes: { [loss]: [] }, scalar: normalizer },
    state: new Map(state.map((array) => [array.input, drawPart(array)])),
    createSession: (bytes) => createSession(ort, bytes),
  });
  try {
    const feeds = [
      image,
      target,
      ...[normalizer, ...scalars].map((name) => ({ name, shape: [1] })),
    ];
    await session.run(
      toTensors(ort, new Map(feeds.map(({ name, shape }) => [name, drawTensor(name, shape)]))),
    );
    const next = await session.read();
    return state.map((array) => {
      const data = pick(next, array.input).data.slice();
      forBlocks(array, (columns, block) => fromRowBlocks(data, columns, block));
      return data;
    });
  } finally {
    await session.release();
  }
}

/** The same numbers in the same places of a parameter, however it is laid out. */
function drawPart(array: StateArray): Tensor {
  const { parameter, slot, shape, offset } = array;
  const whole = drawTensor(`${parameter}/${slot}`, [WIDTH, WIDTH]);
  const data = whole.data.slice(offset, offset + sizeOf(shape));
  forBlocks(array, (columns, block) => toRowBlocks(data, columns, block));
  return { shape, data };
}

function createSession(ort: OrtModule, model: Uint8Array): Promise<Ort.InferenceSession> {
  return ort.InferenceSession.create(model, { logSeverityLevel: 4 });
}

function drawTensor(name: string, shape: readonly number[]): Tensor {
  const tensor = createTensor(shape);
  createRandom(0).split(name).fillNormal(tensor.data);
  return tensor;
}

function areClose(
  found: readonly Float32Array[] | null,
  expected: readonly Float32Array[],
): boolean {
  return found !== null && expected.every((values, i) => isClose(found[i], values));
}

function isClose(found: Float32Array | undefined, expected: Float32Array): boolean {
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return (
    found?.length === expected.length &&
    found.every((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)) <= CLOSE * largest)
  );
}
