import { AlexNetError } from '@alexnet/core';
import { toHalves } from '@alexnet/export';
import type { TfjsArray } from './layers-draft.ts';

/** Types that kernels can be made smaller to. */
export const TFJS_QUANTIZATIONS = ['float16', 'uint8', 'uint16'] as const;
export type TfjsQuantization = (typeof TFJS_QUANTIZATIONS)[number];

/** Largest file with weights, as TensorFlow's converter cuts them: browsers cache no larger ones. */
const SHARD_BYTES = 4 * 1024 * 1024;

/** Arrays one behind the other, cut into files of 4 MiB. */
export interface EncodedWeights {
  /** Entries of the manifest. */
  readonly weights: readonly object[];
  readonly shards: readonly Uint8Array[];
}

/**
 * @param quantization - of kernels: halves, or whole numbers between the smallest and the largest of each
 * @see tensorflowjs/quantization.py of github.com/tensorflow/tfjs
 */
export function encodeWeights(
  arrays: readonly TfjsArray[],
  quantization: TfjsQuantization | undefined,
): EncodedWeights {
  const cut = createShards();
  const weights = arrays.map(({ name, isKernel, read }) => {
    const { shape, data } = read();
    const entry = { name, shape, dtype: 'float32' };
    const isSmaller = quantization !== undefined && isKernel;
    const { bytes, ...stored } = isSmaller ? quantize(name, data, quantization) : { bytes: data };
    cut.append(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return { ...entry, ...stored };
  });
  return { weights, shards: cut.finish() };
}

interface Quantized {
  readonly bytes: Uint8Array | Uint16Array;
  readonly quantization: object;
}

function quantize(name: string, data: Float32Array, dtype: TfjsQuantization): Quantized {
  if (dtype === 'float16') {
    const bytes = toHalves(name, data);
    return { bytes, quantization: { dtype, original_dtype: 'float32' } };
  }
  const levels = dtype === 'uint8' ? 2 ** 8 - 1 : 2 ** 16 - 1;
  const { scale, min } = findScale(name, data, levels);
  const bytes = dtype === 'uint8' ? new Uint8Array(data.length) : new Uint16Array(data.length);
  for (let index = 0; index < data.length; index += 1) {
    const stored = Math.round(((data[index] ?? 0) - min) / scale);
    bytes[index] = Math.min(levels, Math.max(0, stored));
  }
  return { bytes, quantization: { dtype, scale, min, original_dtype: 'float32' } };
}

/** number = stored · scale + min, with zero among the numbers that can be stored. */
function findScale(
  name: string,
  data: Float32Array,
  levels: number,
): { readonly scale: number; readonly min: number } {
  let [least, most] = [0, 0];
  for (const value of data) {
    if (!Number.isFinite(value)) {
      throw new AlexNetError('NUMERIC', {
        message: `${name} holds ${value}, which no whole number stands for.`,
        hint: 'Look for the fault in the training, or leave the quantisation out.',
        path: [name],
      });
    }
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const scale = (most - least) / levels || 1;
  return { scale, min: -Math.round(-least / scale) * scale };
}

function createShards() {
  const shards: Uint8Array[] = [];
  let shard = new Uint8Array(SHARD_BYTES);
  let filled = 0;
  return {
    append(bytes: Uint8Array): void {
      for (let from = 0; from < bytes.length; ) {
        const part = bytes.subarray(from, from + SHARD_BYTES - filled);
        shard.set(part, filled);
        from += part.length;
        filled += part.length;
        if (filled < SHARD_BYTES) break;
        shards.push(shard);
        shard = new Uint8Array(SHARD_BYTES);
        filled = 0;
      }
    },
    finish: (): readonly Uint8Array[] =>
      filled > 0 ? [...shards, shard.subarray(0, filled)] : shards,
  };
}
