import { AlexNetError, isMeanImage, type Preprocessing, type Shape } from '@alexnet/core';
import type { OnnxBuilder, Value } from '../builder.ts';
import { DataType } from '../proto/messages.ts';
import type { Dimension } from '../value-info.ts';
import { addFraming } from './add-framing.ts';
import { addMeanImage, type MeanImageOptions } from './add-mean-image.ts';
import { PREPROCESSED, PreprocessingScope } from './preprocessing-scope.ts';

/** What of the preprocessing a file does itself: all behind the crop, or the resize and the crop as well. */
export type Embedding = 'preprocessing' | 'resize';

export interface EmbedOptions {
  /** Name of the file's input. */
  readonly input: string;
  /** [C, H, W] that the network reads. */
  readonly shape: Shape;
  readonly batch: Dimension;
  readonly embed: Embedding;
  readonly preprocessing: Preprocessing;
}

/**
 * Adds an input of bytes, and what makes the network's input of it.
 *
 * Shape: uint8 [N, H, W, 3], red first → float32 [N, C, H, W]
 *
 * @returns the value that the network reads
 * @throws AlexNetError `INVALID_ARGUMENT` if there is nothing that could be resized; `UNSUPPORTED` for a mean image
 *   whose place on the picture the file does not see
 */
export function addPreprocessing(builder: OnnxBuilder, options: EmbedOptions): Value {
  const { input, shape, batch, embed, preprocessing } = options;
  const [, height = 0, width = 0] = shape;
  const isAnySize = embed === 'resize';
  const size: readonly Dimension[] = isAnySize ? ['H', 'W'] : [height, width];
  const bytes = builder.input(input, 'uint8', [batch, ...size, 3]);
  const scope = new PreprocessingScope(builder);
  const planes = scope.op('planes', 'Transpose', [bytes], { perm: { ints: [0, 3, 1, 2] } });
  const pixels = scope.op('pixels', 'Cast', [planes], { to: { i: DataType.float } });
  if (isAnySize) checkFraming(preprocessing);
  const framed = isAnySize
    ? addFraming(scope, { pixels, bytes, preprocessing, size: [height, width] })
    : { pixels, sides: null };
  const ordered = orderChannels(scope, framed.pixels, preprocessing.channels);
  const normal = normalize(scope, ordered, {
    preprocessing,
    size: { height, width },
    sides: framed.sides,
  });
  return builder.op('Identity', [normal], {}, { name: PREPROCESSED, output: PREPROCESSED });
}

/** ITU-R 601-2 in units of 2⁻¹⁶, as Pillow has it; sums stay below 2²⁴, so that float32 is exact. */
const GREY_WEIGHTS = [19595, 38470, 7471] as const;
const GREY_BITS = 16;

function orderChannels(
  scope: PreprocessingScope,
  pixels: Value,
  channels: Preprocessing['channels'],
): Value {
  const { builder } = scope;
  switch (channels) {
    case 'RGB':
      return pixels;
    case 'BGR':
      return scope.op('BGR', 'Gather', [pixels, builder.ints(2, 1, 0)], { axis: { i: 1 } });
    default: {
      const weights = builder.constant(Float32Array.from(GREY_WEIGHTS), [1, 3, 1, 1]);
      const half = builder.constant(Float32Array.of(2 ** (GREY_BITS - 1)));
      const kernel = { kernel_shape: { ints: [1, 1] } };
      const sum = scope.op('grey-sum', 'Conv', [pixels, weights, half], kernel);
      const unit = builder.scalar(2 ** -GREY_BITS);
      return scope.op('grey', 'Floor', [scope.op('grey-share', 'Mul', [sum, unit])]);
    }
  }
}

/** (value · scale − mean) / std; steps that change nothing are left out. */
function normalize(scope: PreprocessingScope, pixels: Value, options: MeanImageOptions): Value {
  const { builder } = scope;
  const { scale, mean, std } = options.preprocessing;
  const perChannel = (values: readonly number[]) =>
    builder.constant(Float32Array.from(values), [values.length, 1, 1]);
  const scaled = scalePixels(scope, pixels, scale);
  const centred = () => {
    if (mean === 'picture')
      return scope.op('centred', 'Sub', [scaled, addPictureMean(scope, scaled)]);
    if (isMeanImage(mean)) {
      return scope.op('centred', 'Sub', [scaled, addMeanImage(scope, mean, options)]);
    }
    if (mean.every((value) => value === 0)) return scaled;
    return scope.op('centred', 'Sub', [scaled, perChannel(mean)]);
  };
  const value = centred();
  if (std.every((spread) => spread === 1)) return value;
  return scope.op('normal', 'Div', [value, perChannel(std)]);
}

/** Divided where the scale is one of a whole number, as 1/255: that rounds once. */
function scalePixels(scope: PreprocessingScope, pixels: Value, scale: number): Value {
  if (scale === 1) return pixels;
  const divisor = Math.round(1 / scale);
  const { builder } = scope;
  if (1 / divisor === scale) return scope.op('scaled', 'Div', [pixels, builder.scalar(divisor)]);
  return scope.op('scaled', 'Mul', [pixels, builder.scalar(scale)]);
}

/** One number for each picture: the mean of its channels' means, which are of as many pixels each. */
function addPictureMean(scope: PreprocessingScope, values: Value): Value {
  // ReduceMean takes its axes as an attribute until operator set 17, as an operand since; these two never changed.
  const planes = scope.op('channel-means', 'GlobalAveragePool', [values]); // [N, C, 1, 1]
  const turned = scope.op('means-side-by-side', 'Transpose', [planes], {
    perm: { ints: [0, 2, 1, 3] },
  });
  return scope.op('mean', 'GlobalAveragePool', [turned]); // [N, 1, 1, 1]
}

function checkFraming({ resize, crop }: Preprocessing): void {
  if (resize.mode !== 'none' || crop !== null) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: 'embed is "resize", but the preprocessing neither resizes pictures nor cuts them.',
    hint: 'Use embed: "preprocessing": pictures of the network’s own size.',
    path: ['embed'],
  });
}
