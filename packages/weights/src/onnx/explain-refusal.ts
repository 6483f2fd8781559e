import { type AlexNetError, isAlexNetError } from '@alexnet/core';
import { decodeModel } from '@alexnet/export';
import { findFileLayers } from '../place/file-layers.ts';
import { findFit } from '../place/find-fit.ts';
import { guessOtherNetwork } from '../place/other-networks.ts';
import { refuseMisfit } from '../place/refuse.ts';
import type { FileTensor, LayoutConvention, WeightSource } from '../weight-file.ts';
import { listWeightShapes } from './weight-shapes.ts';

const CONVENTION: LayoutConvention = {
  conv: 'OIHW',
  linear: 'out-in',
  flatten: 'CHW',
  channels: null,
};

/**
 * The error for a graph that is not read and whose weights are another network's: it names the nearest preset and has
 * a table of expected and found.
 *
 * @returns undefined where the weights say nothing about it
 */
export function explainRefusal(
  error: unknown,
  { name, bytes }: WeightSource,
): AlexNetError | undefined {
  if (!isAlexNetError(error) || error.code !== 'UNSUPPORTED') return undefined;
  const tensors = new Map<string, FileTensor>();
  for (const [weight, shape] of listWeightShapes(decodeModel(bytes))) {
    tensors.set(weight, { dtype: 'float32', shape, toFloat32: () => new Float32Array() });
  }
  const { layers } = findFileLayers({ tensors });
  if (layers.length === 0) return undefined;
  const found = findFit(layers, CONVENTION, { isSkipped: () => false });
  if ('fit' in found) return undefined;
  return refuseMisfit(found, {
    source: name,
    other: guessOtherNetwork({ tensors }, layers),
    isChosen: false,
    graphError: error,
  });
}
