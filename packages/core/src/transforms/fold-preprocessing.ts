import { AlexNetError } from '../errors.ts';
import { isMeanImage } from '../model/mean-image.ts';
import type { Model } from '../model/model.ts';
import { foldIntoReaders } from './fold-affine.ts';

/**
 * Folds mean, std and scale into the first layer, so that the network takes pixels from 0 to 255 as they are:
 *
 *   w'[o,c,…] = w[o,c,…] · scale / std[c],  b'[o] = b[o] − Σ w[o,c,…] · mean[c] / std[c]
 *
 * The metadata's preprocessing then has scale 1, mean 0 and std 1. Exact but for float32 rounding.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` if the first convolution pads and the mean is not 0: padding is
 *   zero after the mean was subtracted, which in raw pixels is the mean and not zero; if another layer than a
 *   convolution or a fully connected one reads the picture; or if the mean is each picture's own or an image.
 *   `INVALID_MODEL` for a preprocessing that does not fit the input.
 */
export function foldPreprocessing(model: Model): Model {
  const { graph, metadata } = model;
  const { scale, std } = metadata.preprocessing;
  const mean = checkPreprocessing(model);
  const affine = {
    factor: std.map((value) => scale / value),
    shift: std.map((value, channel) => 0 - (mean[channel] ?? 0) / value),
  };
  const isIdentity =
    affine.factor.every((value) => value === 1) && affine.shift.every((value) => value === 0);
  if (isIdentity) return model;
  const result = foldIntoReaders(model, graph.input.name, affine);
  if (!result.ok) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `The preprocessing cannot be folded into ${graph.name}: ${result.reason}.`,
      hint: result.isPadding
        ? 'After preprocessing, zero padding stands for the mean; in raw pixels it would be black. Leave the preprocessing in the metadata: every runtime applies it.'
        : 'Leave the preprocessing in the metadata: every runtime applies it.',
      path: [result.layer],
    });
  }
  return {
    ...result.model,
    metadata: {
      ...metadata,
      preprocessing: {
        ...metadata.preprocessing,
        scale: 1,
        mean: mean.map(() => 0),
        std: std.map(() => 1),
      },
    },
  };
}

/** @returns the means */
function checkPreprocessing({ graph, metadata }: Model): readonly number[] {
  const { scale, mean, std } = metadata.preprocessing;
  const [channels = 0] = graph.input.shape;
  if (mean === 'picture' || isMeanImage(mean)) {
    const reason = isMeanImage(mean)
      ? 'its mean is an image, and weights are the same at every place'
      : "its mean is each picture's own, which no weight knows";
    throw new AlexNetError('UNSUPPORTED', {
      message: `The preprocessing cannot be folded into ${graph.name}: ${reason}.`,
      hint: 'Leave the preprocessing in the metadata: every runtime applies it.',
      path: [graph.input.name],
    });
  }
  if (mean.length !== channels || std.length !== channels) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `The preprocessing has ${mean.length} means and ${std.length} deviations, but ${graph.input.name} has ${channels} channels.`,
      hint: 'The preprocessing needs one number of each for every channel.',
      path: [graph.input.name],
    });
  }
  const isUsable = Number.isFinite(scale) && std.every((value) => Number.isFinite(1 / value));
  if (isUsable && mean.every(Number.isFinite)) return mean;
  throw new AlexNetError('INVALID_MODEL', {
    message: `The preprocessing divides by std [${std.join(', ')}] and multiplies by ${scale}: that gives no finite numbers.`,
    hint: 'Every std has to be a number other than 0.',
  });
}
