import type { Preprocessing } from '@alexnet/core';
import type { CaffeNetwork } from './to-graph.ts';

/** Side that Caffe's scripts store pictures at, whatever their aspect. */
const STORED = 256;

/**
 * How a data layer prepares pictures, in our terms: BGR in 0–255, less its mean, times its scale.
 *
 * @returns undefined where the network has no data layer, or one whose mean is in a file
 */
export function caffePreprocessing({ graph, transform }: CaffeNetwork): Preprocessing | undefined {
  const [channels = 0, height = 0, width = 0] = graph.input.shape;
  if (transform?.meanFile !== '' || (channels !== 1 && channels !== 3)) return undefined;
  const { meanValues, scale, cropSize } = transform;
  const [first = 0] = meanValues;
  if (meanValues.length > 1 && meanValues.length !== channels) return undefined;
  const mean = Array.from({ length: channels }, (_, channel) => meanValues[channel] ?? first);
  const side = cropSize > 0 && cropSize < STORED ? STORED : 0;
  return {
    resize: {
      mode: 'exact',
      height: side || height,
      width: side || width,
      filter: 'bilinear',
      antialias: false,
    },
    crop: side > 0 ? { height, width } : null,
    channels: channels === 1 ? 'grey' : 'BGR',
    scale: 1,
    mean,
    // Caffe multiplies after it subtracts.
    std: mean.map(() => 1 / scale),
  };
}
