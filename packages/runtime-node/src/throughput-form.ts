import { AlexNetError, nameFile } from '@alexnet/core';
import { exportOnnx, importOnnx, type ModelFacts } from '@alexnet/export';
import { readOnnxFile } from '@alexnet/export/node';
import type { DeviceChoice } from './device/list-devices.ts';
import type { ModelFile } from './model-file.ts';
import type { WeightsBeside } from './weights-beside.ts';

/**
 * The same network, its convolutions through the Fourier transform: what many pictures at once are quickest in on a
 * CPU. Float32, all weights inside, and all preprocessing outside.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a network that computes in other than float32 · `UNSUPPORTED`,
 *   `INVALID_MODEL` for one that cannot be written anew
 */
export async function toThroughputForm(
  { name, bytes, place }: ModelFile,
  { facts, weights }: { readonly facts: ModelFacts; readonly weights?: WeightsBeside },
): Promise<Uint8Array> {
  const { compute } = facts.precision;
  if (compute !== 'float32') {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${name} computes in ${compute}, and performance "throughput" in float32.`,
      hint: 'Leave performance out, or export the model in float32.',
      path: ['performance'],
    });
  }
  try {
    const model =
      weights && 'folder' in weights && typeof place === 'string'
        ? await readOnnxFile(place)
        : importOnnx(bytes, weights && 'files' in weights ? { externalFiles: weights.files } : {});
    return exportOnnx(model, { convolutions: 'fourier' });
  } catch (error) {
    throw nameFile(error, name);
  }
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` for a performance that there is not, or not on the device */
export function checkPerformance(
  performance: 'latency' | 'throughput',
  device: DeviceChoice,
): void {
  if (performance !== 'latency' && performance !== 'throughput') {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `performance is "${String(performance satisfies never)}".`,
      hint: "Give 'latency' or 'throughput'.",
      path: ['performance'],
    });
  }
  if (performance === 'latency' || device === 'auto' || device === 'cpu') return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `performance "throughput" is for the CPU, and the device asked for is "${device}".`,
    hint: 'Leave one of them out.',
    path: ['performance'],
  });
}
