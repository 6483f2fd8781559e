import { buildForward } from '@alexnet/autodiff';
import { createGraphBuilder, createRandom, createTensor, type Tensor } from '@alexnet/core';
import { encodeModel } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import type { OrtModule } from './ort-module.ts';
import { floats } from './state-arrays.ts';

/** Widths of vectors: AVX-512, then AVX2 and NEON. */
const SIZES = [16, 8] as const;
/** Channels of the network that is tried: whole blocks of either size. */
const CHANNELS = 16;
const CLOSE = 1e-4;

/**
 * Channels in a block of this runtime's blocked convolutions, on this processor: found by trying them on a
 * small network and comparing with the standard operator. A wrong size gives wrong numbers or an error.
 *
 * @returns null, never an error, where there are none
 */
export async function probeBlockedChannels(ort: OrtModule): Promise<number | null> {
  const expected = await runProbe(ort, null).catch(() => null);
  if (!expected) return null;
  for (const size of SIZES) {
    const found = await runProbe(ort, size).catch(() => null);
    if (found && isClose(found, expected)) return size;
  }
  return null;
}

const init = {
  weight: { kind: 'normal', mean: 0, std: 0.1 },
  bias: { kind: 'normal', mean: 0, std: 0.1 },
} as const;

async function runProbe(ort: OrtModule, blockedChannels: number | null): Promise<Float32Array> {
  const graph = createGraphBuilder('probe', [CHANNELS, 5, 5])
    .conv('conv1', { channels: 2 * CHANNELS, kernel: 3, pads: 1, init })
    .flatten('flatten')
    .build();
  const { model, parameters } = buildForward(graph, { batchSize: 1, blockedChannels });
  const session = await ort.InferenceSession.create(encodeModel(model), { logSeverityLevel: 4 });
  try {
    const inputs = [{ name: 'image', shape: [1, CHANNELS, 5, 5] }, ...parameters];
    const feeds = Object.fromEntries(
      inputs.map(({ name, shape }) => [name, toOrt(ort, drawTensor(name, shape))]),
    );
    const { logits } = await session.run(feeds);
    return floats(logits);
  } finally {
    await session.release();
  }
}

function drawTensor(name: string, shape: readonly number[]): Tensor {
  const tensor = createTensor(shape);
  createRandom(0).split(name).fillNormal(tensor.data);
  return tensor;
}

function toOrt(ort: OrtModule, { data, shape }: Tensor): Ort.Tensor {
  return new ort.Tensor('float32', data, shape);
}

function isClose(found: Float32Array, expected: Float32Array): boolean {
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return (
    found.length === expected.length &&
    found.every((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)) <= CLOSE * largest)
  );
}
